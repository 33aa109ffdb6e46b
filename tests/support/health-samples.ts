/** Health, breakers and the journal as the API tells of them, made up for tests. */
import {
  type Breaker,
  type ComponentHealth,
  type DeepHealth,
  HEALTH_COMPONENTS,
  HEALTH_STATUSES,
  type JournalStatus,
} from '../../src-contract/index.ts';
import { at } from './worker-samples.ts';

type ComponentName = ComponentHealth['component'];

export function sampleComponent(component: ComponentName, given: Partial<ComponentHealth> = {}): ComponentHealth {
  const { status = 'healthy' } = given;
  return {
    component,
    status,
    latency_ms: 0.4,
    detail: status === 'healthy' ? 'well' : 'connection refused',
    since: at(-3_600_000),
    last_error: null,
    advice: status === 'healthy' ? null : 'Start it.',
    ...given,
  };
}

/** All components; those that are given as they are given. */
export function sampleDeepHealth(given: Partial<Record<ComponentName, Partial<ComponentHealth>>> = {}): DeepHealth {
  const components = HEALTH_COMPONENTS.map((component) => sampleComponent(component, given[component]));
  const worst = Math.max(...components.map(({ status }) => HEALTH_STATUSES.indexOf(status)));
  return {
    status: HEALTH_STATUSES[worst] ?? 'healthy',
    version: '1.2.3',
    started_at: at(-3_600_000),
    checked_at: at(0),
    components,
  };
}

export function sampleBreaker(given: Partial<Breaker> = {}): Breaker {
  return {
    name: 'redis',
    service: 'redis',
    in_use: true,
    enabled: true,
    state: { state: 'closed', failures: 0 },
    threshold: 5,
    reset_seconds: 5,
    changed: [],
    probe: true,
    counts: { succeeded: 10, failed: 0, refused: 0, crowded: 0, retried: 0 },
    calls: { running: 0, waiting: 0, most_running: 1000, most_waiting: 4000 },
    ...given,
  };
}

export function sampleJournal(given: Partial<JournalStatus> = {}): JournalStatus {
  const empty = { waiting: 0, oldest_at: null, away_since: null, error: null };
  return { database: empty, sessions: empty, refused: 0, bytes: 0, max_bytes: 1000, ...given };
}

/** Everything is wrong, in these words. */
export function illHealth(text: string): DeepHealth {
  const ill = { status: 'unhealthy', detail: text, advice: text, last_error: { message: text, at: at(0) } } as const;
  const { components, ...rest } = sampleDeepHealth();
  return { ...rest, status: 'unhealthy', components: components.map((each) => ({ ...each, ...ill })) };
}

export const SAMPLE_WEBHOOK = '0197a4c2-0000-7000-8000-00000000abcd';

/** One is open, that of a webhook is isolated, for reasons in these words. */
export const trippedBreakers = (text: string): Breaker[] => [
  sampleBreaker({ state: { state: 'open', since: at(0), until: at(0), error: text } }),
  sampleBreaker({
    name: `webhook:${SAMPLE_WEBHOOK}`,
    service: 'webhook',
    state: { state: 'isolated', since: at(0), by: text, reason: text },
  }),
];
