import { useRouterState } from '@tanstack/react-router';

/** The user whose memory is looked at, as the router reads the URL: an id may look like a number. */
export function useUserInView(): string | undefined {
  return useRouterState({
    select: ({ location }) => {
      const { user } = location.search as { user?: unknown };
      return user === undefined ? undefined : String(user);
    },
  });
}
