/** Pages of the app. Filters, tabs and what is open live in the URL, so that a place can be gone back to. */
import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  redirect,
} from '@tanstack/react-router';
import { deadLettersSearch } from '../features/events/dead-letters/dead-letters-search.ts';
import { feedSearch } from '../features/events/feed/feed-search.ts';
import { subscribersSearch } from '../features/events/subscribers/subscribers-search.ts';
import { webhooksSearch } from '../features/events/webhooks/webhooks-search.ts';
import { memorySearch } from '../features/memory/memory-search.ts';
import { healthSearch } from '../features/observability/health/health-search.ts';
import { logsSearch } from '../features/observability/logs/logs-search.ts';
import { metricsSearch } from '../features/observability/metrics/metrics-search.ts';
import { actionsSearch } from '../features/ops-agent/actions/actions-search.ts';
import { alertsSearch } from '../features/ops-agent/alerts/alerts-search.ts';
import { channelsSearch } from '../features/ops-agent/channels/channels-search.ts';
import { recommendationsSearch } from '../features/ops-agent/recommendations/recommendations-search.ts';
import { reportsSearch } from '../features/ops-agent/reports/reports-search.ts';
import { rulesSearch } from '../features/ops-agent/rules/rules-search.ts';
import { statusSearch } from '../features/ops-agent/status/status-search.ts';
import { connectionsSearch } from '../features/settings/connections/connections-search.ts';
import { settingsSearch } from '../features/settings/form/settings-search.ts';
import { settingsHistorySearch } from '../features/settings/history/history-search.ts';
import { workersSearch } from '../features/workers/workers-search.ts';
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

const memoryRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/memory',
  validateSearch: memorySearch,
  component: lazyRouteComponent(() => import('../features/memory/views/MemoryPage.tsx'), 'MemoryPage'),
});

const eventsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/events',
  component: lazyRouteComponent(() => import('../features/events/views/EventsLayout.tsx'), 'EventsLayout'),
});

const feedRoute = createRoute({
  getParentRoute: () => eventsRoute,
  path: '/',
  validateSearch: feedSearch,
  component: lazyRouteComponent(() => import('../features/events/feed/FeedView.tsx'), 'FeedView'),
});

const subscribersRoute = createRoute({
  getParentRoute: () => eventsRoute,
  path: 'subscribers',
  validateSearch: subscribersSearch,
  component: lazyRouteComponent(() => import('../features/events/subscribers/SubscribersView.tsx'), 'SubscribersView'),
});

const deadLettersRoute = createRoute({
  getParentRoute: () => eventsRoute,
  path: 'dead-letters',
  validateSearch: deadLettersSearch,
  component: lazyRouteComponent(() => import('../features/events/dead-letters/DeadLettersView.tsx'), 'DeadLettersView'),
});

const webhooksRoute = createRoute({
  getParentRoute: () => eventsRoute,
  path: 'webhooks',
  validateSearch: webhooksSearch,
  component: lazyRouteComponent(() => import('../features/events/webhooks/WebhooksView.tsx'), 'WebhooksView'),
});

const workersRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/workers',
  validateSearch: workersSearch,
  component: lazyRouteComponent(() => import('../features/workers/WorkersPage.tsx'), 'WorkersPage'),
});

const observabilityRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/observability',
  component: lazyRouteComponent(
    () => import('../features/observability/views/ObservabilityLayout.tsx'),
    'ObservabilityLayout',
  ),
});

const healthRoute = createRoute({
  getParentRoute: () => observabilityRoute,
  path: '/',
  validateSearch: healthSearch,
  component: lazyRouteComponent(() => import('../features/observability/health/HealthView.tsx'), 'HealthView'),
});

const metricsRoute = createRoute({
  getParentRoute: () => observabilityRoute,
  path: 'metrics',
  validateSearch: metricsSearch,
  component: lazyRouteComponent(() => import('../features/observability/metrics/MetricsView.tsx'), 'MetricsView'),
});

const logsRoute = createRoute({
  getParentRoute: () => observabilityRoute,
  path: 'logs',
  validateSearch: logsSearch,
  component: lazyRouteComponent(() => import('../features/observability/logs/LogsView.tsx'), 'LogsView'),
});

const opsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/ops-agent',
  component: lazyRouteComponent(() => import('../features/ops-agent/views/OpsAgentLayout.tsx'), 'OpsAgentLayout'),
});

const opsStatusRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: '/',
  validateSearch: statusSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/status/StatusView.tsx'), 'StatusView'),
});

const opsAlertsRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'alerts',
  validateSearch: alertsSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/alerts/AlertsView.tsx'), 'AlertsView'),
});

const opsActionsRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'actions',
  validateSearch: actionsSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/actions/ActionsView.tsx'), 'ActionsView'),
});

const opsRulesRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'rules',
  validateSearch: rulesSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/rules/RulesView.tsx'), 'RulesView'),
});

const opsChannelsRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'channels',
  validateSearch: channelsSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/channels/ChannelsView.tsx'), 'ChannelsView'),
});

const opsRecommendationsRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'recommendations',
  validateSearch: recommendationsSearch,
  component: lazyRouteComponent(
    () => import('../features/ops-agent/recommendations/RecommendationsView.tsx'),
    'RecommendationsView',
  ),
});

const opsReportsRoute = createRoute({
  getParentRoute: () => opsRoute,
  path: 'reports',
  validateSearch: reportsSearch,
  component: lazyRouteComponent(() => import('../features/ops-agent/reports/ReportsView.tsx'), 'ReportsView'),
});

const setupRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/setup',
  component: lazyRouteComponent(() => import('../features/setup/SetupPage.tsx'), 'SetupPage'),
});

const settingsPageRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/views/SettingsLayout.tsx'), 'SettingsLayout'),
});

const settingsRoute = createRoute({
  getParentRoute: () => settingsPageRoute,
  path: '/',
  validateSearch: settingsSearch,
  component: lazyRouteComponent(() => import('../features/settings/form/SettingsView.tsx'), 'SettingsView'),
});

const connectionsRoute = createRoute({
  getParentRoute: () => settingsPageRoute,
  path: 'connections',
  validateSearch: connectionsSearch,
  component: lazyRouteComponent(
    () => import('../features/settings/connections/ConnectionsView.tsx'),
    'ConnectionsView',
  ),
});

const archivesRoute = createRoute({
  getParentRoute: () => settingsPageRoute,
  path: 'archives',
  component: lazyRouteComponent(() => import('../features/settings/archives/ArchivesView.tsx'), 'ArchivesView'),
});

const doctorRoute = createRoute({
  getParentRoute: () => settingsPageRoute,
  path: 'doctor',
  component: lazyRouteComponent(() => import('../features/settings/doctor/DoctorView.tsx'), 'DoctorView'),
});

const settingsHistoryRoute = createRoute({
  getParentRoute: () => settingsPageRoute,
  path: 'history',
  validateSearch: settingsHistorySearch,
  component: lazyRouteComponent(
    () => import('../features/settings/history/SettingsHistoryView.tsx'),
    'SettingsHistoryView',
  ),
});

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    homeRoute,
    memoryRoute,
    eventsRoute.addChildren([feedRoute, subscribersRoute, deadLettersRoute, webhooksRoute]),
    workersRoute,
    setupRoute,
    observabilityRoute.addChildren([healthRoute, metricsRoute, logsRoute]),
    opsRoute.addChildren([
      opsStatusRoute,
      opsAlertsRoute,
      opsActionsRoute,
      opsRulesRoute,
      opsChannelsRoute,
      opsRecommendationsRoute,
      opsReportsRoute,
    ]),
    settingsPageRoute.addChildren([settingsRoute, connectionsRoute, archivesRoute, doctorRoute, settingsHistoryRoute]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: SkeletonRows,
  defaultErrorComponent: ({ error, reset }: ErrorComponentProps) => <ViewError error={error} reset={reset} />,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
