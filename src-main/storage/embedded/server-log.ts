/** Sorts the lines of PostgreSQL's server log by level, and drops those that may quote private content. */
import type { LogLevel } from './worker-messages.ts';

const LINE = /^\d{4}-\d\d-\d\d \S+ \S+ \[\d+\] ([A-Z]+\d?): {2}(.*)$/s;
const LEVELS: Record<string, LogLevel> = {
  PANIC: 'error',
  FATAL: 'error',
  ERROR: 'warn',
  WARNING: 'warn',
  LOG: 'debug',
};
/** How many fatal lines are kept to explain why the server could not start or had to stop: the first tell why. */
const REMEMBERED = 5;

export class ServerLog {
  readonly #emit: (level: LogLevel, line: string) => void;
  readonly #fatal: string[] = [];
  #in_statement = false;

  constructor(emit: (level: LogLevel, line: string) => void) {
    this.#emit = emit;
  }

  /** The first lines of level FATAL and PANIC. */
  get fatal(): readonly string[] {
    return this.#fatal;
  }

  add(line: string): void {
    const [, severity = '', text = ''] = LINE.exec(line) ?? [];
    // A statement may hold what a user wrote, over several lines; only the first carries the label.
    if (severity !== '') this.#in_statement = severity === 'STATEMENT';
    if (this.#in_statement) return;
    const level = severity === 'LOG' && /recover|redo/.test(text) ? 'info' : (LEVELS[severity] ?? 'debug');
    if (level === 'error' && this.#fatal.length < REMEMBERED) this.#fatal.push(`${severity}: ${text}`);
    this.#emit(level, severity === '' ? line : text);
  }
}
