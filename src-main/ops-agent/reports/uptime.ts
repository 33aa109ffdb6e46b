/**
 * Uptime, outages and the time to mend, from recorded rounds.
 *
 * Each round speaks for the time before it. Of the time that no round speaks for nothing is known: it counts neither as
 * up nor as down, an outage goes on over it when it is still there after it, and how long such an outage took is not told.
 */
import type { LoggedRound } from '../records/round-log.ts';
import type { Period } from './period.ts';

/** Less than this between two rounds is a clock that is not exact, no gap. */
const GAP_MS = 1000;
/** A component is down from this level on. */
const UNHEALTHY = 2;
/** The memory is up when none of these is unhealthy: without the others it still takes and gives memories. */
const NEEDED: ReadonlySet<string> = new Set(['database', 'data_folder']);

/** How one thing was over the time. */
export class UpAndDown {
  up_ms = 0;
  down_ms = 0;
  outages = 0;
  /** Of the longest outage, as far as it was seen. */
  longest_ms = 0;
  /** Of each outage that was seen from its beginning to its end. */
  readonly mended_ms: number[] = [];
  #outage: { ms: number; seen_whole: boolean } | undefined;
  #before: 'up' | 'down' | 'unknown' = 'unknown';

  add(state: 'up' | 'down' | 'unknown', ms: number): void {
    if (state === 'down') this.#down(ms);
    else if (state === 'up') this.#up(ms);
    else if (this.#outage) this.#outage.seen_whole = false;
    this.#before = state;
  }

  get uptime_percent(): number | null {
    const known_ms = this.up_ms + this.down_ms;
    return known_ms > 0 ? (100 * this.up_ms) / known_ms : null;
  }

  /** Mean time from the outage to its end. */
  get mttr_seconds(): number | null {
    const count = this.mended_ms.length;
    return count > 0 ? this.mended_ms.reduce((sum, ms) => sum + ms, 0) / count / 1000 : null;
  }

  #down(ms: number): void {
    if (this.#outage === undefined) {
      this.outages += 1;
      this.#outage = { ms: 0, seen_whole: this.#before === 'up' };
    }
    this.#outage.ms += ms;
    this.down_ms += ms;
    this.longest_ms = Math.max(this.longest_ms, this.#outage.ms);
  }

  #up(ms: number): void {
    if (this.#outage?.seen_whole) this.mended_ms.push(this.#outage.ms);
    this.#outage = undefined;
    this.up_ms += ms;
  }
}

/** Takes the rounds of a period one after the other, oldest first. */
export class Uptime {
  readonly memory = new UpAndDown();
  readonly components = new Map<string, UpAndDown>();
  recorded_ms = 0;
  readonly #period: Period;
  #until_ms: number;

  constructor(period: Period) {
    this.#period = period;
    this.#until_ms = period.from_ms;
  }

  /** @returns milliseconds of the period that the round speaks for, which no other did */
  add({ at_ms, covered_ms, observations }: LoggedRound): number {
    const end_ms = Math.min(at_ms, this.#period.to_ms);
    // A clock that was set back has rounds speak for the same time twice.
    const begin_ms = Math.max(at_ms - covered_ms, this.#until_ms);
    if (begin_ms - this.#until_ms > GAP_MS) this.#gap();
    this.#until_ms = Math.max(this.#until_ms, end_ms);
    if (end_ms <= begin_ms) return 0;
    const ms = end_ms - begin_ms;
    this.recorded_ms += ms;
    this.#note(levelsOf(observations), ms);
    return ms;
  }

  #note(levels: ReadonlyMap<string, number>, ms: number): void {
    for (const component of levels.keys()) {
      if (!this.components.has(component)) this.components.set(component, new UpAndDown());
    }
    for (const [component, tally] of this.components) tally.add(stateOf(levels.get(component)), ms);
    const needed = [...levels].filter(([component]) => NEEDED.has(component)).map(([, level]) => level);
    this.memory.add(stateOf(needed.length === 0 ? undefined : Math.max(...needed)), ms);
  }

  #gap(): void {
    for (const tally of [this.memory, ...this.components.values()]) tally.add('unknown', 0);
  }
}

/** The worst of what the processes see of each component. */
function levelsOf(observations: LoggedRound['observations']): Map<string, number> {
  const levels = new Map<string, number>();
  for (const { signal, labels, value } of observations) {
    const { component } = labels;
    if (signal !== 'component_status' || component === undefined) continue;
    levels.set(component, Math.max(value, levels.get(component) ?? 0));
  }
  return levels;
}

function stateOf(level: number | undefined): 'up' | 'down' | 'unknown' {
  if (level === undefined) return 'unknown';
  return level >= UNHEALTHY ? 'down' : 'up';
}
