/** The outbox of the sessions in a SQLite file: a table beside them. */
import type { Database } from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import type { Scope } from '../../identity/scope.ts';
import {
  type AssembledContextEvent,
  type Dropped,
  type KeptEvent,
  OUTBOX_BATCH,
  OUTBOX_CHUNK,
  type OutboxBatch,
  type SessionChange,
  type SessionOutbox,
  toEvent,
} from './session-outbox.ts';

/** Some 250 MB. */
const MAX_EVENTS = 1_000_000;
/** More than can be written in a millisecond. */
const POSITIONS_PER_MS = 1000;

interface OutboxRow extends KeptEvent {
  position: number;
  source_id: string;
  org_id: string;
  actor: string;
  at_ms: number;
}

export interface SqliteOutboxOptions {
  /** Runs work on the file; a fault of it is told as one of the store. */
  guard: <T>(work: () => T) => T;
  max_events?: number | undefined;
}

export class SqliteSessionOutbox implements SessionOutbox {
  readonly #db: Database;
  readonly #sql: ReturnType<typeof prepareStatements>;
  readonly #guard: SqliteOutboxOptions['guard'];
  readonly #most: number;
  /** How many there are, once counted: to count them at every write would cost it. */
  #count: number | undefined;
  #listener: () => void = () => {};

  constructor(db: Database, { guard, max_events = MAX_EVENTS }: SqliteOutboxOptions) {
    this.#db = db;
    this.#sql = prepareStatements(db);
    this.#guard = guard;
    this.#most = max_events;
  }

  onWritten(listener: () => void): void {
    this.#listener = listener;
  }

  /** Belongs into the transaction of what it tells of; {@link makeRoom} follows, then the commit, then {@link written}. */
  tell(
    { org_id, actor }: Scope,
    change: SessionChange,
    { session_id, user_id }: { session_id: string; user_id: string },
    at_ms: number,
    about = '',
  ): void {
    this.#add({ org_id, actor, change, session_id, user_id, about, at_ms });
  }

  /**
   * Gives up the oldest when so many more are too many, in the transaction that adds them. They become one entry for
   * each organisation, which says how many they were. @returns how many entries fewer there are
   */
  makeRoom(added: number): number {
    this.#count ??= this.#counted() - added;
    if (this.#count + added <= this.#most) return 0;
    const rows = this.#sql.giveUp.all(OUTBOX_CHUNK, OUTBOX_BATCH);
    const lost = new Map<string, Dropped>();
    for (const row of rows) lost.set(row.org_id, together(droppedWith(row), lost.get(row.org_id)));
    for (const [org_id, dropped] of lost) {
      const kept = { actor: 'archon', change: 'dropped', session_id: '', user_id: '' } as const;
      const about = JSON.stringify(dropped);
      this.#add({ ...kept, org_id, about, at_ms: dropped.last_ms });
    }
    return rows.length - lost.size;
  }

  /** After the commit: so many more are in it than before. */
  written(more: number): void {
    if (this.#count !== undefined) this.#count += more;
    this.#listener();
  }

  async leave({ org_id, actor }: Scope, { user_id, payload }: AssembledContextEvent, at_ms: number): Promise<void> {
    const session_id = payload.session_id ?? '';
    const leave = this.#db.transaction(() => {
      this.#add({ org_id, actor, change: 'context', session_id, user_id, about: JSON.stringify(payload), at_ms });
      return 1 - this.makeRoom(1);
    });
    this.written(this.#guard(() => leave.immediate()));
  }

  async take(): Promise<{ batches: OutboxBatch[]; busy: boolean }> {
    const rows = this.#guard(() => this.#sql.oldest.all(OUTBOX_BATCH));
    const entries = rows.map((row) => ({
      position: String(row.position),
      source_id: row.source_id,
      org_id: row.org_id,
      actor: row.actor,
      event: toEvent(row),
      at_ms: row.at_ms,
    }));
    return { batches: entries.length > 0 ? [{ lane: 'outbox', entries }] : [], busy: false };
  }

  /**
   * Without a sync of its own, which would cost as much as an append: what a power cut brings back is in the log, which
   * takes it once.
   */
  async remove({ entries }: OutboxBatch): Promise<void> {
    const last = entries.at(-1);
    if (last === undefined) return;
    this.#guard(() => {
      this.#db.pragma('synchronous = NORMAL');
      try {
        const { changes } = this.#sql.removeUpTo.run(Number(last.position));
        if (this.#count !== undefined) this.#count -= changes;
      } finally {
        this.#db.pragma('synchronous = FULL');
      }
    });
  }

  async waiting(): Promise<{ events: number; oldest_ms: number | undefined }> {
    return this.#guard(() => {
      const oldest_ms = this.#sql.oldest.get(1)?.at_ms;
      // To count them reads all of them, and this is asked for often.
      if (oldest_ms === undefined) this.#count = 0;
      this.#count ??= this.#counted();
      return { events: this.#count, oldest_ms };
    });
  }

  #add(entry: Omit<OutboxRow, 'position' | 'source_id'>): void {
    this.#sql.add.run({ ...entry, position: Date.now() * POSITIONS_PER_MS, source_id: uuidv7() });
  }

  #counted(): number {
    return this.#sql.count.get() ?? 0;
  }
}

/** What is lost with an entry: itself, or those it says were lost. */
function droppedWith({ change, about, at_ms }: OutboxRow): Dropped {
  return change === 'dropped' ? (JSON.parse(about) as Dropped) : { count: 1, first_ms: at_ms, last_ms: at_ms };
}

function together(a: Dropped, b: Dropped = a): Dropped {
  return {
    count: a === b ? a.count : a.count + b.count,
    first_ms: Math.min(a.first_ms, b.first_ms),
    last_ms: Math.max(a.last_ms, b.last_ms),
  };
}

function prepareStatements(db: Database) {
  return {
    add: db.prepare<[OutboxRow]>(
      `INSERT INTO outbox (position, source_id, org_id, actor, change, session_id, user_id, about, at_ms)
       VALUES (max(@position, 1 + coalesce((SELECT max(position) FROM outbox), 0)), @source_id, @org_id, @actor, @change,
         @session_id, @user_id, @about, @at_ms)`,
    ),
    oldest: db.prepare<[number], OutboxRow>('SELECT * FROM outbox ORDER BY position LIMIT ?'),
    removeUpTo: db.prepare<[number]>('DELETE FROM outbox WHERE position <= ?'),
    giveUp: db.prepare<[number, number], OutboxRow>(
      `DELETE FROM outbox WHERE position IN (SELECT position FROM outbox ORDER BY position LIMIT ? OFFSET ?)
       RETURNING *`,
    ),
    count: db.prepare<[], number>('SELECT count(*) FROM outbox').pluck(),
  };
}
