/** Observability put together: figures, their history, and how everything is. */
import type { Database as SqliteDatabase } from 'better-sqlite3';
import type { Logger } from 'pino';
import type { CurrentMetrics, MetricHistory as History, ParsedInputs } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import { SettledEvents } from '../events/settled-events.ts';
import type { Database } from '../storage/database.ts';
import { type CheckSources, engineChecks } from './health/engine-checks.ts';
import { HealthChecks } from './health/health-checks.ts';
import { MetricHistory } from './history/metric-history.ts';
import type { MetricPeriod } from './history/period.ts';
import { SampleStore } from './history/sample-store.ts';
import { Sampler } from './history/sampler.ts';
import { Collectors } from './metrics/collectors.ts';
import { type CollectorSources, engineCollectors } from './metrics/engine-collectors.ts';
import { Metrics } from './metrics/metrics.ts';
import { ProcessWatch } from './metrics/process-watch.ts';
import { Recorder } from './recorder.ts';
import { shared } from './shared-answers.ts';

/** There from the beginning, so that whatever is made next can tell of itself. */
export interface Figures {
  metrics: Metrics;
  recorder: Recorder;
}

export function createFigures(version: string): Figures {
  const metrics = new Metrics(version);
  return { metrics, recorder: new Recorder(metrics) };
}

/** What the API and the server ask for. */
export interface MetricsService {
  /** Counts the calls of routes. */
  readonly recorder: Pick<Recorder, 'called'>;
  current(): CurrentMetrics;
  series(input: ParsedInputs['metrics']['series']): Promise<History>;
  /** All of a period as one. */
  period(window: { from_ms: number; to_ms: number }): Promise<MetricPeriod>;
  /** Everything in the exposition format of Prometheus. */
  exposition(): Promise<{ contentType: string; text: string }>;
}

export interface ObservabilityDeps extends Omit<CheckSources, 'eventLog' | 'database' | 'subscribers'> {
  subscribers: CheckSources['subscribers'] & CollectorSources['subscribers'];
  figures: Figures;
  database: Database;
  held: CollectorSources['held'];
  writes: CollectorSources['writes'];
  history: SqliteDatabase;
  feed: Pick<CheckSources['eventLog'], 'listening'>;
  /** It goes on for longer than one command: samples are taken. */
  isLasting: boolean;
  version: string;
  clock: Clock;
  logger: Logger;
}

export interface Observability {
  health: HealthChecks;
  metrics: MetricsService;
  stop(): Promise<void>;
}

export function createObservability(deps: ObservabilityDeps): Observability {
  const { figures, database, clock, logger, version, breakers, deadLetters, workers } = deps;
  const { metrics, recorder } = figures;
  breakers.onTransition((service, state) => metrics.count('archon_breaker_transitions_total', { service, state }));
  const process = new ProcessWatch(metrics);
  const sources = {
    ...deps,
    process,
    deadLetters: { open: shared((scope) => deadLetters.open(scope)) },
    workers: workers && { health: shared((scope) => workers.health(scope)) },
  };
  const collectors = new Collectors({ metrics, logger, collectors: engineCollectors(metrics, sources) });
  const store = new SampleStore(deps.history);
  const eventLog = {
    look: () => new SettledEvents(database).look(),
    get listening() {
      return deps.feed.listening;
    },
  };
  const health = new HealthChecks({
    checks: engineChecks({ ...sources, eventLog }),
    clock,
    version,
    onChecked: (components) => {
      for (const { component, status } of components) {
        metrics.setState('archon_health_status', 'status', { component, status });
      }
    },
  });
  // Looked at also while nobody asks, so that alerts and `since` are true.
  const refresh = async () => {
    await Promise.all([collectors.refresh(), health.deep()]);
  };
  const sampler = new Sampler({ metrics, collectors: { refresh }, recorder, store, clock, logger });
  const history = new MetricHistory({ store, sampler, collectors, clock });
  if (deps.isLasting) {
    process.start();
    sampler.start();
  }
  return {
    health,
    metrics: {
      recorder,
      current: () => history.current(),
      series: (input) => history.series(input),
      period: (window) => history.period(window),
      exposition: async () => {
        await collectors.refresh();
        return { contentType: metrics.contentType, text: await metrics.text() };
      },
    },
    stop: async () => {
      process.stop();
      await sampler.stop();
    },
  };
}
