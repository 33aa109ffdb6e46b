/** One component of the deep health: asked within a limit, and remembered since when it is how it is. */
import type { ComponentHealth } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';

export interface Finding {
  status: ComponentHealth['status'];
  /** Where nothing is said, how long it took to find out. */
  latency_ms?: number;
  /** What it is, or what is wrong. */
  detail: string;
  /** What to do; for a component that is well, nothing. */
  advice?: string;
}

export interface Check {
  component: ComponentHealth['component'];
  /** What to do when it fails or does not answer, and says nothing of that itself. */
  advice: string;
  ask(): Promise<Finding> | Finding;
}

export class ComponentCheck {
  readonly #check: Check;
  readonly #clock: Clock;
  readonly #limit_ms: number;
  /** What was asked and has not answered: nothing else is asked before it has, or those who wait would be ever more. */
  #asking: { answer: Promise<Finding>; began_ms: number } | undefined;
  #status: ComponentHealth['status'] | undefined;
  #since: string;
  #last_error: ComponentHealth['last_error'] = null;

  constructor(check: Check, clock: Clock, limit_ms: number) {
    this.#check = check;
    this.#clock = clock;
    this.#limit_ms = limit_ms;
    this.#since = isoTime(clock.now());
  }

  get component(): ComponentHealth['component'] {
    return this.#check.component;
  }

  /** How it is now. Never fails, and answers within the limit. */
  async run(): Promise<ComponentHealth> {
    const began_ms = performance.now();
    const finding = await this.#find();
    const { status, detail, advice } = finding;
    const now = isoTime(this.#clock.now());
    if (status !== this.#status) {
      this.#since = now;
      this.#status = status;
    }
    if (status !== 'healthy') this.#last_error = { message: detail, at: now };
    return {
      component: this.component,
      status,
      latency_ms: finding.isLate ? null : (finding.latency_ms ?? performance.now() - began_ms),
      detail,
      since: this.#since,
      last_error: this.#last_error,
      advice: status === 'healthy' ? null : (advice ?? this.#check.advice),
    };
  }

  async #find(): Promise<Finding & { isLate?: boolean }> {
    this.#asking ??= this.#begin();
    const { answer, began_ms } = this.#asking;
    const late = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => late.resolve('late'), this.#limit_ms);
    try {
      const found = await Promise.race([answer, late.promise]);
      if (found !== 'late') return found;
      const seconds = Math.max(1, Math.round((performance.now() - began_ms) / 1000));
      return { status: 'unhealthy', detail: `no answer for ${seconds} s`, isLate: true };
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      return { status: 'unhealthy', detail, isLate: true };
    } finally {
      clearTimeout(timer);
    }
  }

  #begin(): { answer: Promise<Finding>; began_ms: number } {
    // In a function of its own: a check may throw before its first await.
    const answer = (async () => this.#check.ask())();
    const end = () => {
      this.#asking = undefined;
    };
    answer.then(end, end);
    return { answer, began_ms: performance.now() };
  }
}
