/** How much is logged: as configured, or otherwise for a while, so that nobody forgets it. */
import type { LogLevel, LogLevelState } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import { levelNumber } from './log-record.ts';

type Level = LogLevel | 'silent';
type State = { kind: 'configured' } | { kind: 'changed'; level: Level; from_ms: number; until_ms: number };

const MINUTE_MS = 60_000;

export class LevelControl {
  #configured: Level;
  readonly #clock: Clock;
  #state: State = { kind: 'configured' };

  constructor(configured: Level, clock: Clock) {
    this.#configured = configured;
    this.#clock = clock;
  }

  /** Whether entries of this number of pino are logged now. */
  takes(number: number): boolean {
    return number >= levelNumber(this.#now().level);
  }

  state(): LogLevelState {
    const now = this.#now();
    return {
      level: now.level,
      configured: this.#configured,
      until: now.until_ms === null ? null : new Date(now.until_ms).toISOString(),
    };
  }

  /** The configuration changed; what was chosen for a while goes before. */
  configure(level: Level): void {
    this.#configured = level;
  }

  /** @param level null: as configured again */
  set(level: Level | null, minutes: number): LogLevelState {
    const from_ms = this.#clock.now();
    this.#state =
      level === null
        ? { kind: 'configured' }
        : { kind: 'changed', level, from_ms, until_ms: from_ms + minutes * MINUTE_MS };
    return this.state();
  }

  #now(): { level: Level; until_ms: number | null } {
    // Looked at with each entry: no timer has to outlive anything.
    if (this.#state.kind === 'changed' && !this.#isIn(this.#state)) this.#state = { kind: 'configured' };
    return this.#state.kind === 'changed' ? this.#state : { level: this.#configured, until_ms: null };
  }

  /** A clock that was set back would make the while a long one: then it is over as well. */
  #isIn({ from_ms, until_ms }: { from_ms: number; until_ms: number }): boolean {
    const now_ms = this.#clock.now();
    return now_ms >= from_ms && now_ms < until_ms;
  }
}
