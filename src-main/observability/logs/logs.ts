/** The log of this process: what is said goes in by its logger, and comes out as a list, as it happens, and as files. */
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { z } from 'zod';
import {
  LOG_COMPONENTS,
  type LogLevel,
  type LogLevelState,
  type LogTailItem,
  type Outputs,
  type ParsedInputs,
} from '../../../src-contract/index.ts';
import { type Clock, systemClock } from '../../clock.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import { LogRedaction } from '../log-redaction.ts';
import { LevelControl } from './level-control.ts';
import { lastIdOf, logFileNames, readBackwards } from './log-files.ts';
import { matcher } from './log-filter.ts';
import { entryOf, idAt, type LogRecord } from './log-record.ts';
import { LogRing, type RingLimits } from './log-ring.ts';
import { LogSink } from './log-sink.ts';
import { type TailOptions, tail } from './log-tail.ts';
import { RotatingFile } from './rotating-file.ts';

export interface LogFileOptions {
  folder: string;
  name: string;
  max_bytes: number;
  files: number;
}

export interface LogsOptions {
  level: LogLevel | 'silent';
  /** Values that must never be in it. */
  secrets?: readonly string[];
  /** Without one, it is in memory alone. */
  file?: LogFileOptions;
  print?: (line: string) => void;
  clock?: Clock;
  ring?: Partial<RingLimits>;
}

const LIST = 'logs';
const position = z.object({ before: z.int().min(0) });
/** What one page looks through at most, so that a rare word does not keep a caller waiting, nor the process busy. */
const MAX_PAGE_BYTES = 4 * 1024 ** 2;

export class Logs {
  readonly logger: Logger;
  readonly redaction: LogRedaction;
  readonly file: LogFileOptions | undefined;
  readonly #ring: LogRing;
  readonly #level: LevelControl;
  readonly #rotating: RotatingFile | undefined;

  constructor({ level, secrets = [], file, print, clock = systemClock, ring = {} }: LogsOptions) {
    this.redaction = new LogRedaction(secrets);
    this.file = file;
    const last_id = (file && lastId(file)) ?? idAt(clock.now());
    this.#ring = new LogRing({ last_id, limits: ring });
    this.#level = new LevelControl(level, clock);
    this.#rotating = file && new RotatingFile(file, clock);
    const sink = new LogSink({
      redaction: this.redaction,
      level: this.#level,
      ring: this.#ring,
      file: this.#rotating,
      print,
      clock,
    });
    // Loggers keep the level they were made with; all is let through here, so that it can be changed in the sink.
    this.logger = pino({ level: 'trace', timestamp: () => `,"time":${clock.now()}` }, sink);
  }

  /** The configuration changed: what is given holds from now on. Secrets that were known stay known. */
  configure(given: {
    level?: LogLevel | 'silent' | undefined;
    file?: Pick<LogFileOptions, 'max_bytes' | 'files'> | undefined;
    secrets?: readonly string[] | undefined;
  }): void {
    if (given.level !== undefined) this.#level.configure(given.level);
    if (given.file !== undefined) this.#rotating?.limit(given.file);
    if (given.secrets !== undefined) this.redaction.hide(given.secrets);
  }

  async list(input: ParsedInputs['logs']['list']): Promise<Outputs['logs']['list']> {
    const { cursor, limit, ...filter } = input;
    const start = cursor === undefined ? Number.POSITIVE_INFINITY : decodeCursor(LIST, cursor, position).before;
    // No entry has a smaller id than its time, so none before is of interest.
    const floor = filter.from === undefined ? 0 : idAt(Date.parse(filter.from));
    const page = new Page(matcher(filter), limit);
    const isEnd = await this.#read(
      page,
      filter.to === undefined ? start : Math.min(start, idAt(Date.parse(filter.to))),
      floor,
    );
    return {
      items: page.found.map((record) => entryOf({ ...record, fields: this.redaction.entry(record.fields) })),
      next_cursor: isEnd || page.last_id === undefined ? null : encodeCursor(LIST, { before: page.last_id }),
      looked_at: page.looked_at,
      broken: page.broken,
    };
  }

  /** Follows from this moment on, or from an entry; ends with the signal. */
  tail(options: TailOptions): AsyncGenerator<LogTailItem, void> {
    return tail(this.#ring, options);
  }

  components(): Outputs['logs']['components'] {
    const counts = new Map(this.#ring.counts().map((count) => [count.component, count]));
    const names = new Set<string>([...LOG_COMPONENTS, ...counts.keys()]);
    return {
      items: [...names].map((component) => counts.get(component) ?? { component, entries: 0, warnings: 0, errors: 0 }),
    };
  }

  level(): LogLevelState {
    return this.#level.state();
  }

  setLevel(level: LogLevel | null, minutes: number): LogLevelState {
    return this.#level.set(level, minutes);
  }

  /** @returns whether there is nothing further back */
  async #read(page: Page, start: number, floor: number): Promise<boolean> {
    let before = start;
    for (const record of this.#ring.before(start)) {
      if (record.id < floor) return true;
      page.look(record);
      before = record.id;
      if (page.isFull) return false;
    }
    if (this.file === undefined) return true;
    let bytes = 0;
    for await (const piece of readBackwards(this.file.folder, this.file.name, before)) {
      page.broken += piece.broken;
      for (const record of piece.records) {
        if (record.id < floor) return true;
        page.look(record);
        if (page.isFull) return false;
      }
      bytes += piece.bytes;
      // Where nothing is an entry, there is no id to go on from.
      if (bytes >= MAX_PAGE_BYTES && page.last_id !== undefined) return false;
    }
    return true;
  }
}

/** Of the newest file that has one: the process may have been killed between two files. */
function lastId({ folder, name }: LogFileOptions): number | undefined {
  for (const file of logFileNames(folder, name)) {
    const id = lastIdOf(join(folder, file));
    if (id !== undefined) return id;
  }
  return undefined;
}

/** A page that fills as entries are looked at, newest first. */
class Page {
  readonly found: LogRecord[] = [];
  readonly #matches: (record: LogRecord) => boolean;
  readonly #limit: number;
  last_id: number | undefined;
  looked_at = 0;
  broken = 0;

  constructor(matches: (record: LogRecord) => boolean, limit: number) {
    this.#matches = matches;
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.found.length >= this.#limit;
  }

  look(record: LogRecord): void {
    this.looked_at += 1;
    this.last_id = record.id;
    if (this.#matches(record)) this.found.push(record);
  }
}
