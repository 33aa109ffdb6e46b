/**
 * Events of what is not written in PostgreSQL, such as sessions: recorded a moment later, so that nobody waits for them.
 *
 * They wait in memory while the database is away, within bounds, and are lost with a process that is killed: the journal
 * of writes that are not in PostgreSQL yet, which outlives it, comes with the resilience work.
 */
import type { Logger } from 'pino';
import type { NewEvent } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';
import { Bell } from './bell.ts';
import { recordEvents } from './event-log.ts';

export interface QueueTuning {
  /** Milliseconds in which events gather before they are written. */
  write_after_ms: number;
  /** Milliseconds before a write that failed is tried again: doubles from the first to the last. */
  retry_ms: readonly [number, number];
  /** Milliseconds after which an event that could not be written is given up. */
  keep_ms: number;
  /** UTF-16 units of waiting events; beyond, the oldest are given up. */
  max_size: number;
  /** Milliseconds a stop may take to write what is waiting. */
  stop_within_ms: number;
}

const DEFAULT_TUNING: QueueTuning = {
  write_after_ms: 15,
  retry_ms: [250, 5000],
  keep_ms: 10 * 60_000,
  max_size: 16 * 1024 * 1024,
  stop_within_ms: 3000,
};
/** Events written in one transaction. */
const BATCH = 500;
/** Messages one event tells of: an append holds no more. */
const MAX_MESSAGES = 500;
/** What an event takes besides its texts. */
const BASE_SIZE = 200;

interface Waiting {
  scope: Scope;
  event: NewEvent;
  since_ms: number;
  size: number;
}

export class EventQueue {
  readonly #database: Pick<Database, 'withScope'>;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tuning: QueueTuning;
  readonly #end = new Bell();
  #waiting: Waiting[] = [];
  #size = 0;
  /** How many of them are being written. */
  #underWay = 0;
  /** Given up since this was last told of. */
  #lost = 0;
  #writing: Promise<void> | undefined;
  /** Writers wait for each other. */
  #turn: Promise<unknown> = Promise.resolve();
  #stopped = false;

  constructor(deps: {
    database: Pick<Database, 'withScope'>;
    clock: Clock;
    logger: Logger;
    tuning?: Partial<QueueTuning>;
  }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
  }

  record(scope: Scope, event: NewEvent): void {
    const last = this.#waiting.at(-1);
    const merged = last && isOfSameActor(last.scope, scope) ? mergeEvents(last.event, event) : undefined;
    if (last && merged) {
      this.#size += sizeOf(merged) - last.size;
      last.event = merged;
      last.size = sizeOf(merged);
    } else {
      const size = sizeOf(event);
      this.#waiting.push({ scope, event, since_ms: this.#clock.now(), size });
      this.#size += size;
    }
    while (this.#size > this.#tuning.max_size) this.#giveUpOldest();
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when everything recorded so far is written, or could not be: then it is tried again later. */
  async flush(): Promise<void> {
    await this.#write();
  }

  /** Writes what is waiting, within bounds, and takes nothing any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end.ring();
    const late = new Bell();
    await Promise.race([this.#finish(), late.wait(this.#tuning.stop_within_ms)]);
    late.ring();
    this.#lost += this.#waiting.length + this.#underWay;
    this.#waiting = [];
    this.#tellOfLost();
  }

  async #finish(): Promise<void> {
    await this.#writing;
    await this.#write();
  }

  async #writeAll(): Promise<void> {
    const [first, last] = this.#tuning.retry_ms;
    let delay_ms = first;
    await this.#end.wait(this.#tuning.write_after_ms);
    while (this.#waiting.length > 0 && !this.#stopped) {
      if (await this.#write()) {
        delay_ms = first;
        await this.#end.wait(this.#tuning.write_after_ms);
      } else {
        await this.#end.wait(delay_ms);
        delay_ms = Math.min(delay_ms * 2, last);
      }
    }
    this.#writing = undefined;
  }

  /** Writes what is waiting now, after whoever is writing. @returns false when the database is away */
  async #write(): Promise<boolean> {
    const turn = this.#turn.then(() => this.#writeNow());
    this.#turn = turn;
    return await turn;
  }

  async #writeNow(): Promise<boolean> {
    const oldest_ms = this.#clock.now() - this.#tuning.keep_ms;
    while (this.#waiting[0] && this.#waiting[0].since_ms < oldest_ms) this.#giveUpOldest();
    for (let left = this.#waiting.length; left > 0; ) {
      const batch = this.#takeBatch();
      left -= batch.length;
      if (batch.length === 0) break;
      if (!(await this.#insert(batch))) return false;
    }
    this.#tellOfLost();
    return true;
  }

  /** The next events of one organisation, in their order. */
  #takeBatch(): Waiting[] {
    const org_id = this.#waiting[0]?.scope.org_id;
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    for (const one of this.#waiting) {
      if (one.scope.org_id === org_id && batch.length < BATCH) batch.push(one);
      else rest.push(one);
    }
    this.#waiting = rest;
    for (const { size } of batch) this.#size -= size;
    return batch;
  }

  async #insert(batch: readonly Waiting[]): Promise<boolean> {
    const [first] = batch;
    if (first === undefined) return true;
    this.#underWay = batch.length;
    try {
      await this.#database.withScope(first.scope, async (tx) => {
        for (const [scope, events] of runsOfActors(batch)) await tx.run(recordEvents(scope, events));
      });
      return true;
    } catch (error) {
      if (isPassing(error)) {
        this.#waiting = [...batch, ...this.#waiting];
        for (const { size } of batch) this.#size += size;
        return false;
      }
      this.#logger.error({ err: error, events: batch.length }, 'events were refused by the database');
      return true;
    } finally {
      this.#underWay = 0;
    }
  }

  #giveUpOldest(): void {
    const oldest = this.#waiting.shift();
    if (oldest === undefined) return;
    this.#size -= oldest.size;
    this.#lost += 1;
  }

  #tellOfLost(): void {
    if (this.#lost > 0)
      this.#logger.warn({ events: this.#lost }, 'events of sessions were lost: the database was away');
    this.#lost = 0;
  }
}

function isPassing(error: unknown): boolean {
  return error instanceof ArchonError && (error.code === 'STORAGE_UNAVAILABLE' || error.code === 'STORAGE_FULL');
}

function isOfSameActor(a: Scope, b: Scope): boolean {
  return a.org_id === b.org_id && a.actor === b.actor;
}

/** One event for two that follow each other in the same session; undefined when both must be told. */
function mergeEvents(before: NewEvent, next: NewEvent): NewEvent | undefined {
  if (before.type === 'memory.message.added' && next.type === 'memory.message.added') {
    if (before.payload.session_id !== next.payload.session_id) return undefined;
    const message_ids = [...before.payload.message_ids, ...next.payload.message_ids];
    if (message_ids.length > MAX_MESSAGES) return undefined;
    return { ...next, payload: { ...next.payload, message_ids } };
  }
  if (before.type === 'memory.session.updated' && next.type === 'memory.session.updated') {
    return before.payload.session_id === next.payload.session_id ? next : undefined;
  }
  return undefined;
}

function sizeOf({ payload, user_id }: NewEvent): number {
  const ids = 'message_ids' in payload ? payload.message_ids : [];
  return ids.reduce((sum, id) => sum + id.length, BASE_SIZE + (user_id?.length ?? 0));
}

/** The events of each actor who follows another. */
function runsOfActors(batch: readonly Waiting[]): [Scope, NewEvent[]][] {
  const runs: [Scope, NewEvent[]][] = [];
  for (const { scope, event } of batch) {
    const run = runs.at(-1);
    if (run && isOfSameActor(run[0], scope)) run[1].push(event);
    else runs.push([scope, [event]]);
  }
  return runs;
}
