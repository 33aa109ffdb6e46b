/** The settings as the engine has them: read again when somebody changes one. */
import { useQuery, useQueryClient } from '@tanstack/react-query';
import type { Setting } from '../../../../../src-contract/index.ts';
import { api } from '../../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';

export const inputOf = (user_id: string | undefined) => (user_id === undefined ? {} : { user_id });

export function useSettings(user_id: string | undefined) {
  useSettingsNews();
  return useQuery(api.settings.list.queryOptions({ input: inputOf(user_id), staleTime: 0 }));
}

/** Has everything about settings read again after a change, whoever made it. */
export function useSettingsNews(): void {
  const queryClient = useQueryClient();
  const readAgain = () => void queryClient.invalidateQueries({ queryKey: api.settings.key() });
  useEvents((event) => {
    if (event.type === 'settings.changed') readAgain();
  });
  useEventGaps(readAgain);
}

/** What the engine answered a change with is shown at once; the rest is read again. */
export function useTakeSettings(user_id: string | undefined): (items: readonly Setting[]) => Promise<void> {
  const queryClient = useQueryClient();
  return async (items) => {
    const { queryKey } = api.settings.list.queryOptions({ input: inputOf(user_id) });
    // An answer from before the change must not come after it.
    await queryClient.cancelQueries({ queryKey });
    const changed = new Map(items.map((item) => [item.key, item]));
    queryClient.setQueryData(queryKey, (before) =>
      before === undefined
        ? undefined
        : { ...before, items: before.items.map((item) => changed.get(item.key) ?? item) },
    );
    void queryClient.invalidateQueries({ queryKey: api.settings.key() });
  };
}
