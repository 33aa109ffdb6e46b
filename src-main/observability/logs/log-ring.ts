/** The newest entries in memory, and who follows them. */
import { componentOf, type LogRecord } from './log-record.ts';

export interface RingLimits {
  entries: number;
  bytes: number;
}
const LIMITS: RingLimits = { entries: 5000, bytes: 8 * 1024 ** 2 };

export interface ComponentCount {
  component: string;
  entries: number;
  warnings: number;
  errors: number;
}

/** Dropped entries that stay until the rest is copied. */
const COPY_EVERY = 500;

interface Kept {
  record: LogRecord;
  bytes: number;
}

export class LogRing {
  readonly #limits: RingLimits;
  readonly #followers = new Set<(record: LogRecord) => void>();
  /** Oldest first; those before `#first` are dropped already. */
  #kept: (Kept | undefined)[] = [];
  #first = 0;
  #bytes = 0;
  /** The last id that was dropped, or that was written before this ring was there. */
  #dropped_id: number;

  constructor({ last_id = 0, limits = {} }: { last_id?: number; limits?: Partial<RingLimits> } = {}) {
    this.#limits = { ...LIMITS, ...limits };
    this.#dropped_id = last_id;
  }

  /** Nothing after it is missing. */
  get complete_after(): number {
    return this.#dropped_id;
  }

  add(record: LogRecord, bytes: number): void {
    this.#kept.push({ record, bytes });
    this.#bytes += bytes;
    while (this.#kept.length - this.#first > this.#limits.entries || this.#bytes > this.#limits.bytes) this.#drop();
    // Copied now and then, not with each entry.
    if (this.#first > COPY_EVERY) {
      this.#kept = this.#kept.slice(this.#first);
      this.#first = 0;
    }
    for (const tell of this.#followers) tell(record);
  }

  /** Entries with ids below, newest first. */
  *before(id: number): Generator<LogRecord, void> {
    for (let at = this.#kept.length - 1; at >= this.#first; at -= 1) {
      const record = this.#kept[at]?.record;
      if (record !== undefined && record.id < id) yield record;
    }
  }

  /** Entries with ids above, oldest first. */
  after(id: number): LogRecord[] {
    return this.#records().filter((record) => record.id > id);
  }

  /** @returns ends it */
  follow(follower: (record: LogRecord) => void): () => void {
    this.#followers.add(follower);
    return () => {
      this.#followers.delete(follower);
    };
  }

  counts(): ComponentCount[] {
    const counts = new Map<string, ComponentCount>();
    for (const record of this.#records()) {
      const component = componentOf(record.fields);
      const count = counts.get(component) ?? { component, entries: 0, warnings: 0, errors: 0 };
      count.entries += 1;
      if (record.level >= 50) count.errors += 1;
      else if (record.level >= 40) count.warnings += 1;
      counts.set(component, count);
    }
    return [...counts.values()];
  }

  #records(): LogRecord[] {
    return this.#kept.slice(this.#first).flatMap((kept) => kept?.record ?? []);
  }

  #drop(): void {
    const oldest = this.#kept[this.#first];
    if (oldest === undefined) return;
    this.#bytes -= oldest.bytes;
    this.#dropped_id = oldest.record.id;
    this.#kept[this.#first] = undefined;
    this.#first += 1;
  }
}
