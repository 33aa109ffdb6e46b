/** Where every entry of the log goes: secrets out, an id on, then to the terminal, the file and the newest in memory. */
import type { JsonObject } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import type { LogRedaction } from '../log-redaction.ts';
import type { LevelControl } from './level-control.ts';
import { idAt, parseObject } from './log-record.ts';
import type { LogRing } from './log-ring.ts';
import type { RotatingFile, WriteFailure } from './rotating-file.ts';

export interface LogSinkDeps {
  redaction: LogRedaction;
  level: LevelControl;
  ring: LogRing;
  file: RotatingFile | undefined;
  /** Shows the line at once, such as at the terminal. */
  print: ((line: string) => void) | undefined;
  clock: Clock;
}

/** A destination of pino. */
export class LogSink {
  readonly #deps: LogSinkDeps;
  #last_id: number;

  constructor(deps: LogSinkDeps) {
    this.#deps = deps;
    this.#last_id = deps.ring.complete_after;
  }

  write(json: string): void {
    // Pino writes these first: what is not logged should cost nothing more.
    const [, level, time] = /^\{"level":(\d+),"time":(\d+)/.exec(json) ?? [];
    if (level === undefined || time === undefined || !this.#deps.level.takes(Number(level))) return;
    const entry = parseObject(json);
    const of = { level: Number(level), time: Number(time) };
    if (entry) this.#keep({ ...of, said: saidIn(entry, of.level, of.time) });
  }

  #keep(entry: Entry): void {
    const { file, print } = this.#deps;
    const line = this.#remember(entry);
    print?.(line);
    if (file === undefined) return;
    const was = file.failure;
    const isWritten = file.write(line, (failure) => this.#remember(missing(failure, this.#deps.clock)));
    if (isWritten || was !== undefined) return;
    // The file cannot say it: whoever looks now should know.
    const warning = this.#remember(cannotWrite(file.failure, this.#deps.clock));
    print?.(warning);
  }

  /** @returns the line that is kept */
  #remember({ level, time, said }: Entry): string {
    const { redaction, ring } = this.#deps;
    this.#last_id = Math.max(this.#last_id + 1, idAt(time));
    const fields = { id: this.#last_id, level, time, ...redaction.entry(said) };
    const line = `${JSON.stringify(fields)}\n`;
    ring.add({ id: this.#last_id, level, time, fields }, line.length);
    return line;
  }
}

/** What is said, before it is kept. */
interface Entry {
  level: number;
  time: number;
  said: JsonObject;
}

/** Of two members of one name, the one that was said comes last, and is what was parsed: it is kept under another name. */
function saidIn(entry: JsonObject, level: number, time: number): JsonObject {
  const { id, level: saidLevel, time: saidTime, ...said } = entry;
  if (id !== undefined) said.id_ = id;
  if (saidLevel !== undefined && saidLevel !== level) said.level_ = saidLevel;
  if (saidTime !== undefined && saidTime !== time) said.time_ = saidTime;
  return said;
}

const told = (level: number, clock: Clock, msg: string): Entry => ({
  level,
  time: clock.now(),
  said: { component: 'observability', msg },
});

function missing({ lost, since_ms, reason }: WriteFailure, clock: Clock): Entry {
  const since = new Date(since_ms).toISOString();
  const entries = lost === 1 ? '1 entry is' : `${lost} entries are`;
  return told(40, clock, `the log can be written again: ${entries} missing in it since ${since} (${reason})`);
}

function cannotWrite(failure: WriteFailure | undefined, clock: Clock): Entry {
  return told(40, clock, `the log file cannot be written (${failure?.reason ?? 'unknown'}); Archon goes on without it`);
}
