/** How everything is, asked at once; whoever asks within a second gets the same answer, so that polling costs nothing. */
import type { ComponentHealth, DeepHealth } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { type Check, ComponentCheck } from './component-check.ts';

/** Milliseconds. */
export interface HealthTuning {
  /** How long a component may take to say how it is. */
  limit: number;
  /** How long an answer is given again. */
  fresh: number;
}

const TUNING: HealthTuning = { limit: 1900, fresh: 900 };

/** What memory needs to work. */
const MEMORY: readonly ComponentHealth['component'][] = ['database', 'sessions', 'data_folder', 'session_outbox'];
const EVENTS: readonly ComponentHealth['component'][] = ['database', 'event_log', 'delivery', 'session_outbox'];

export class HealthChecks {
  readonly #checks: readonly ComponentCheck[];
  readonly #clock: Clock;
  readonly #version: string;
  readonly #started_at: string;
  readonly #tuning: HealthTuning;
  readonly #elapsed: () => number;
  readonly #onChecked: (components: readonly ComponentHealth[]) => void;
  #known: { at_ms: number; health: DeepHealth } | undefined;
  #asking: Promise<DeepHealth> | undefined;

  /** @param deps.elapsed milliseconds of a steady clock */
  constructor(deps: {
    checks: readonly Check[];
    clock: Clock;
    version: string;
    elapsed?: () => number;
    tuning?: Partial<HealthTuning>;
    onChecked?: (components: readonly ComponentHealth[]) => void;
  }) {
    this.#tuning = { ...TUNING, ...deps.tuning };
    this.#clock = deps.clock;
    this.#checks = deps.checks.map((check) => new ComponentCheck(check, deps.clock, this.#tuning.limit));
    this.#version = deps.version;
    this.#started_at = isoTime(deps.clock.now());
    this.#elapsed = deps.elapsed ?? (() => performance.now());
    this.#onChecked = deps.onChecked ?? (() => {});
  }

  /** Asks nothing, so that it answers whatever is away. */
  live(): { status: 'ok'; version: string } {
    return { status: 'ok', version: this.#version };
  }

  async deep(): Promise<DeepHealth> {
    if (this.#known !== undefined && this.#elapsed() - this.#known.at_ms < this.#tuning.fresh)
      return this.#known.health;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    return await this.#asking;
  }

  async memory(): Promise<DeepHealth> {
    return this.#only(await this.deep(), MEMORY);
  }

  async events(): Promise<DeepHealth> {
    return this.#only(await this.deep(), EVENTS);
  }

  async #ask(): Promise<DeepHealth> {
    const components = await Promise.all(this.#checks.map((check) => check.run()));
    const health = {
      status: overall(components),
      version: this.#version,
      started_at: this.#started_at,
      checked_at: isoTime(this.#clock.now()),
      components,
    };
    this.#known = { at_ms: this.#elapsed(), health };
    this.#onChecked(components);
    return health;
  }

  #only(health: DeepHealth, wanted: readonly ComponentHealth['component'][]): DeepHealth {
    const components = health.components.filter(({ component }) => wanted.includes(component));
    return { ...health, status: overall(components), components };
  }
}

/** Without the database there is no memory; without anything else there is less of it. */
function overall(components: readonly ComponentHealth[]): DeepHealth['status'] {
  if (components.some(({ component, status }) => component === 'database' && status === 'unhealthy'))
    return 'unhealthy';
  return components.every(({ status }) => status === 'healthy') ? 'healthy' : 'degraded';
}
