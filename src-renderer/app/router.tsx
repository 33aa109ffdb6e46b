/** Pages of the app. Filters, tabs and what is open live in the URL, so that a place can be gone back to. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { memorySearch } from '../features/memory/memory-search.ts';
import { SkeletonRows } from '../ui/states.tsx';
import { AppFrame } from './AppFrame.tsx';
import { NotFoundView, ViewError } from './ViewError.tsx';

const rootRoute = createRootRoute({ component: AppFrame, notFoundComponent: NotFoundView });

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/memory', replace: true });
  },
});

export const memoryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/memory',
  validateSearch: memorySearch,
  component: lazyRouteComponent(() => import('../features/memory/views/MemoryPage.tsx'), 'MemoryPage'),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([homeRoute, memoryRoute]),
  defaultPreload: 'intent',
  defaultPendingComponent: SkeletonRows,
  defaultErrorComponent: ({ error, reset }: ErrorComponentProps) => <ViewError error={error} reset={reset} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
