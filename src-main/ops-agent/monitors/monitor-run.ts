/** A monitor as it is asked: each of its looks within its time, and never again before it has answered. */
import type { OpsObservation, OpsSignalName, OpsStatus } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Look, Monitor } from './monitor.ts';

export type MonitorStatus = OpsStatus['monitors'][number];

type Outcome =
  | { kind: 'told'; observations: OpsObservation[] }
  | { kind: 'failed'; error: string }
  | { kind: 'late'; seconds: number };

interface Asking {
  answer: Promise<Outcome>;
  /** By a clock that only grows. */
  began_ms: number;
}

/** Characters of what is said to be wrong. */
const ERROR_LENGTH = 1000;

export interface MonitorFindings {
  observations: OpsObservation[];
  status: MonitorStatus;
}

export class MonitorRun {
  readonly #monitor: Monitor;
  readonly #clock: Clock;
  /** What was asked and has not answered, by organisation. */
  readonly #asking = new Map<Look, Map<string, Asking>>();

  constructor(monitor: Monitor, clock: Clock) {
    this.#monitor = monitor;
    this.#clock = clock;
  }

  /** How it is before it was asked. */
  get unasked(): MonitorStatus {
    const { monitor, title } = this.#monitor;
    return { monitor, title, state: 'not_yet', at: null, duration_ms: null, error: null, observations: 0 };
  }

  /** Asks these of its looks. Never rejects, and takes no longer than the monitor may. */
  async observe(scope: Scope, looks: readonly Look[]): Promise<MonitorFindings> {
    const began_ms = performance.now();
    const outcomes = await this.#askAll(scope, looks);
    const duration_ms = Math.round(performance.now() - began_ms);
    const observations = outcomes.flatMap((outcome) => (outcome.kind === 'told' ? outcome.observations : []));
    const { monitor, title } = this.#monitor;
    return {
      observations,
      status: {
        monitor,
        title,
        state: stateOf(outcomes),
        at: isoTime(this.#clock.now()),
        duration_ms,
        error: errorOf(looks, outcomes),
        observations: observations.length,
      },
    };
  }

  async #askAll(scope: Scope, looks: readonly Look[]): Promise<Outcome[]> {
    const over = Promise.withResolvers<void>();
    const timer = setTimeout(over.resolve, this.#monitor.timeout_ms);
    try {
      return await Promise.all(looks.map((look) => this.#askOne(scope, look, over.promise)));
    } finally {
      clearTimeout(timer);
    }
  }

  async #askOne(scope: Scope, look: Look, over: Promise<void>): Promise<Outcome> {
    const { answer, began_ms } = this.#asked(scope, look);
    const late = over.then((): Outcome => ({ kind: 'late', seconds: (performance.now() - began_ms) / 1000 }));
    return await Promise.race([answer, late]);
  }

  /** What was asked already and has not answered, or asked now: those who wait would be ever more. */
  #asked(scope: Scope, look: Look): Asking {
    const all = this.#asking.get(look) ?? new Map<string, Asking>();
    this.#asking.set(look, all);
    const before = all.get(scope.org_id);
    if (before !== undefined) return before;
    const asking = { answer: answerOf(look, scope), began_ms: performance.now() };
    all.set(scope.org_id, asking);
    void asking.answer.then(() => all.delete(scope.org_id));
    return asking;
  }
}

async function answerOf(look: Look, scope: Scope): Promise<Outcome> {
  try {
    const told = await look.ask(scope);
    // Nothing that is no number: it could be compared with nothing.
    return { kind: 'told', observations: told.filter(({ value }) => Number.isFinite(value)) };
  } catch (error) {
    return { kind: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}

function stateOf(outcomes: readonly Outcome[]): MonitorStatus['state'] {
  const kinds = new Set(outcomes.map(({ kind }) => kind));
  return kinds.has('late') ? 'timed_out' : kinds.has('failed') ? 'failed' : 'ok';
}

/** What went wrong, each once, and with which signals. */
function errorOf(looks: readonly Look[], outcomes: readonly Outcome[]): string | null {
  const signals = new Map<string, OpsSignalName[]>();
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind === 'told') continue;
    const reason =
      outcome.kind === 'failed' ? outcome.error : `no answer for ${Math.max(1, Math.round(outcome.seconds))} s`;
    signals.set(reason, [...(signals.get(reason) ?? []), ...(looks[i]?.signals ?? [])]);
  }
  if (signals.size === 0) return null;
  return [...signals]
    .map(([reason, names]) => `${names.join(', ')}: ${reason}`)
    .join('; ')
    .slice(0, ERROR_LENGTH);
}
