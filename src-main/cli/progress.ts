/** How far a long job is: a bar on a terminal, a line now and then in a log. */

import type { Clock } from '../clock.ts';
import { formatBytes, formatSeconds } from '../units.ts';
import type { TerminalStream } from './output.ts';

export interface ProgressState {
  /** What is happening, such as "importing". */
  label: string;
  done: number;
  /** Null when nobody knows. */
  total: number | null;
  records?: number;
}

/** Milliseconds between two drawings of the bar, and between two lines of a log. */
const DRAW_MS = 100;
const LOG_MS = 5000;
const BAR_WIDTH = 24;
const CLEAR_LINE = '\r\u001b[2K';

export class Progress {
  readonly #stream: TerminalStream;
  readonly #clock: Clock;
  readonly #began: number;
  #last = Number.NEGATIVE_INFINITY;
  #drawn = false;

  constructor(stream: TerminalStream, clock: Clock) {
    this.#stream = stream;
    this.#clock = clock;
    this.#began = clock.now();
  }

  update(state: ProgressState): void {
    const now = this.#clock.now();
    const pause = this.#stream.isTTY ? DRAW_MS : LOG_MS;
    if (now - this.#last < pause) return;
    this.#last = now;
    const text = describe(state, now - this.#began, this.#stream.isTTY === true);
    if (this.#stream.isTTY) {
      this.#stream.write(CLEAR_LINE + text.slice(0, (this.#stream.columns ?? 80) - 1));
      this.#drawn = true;
    } else {
      this.#stream.write(`${text}\n`);
    }
  }

  /** Takes the bar away. */
  finish(): void {
    if (this.#drawn) this.#stream.write(CLEAR_LINE);
    this.#drawn = false;
  }
}

function describe(state: ProgressState, elapsed_ms: number, withBar: boolean): string {
  const parts = [state.label];
  const perSecond = elapsed_ms > 0 ? (state.done / elapsed_ms) * 1000 : 0;
  if (state.total === null || state.total === 0) {
    parts.push(formatBytes(state.done));
  } else {
    const share = Math.min(1, state.done / state.total);
    const filled = Math.round(share * BAR_WIDTH);
    if (withBar) parts.push(`[${'█'.repeat(filled)}${'░'.repeat(BAR_WIDTH - filled)}]`);
    parts.push(`${Math.floor(share * 100)} %`, `${formatBytes(state.done)} of ${formatBytes(state.total)}`);
  }
  if (state.records !== undefined) parts.push(`${state.records.toLocaleString('en')} records`);
  if (perSecond > 0) parts.push(`${formatBytes(perSecond)}/s`);
  if (perSecond > 0 && state.total !== null && state.done < state.total) {
    parts.push(`${formatSeconds((state.total - state.done) / perSecond)} left`);
  }
  return parts.join('  ');
}
