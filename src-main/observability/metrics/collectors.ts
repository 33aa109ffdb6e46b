/**
 * Figures that must be asked for, such as what waits in the queues: asked for when somebody wants them, at most every few
 * seconds however many do, and for a second at most.
 *
 * A collector that fails or is late takes its figures out and says so in `archon_collector_up`: an old figure that looks
 * new would be a lie, and the others are there all the same.
 */
import type { Logger } from 'pino';
import { type CollectorName, METRICS, type MetricDefinition, type MetricOfType } from './metric-definitions.ts';
import type { Metrics } from './metrics.ts';

/** Sets the gauges of a collector. */
export type Collect = () => Promise<void> | void;

/** Milliseconds. */
export interface CollectorTuning {
  /** How long figures are used before they are asked for again. */
  fresh: number;
  /** How long an answer is waited for. */
  limit: number;
}

const TUNING: CollectorTuning = { fresh: 5000, limit: 1000 };

interface Collector {
  name: CollectorName;
  collect: Collect;
  gauges: readonly MetricOfType<'gauge'>[];
  /** What runs: until it ends, no other is begun. */
  running: Promise<Outcome> | undefined;
  /** Of a steady clock. */
  asked_at_ms: number;
  error: string | undefined;
  /** Nobody waits any more for what runs. */
  isLate: boolean;
  /** The log knows that its figures are missing. */
  isTold: boolean;
}

type Outcome = { ok: true } | { ok: false; error: string };

export interface CollectorState {
  collector: CollectorName;
  up: boolean;
  error: string | null;
}

export class Collectors {
  readonly #metrics: Metrics;
  readonly #logger: Logger;
  readonly #tuning: CollectorTuning;
  readonly #elapsed: () => number;
  readonly #collectors: Collector[];

  /** @param deps.elapsed milliseconds of a steady clock */
  constructor(deps: {
    metrics: Metrics;
    logger: Logger;
    collectors: Partial<Record<CollectorName, Collect>>;
    elapsed?: () => number;
    tuning?: Partial<CollectorTuning>;
  }) {
    this.#metrics = deps.metrics;
    this.#logger = deps.logger;
    this.#tuning = { ...TUNING, ...deps.tuning };
    this.#elapsed = deps.elapsed ?? (() => performance.now());
    this.#collectors = Object.entries(deps.collectors).map(([name, collect]) => ({
      name: name as CollectorName,
      collect,
      gauges: gaugesOf(name),
      running: undefined,
      asked_at_ms: Number.NEGATIVE_INFINITY,
      error: undefined,
      isLate: false,
      isTold: false,
    }));
  }

  /** Resolves when every figure is fresh, or is known to be missing. Never fails. */
  async refresh(): Promise<void> {
    await Promise.all(this.#collectors.map((collector) => this.#refresh(collector)));
  }

  /** How the collectors were when they were last asked. */
  states(): CollectorState[] {
    return this.#collectors.map(({ name, error }) => ({
      collector: name,
      up: error === undefined,
      error: error ?? null,
    }));
  }

  async #refresh(collector: Collector): Promise<void> {
    if (collector.running === undefined) {
      if (this.#elapsed() - collector.asked_at_ms < this.#tuning.fresh) return;
      collector.asked_at_ms = this.#elapsed();
      collector.isLate = false;
      collector.running = this.#run(collector);
    }
    const late: Outcome = { ok: false, error: `no answer within ${this.#tuning.limit} ms` };
    const outcome = await within(this.#tuning.limit, collector.running, late);
    if (outcome !== late) return;
    collector.isLate = true;
    this.#tell(collector, late);
  }

  /** Also an answer that came late is told: its figures are there from then on. */
  async #run(collector: Collector): Promise<Outcome> {
    const outcome = await outcomeOf(collector.collect);
    collector.running = undefined;
    this.#tell(collector, outcome);
    return outcome;
  }

  #tell(collector: Collector, outcome: Outcome): void {
    const { name, gauges } = collector;
    this.#metrics.set('archon_collector_up', { collector: name }, outcome.ok ? 1 : 0);
    collector.error = outcome.ok ? undefined : outcome.error;
    if (outcome.ok) {
      // One that is late every time is not back: the log would be told of both, every few seconds.
      if (!collector.isTold || collector.isLate) return;
      collector.isTold = false;
      this.#logger.info({ collector: name }, 'figures are there again');
      return;
    }
    for (const gauge of gauges) this.#metrics.forget(gauge);
    // Told once: what is away is told of elsewhere too.
    if (collector.isTold) return;
    collector.isTold = true;
    this.#logger.warn({ collector: name, error: outcome.error }, 'figures are missing');
  }
}

function gaugesOf(collector: string): MetricOfType<'gauge'>[] {
  return Object.entries<MetricDefinition>(METRICS)
    .filter(([, definition]) => definition.type === 'gauge' && definition.collector === collector)
    .map(([name]) => name as MetricOfType<'gauge'>);
}

async function outcomeOf(collect: Collect): Promise<Outcome> {
  try {
    await collect();
    return { ok: true };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}

async function within(limit_ms: number, outcome: Promise<Outcome>, late: Outcome): Promise<Outcome> {
  const limit = Promise.withResolvers<Outcome>();
  const timer = setTimeout(() => limit.resolve(late), limit_ms);
  try {
    return await Promise.race([outcome, limit.promise]);
  } finally {
    clearTimeout(timer);
  }
}
