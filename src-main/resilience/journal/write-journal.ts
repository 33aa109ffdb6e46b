/**
 * The journal of writes: a SQLite file (`journal.db`) that keeps what was answered for while its store is away.
 *
 * What is in it is on the disk. Its order is the order of the answers. One process has it open: the data folder is locked.
 */
import type { Database as Sqlite } from 'better-sqlite3';
import type { JournaledStore } from '../../../src-contract/index.ts';
import { ArchonError } from '../../errors.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import { openSqliteFile } from '../../storage/sqlite-file.ts';

/** How long refused writes are kept. */
const REFUSED_KEPT_MS = 30 * 86_400_000;
/** Seconds after which somebody whose write found the journal full may try again. */
const RETRY_AFTER_S = 30;

export interface JournaledWrite {
  write_id: string;
  org_id: string;
  actor: string;
  store: JournaledStore;
  operation: string;
  user_id: string | null;
  key: string | null;
  request_sha256: string;
  /** Of what is made. */
  ids: string[];
  /** Writes that share one keep their order. */
  topics: string[];
  input: unknown;
  at_ms: number;
}

export interface WaitingWrite extends JournaledWrite {
  seq: number;
  /** Of its request. */
  bytes: number;
}

export interface Refusal extends WaitingWrite {
  refused_at_ms: number;
  error: { code: string; message: string };
}

interface Row extends Omit<JournaledWrite, 'ids' | 'topics' | 'input'> {
  seq: number;
  bytes: number;
  ids: string;
  topics: string;
  input: string;
  refused_at_ms: number | null;
  error_code: string | null;
  error_message: string | null;
}

/** The journal has no room: the write was not taken. */
export class JournalFullError extends ArchonError {
  override readonly name = 'JournalFullError';

  constructor(store: JournaledStore, waiting: number) {
    const away = store === 'database' ? 'The database' : 'The session store';
    super(
      'STORAGE_UNAVAILABLE',
      `${away} is away and ${waiting.toLocaleString('en')} writes wait for it already: no more are taken. Try again later, or raise resilience.journal_max_mb.`,
      { retry_after_seconds: RETRY_AFTER_S },
    );
  }
}

/** Every method may throw a `SqliteFileError`. */
export class WriteJournal {
  readonly #db: Sqlite;
  readonly max_bytes: number;
  #bytes = 0;
  /** By organisation and topic: how many writes wait with it. */
  readonly #topics = new Map<string, number>();
  readonly #waiting: Record<JournaledStore, number> = { database: 0, sessions: 0 };

  constructor(file: string, migrationsDir: string, { max_bytes }: { max_bytes: number }) {
    this.#db = openSqliteFile(file, migrationsDir);
    this.max_bytes = max_bytes;
    const rows = this.#db
      .prepare<[], Pick<Row, 'org_id' | 'store' | 'topics'> & { bytes: number }>(
        'SELECT org_id, store, topics, bytes FROM writes WHERE refused_at_ms IS NULL',
      )
      .iterate();
    for (const { org_id, store, topics, bytes } of rows)
      this.#count({ org_id, store, topics: JSON.parse(topics) }, 1, bytes);
  }

  /** Bytes of the writes that wait. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Writes that wait for a store, of all organisations. */
  waiting(store: JournaledStore): number {
    return this.#waiting[store];
  }

  /** A write that shares a topic waits: another one has to wait behind it. */
  holds(org_id: string, topics: readonly string[]): boolean {
    return this.#topics.size > 0 && topics.some((topic) => this.#topics.has(`${org_id} ${topic}`));
  }

  /** @throws JournalFullError */
  add(write: JournaledWrite): void {
    const input = JSON.stringify(write.input);
    const bytes = Buffer.byteLength(input);
    if (this.#bytes + bytes > this.max_bytes) throw new JournalFullError(write.store, this.waiting(write.store));
    this.#run(() =>
      this.#db
        .prepare(
          `INSERT INTO writes (write_id, org_id, actor, store, operation, user_id, key, request_sha256, ids, topics, input, at_ms, bytes)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(
          write.write_id,
          write.org_id,
          write.actor,
          write.store,
          write.operation,
          write.user_id,
          write.key,
          write.request_sha256,
          JSON.stringify(write.ids),
          JSON.stringify(write.topics),
          input,
          write.at_ms,
          bytes,
        ),
    );
    this.#count(write, 1, bytes);
  }

  /** The write that waits with this key. */
  byKey(org_id: string, key: string): WaitingWrite | undefined {
    const row = this.#run(() =>
      this.#db
        .prepare<[string, string], Row>('SELECT * FROM writes WHERE org_id = ? AND key = ? AND refused_at_ms IS NULL')
        .get(org_id, key),
    );
    return row && waitingWrite(row);
  }

  /** The first writes that wait for a store. */
  first(store: JournaledStore, limit: number): WaitingWrite[] {
    return this.#run(() =>
      this.#db
        .prepare<[string, number], Row>(
          'SELECT * FROM writes WHERE store = ? AND refused_at_ms IS NULL ORDER BY seq LIMIT ?',
        )
        .all(store, limit),
    ).map(waitingWrite);
  }

  /** They are in their store. */
  remove(writes: readonly WaitingWrite[]): void {
    const remove = this.#db.prepare('DELETE FROM writes WHERE seq = ?');
    this.#run(() =>
      this.#db.transaction(() => {
        for (const { seq } of writes) remove.run(seq);
      })(),
    );
    for (const write of writes) this.#count(write, -1, write.bytes);
  }

  refuse(write: WaitingWrite, error: { code: string; message: string }, now_ms: number): void {
    this.#run(() =>
      this.#db
        .prepare('UPDATE writes SET refused_at_ms = ?, error_code = ?, error_message = ? WHERE seq = ?')
        .run(now_ms, error.code, error.message, write.seq),
    );
    this.#count(write, -1, write.bytes);
  }

  /** Refused writes of an organisation before one, newest first. */
  refused(org_id: string, page: { before?: number; limit: number }): Refusal[] {
    return this.#run(() =>
      this.#db
        .prepare<[string, number, number], Row>(
          'SELECT * FROM writes WHERE org_id = ? AND refused_at_ms IS NOT NULL AND seq < ? ORDER BY seq DESC LIMIT ?',
        )
        .all(org_id, page.before ?? Number.MAX_SAFE_INTEGER, page.limit),
    ).map(refusal);
  }

  /** Takes a refused write out. */
  takeRefused(org_id: string, write_id: string): Refusal | undefined {
    const row = this.#run(() =>
      this.#db
        .prepare<[string, string], Row>(
          'DELETE FROM writes WHERE org_id = ? AND write_id = ? AND refused_at_ms IS NOT NULL RETURNING *',
        )
        .get(org_id, write_id),
    );
    return row && refusal(row);
  }

  /** Of an organisation: how many wait for a store and since when, and how many were refused. */
  counts(org_id: string): {
    stores: Record<JournaledStore, { waiting: number; oldest_ms: number | null }>;
    refused: number;
  } {
    const rows = this.#run(() =>
      this.#db
        .prepare<[string], { store: JournaledStore; refused: number; count: number; oldest_ms: number }>(
          `SELECT store, refused_at_ms IS NOT NULL AS refused, count(*) AS count, min(at_ms) AS oldest_ms
           FROM writes WHERE org_id = ? GROUP BY 1, 2`,
        )
        .all(org_id),
    );
    const of = (store: JournaledStore) => {
      const row = rows.find((one) => one.store === store && one.refused === 0);
      return { waiting: row?.count ?? 0, oldest_ms: row?.oldest_ms ?? null };
    };
    const refused = rows.filter((row) => row.refused === 1).reduce((sum, { count }) => sum + count, 0);
    return { stores: { database: of('database'), sessions: of('sessions') }, refused };
  }

  /**
   * Removes what a user wrote: what waits, and what was refused. A refused write that does not say whose memory it is
   * goes as well: what it is about may be this user's.
   */
  eraseUser(org_id: string, user_id: string): void {
    const waiting = this.#run(() =>
      this.#db
        .prepare<[string, string], Row>(
          'SELECT * FROM writes WHERE org_id = ? AND user_id = ? AND refused_at_ms IS NULL',
        )
        .all(org_id, user_id),
    ).map(waitingWrite);
    this.remove(waiting);
    this.#run(() =>
      this.#db
        .prepare(
          'DELETE FROM writes WHERE org_id = ? AND (user_id = ? OR user_id IS NULL) AND refused_at_ms IS NOT NULL',
        )
        .run(org_id, user_id),
    );
  }

  /** Removes refused writes of an organisation that nobody has dealt with for 30 days; how many. */
  prune(org_id: string, now_ms: number, limit: number): number {
    return this.#run(() =>
      this.#db
        .prepare(
          `DELETE FROM writes WHERE seq IN (
             SELECT seq FROM writes WHERE org_id = ? AND refused_at_ms IS NOT NULL AND refused_at_ms < ? LIMIT ?)`,
        )
        .run(org_id, now_ms - REFUSED_KEPT_MS, limit),
    ).changes;
  }

  close(): void {
    this.#db.close();
  }

  #count(write: Pick<JournaledWrite, 'org_id' | 'store' | 'topics'>, by: 1 | -1, bytes: number): void {
    this.#bytes += by * bytes;
    this.#waiting[write.store] += by;
    for (const topic of write.topics) {
      const name = `${write.org_id} ${topic}`;
      const count = (this.#topics.get(name) ?? 0) + by;
      if (count > 0) this.#topics.set(name, count);
      else this.#topics.delete(name);
    }
  }

  #run<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}

function waitingWrite(row: Row): WaitingWrite {
  const { ids, topics, input, refused_at_ms: _at, error_code: _code, error_message: _message, ...rest } = row;
  return { ...rest, ids: JSON.parse(ids), topics: JSON.parse(topics), input: JSON.parse(input) };
}

function refusal(row: Row): Refusal {
  return {
    ...waitingWrite(row),
    refused_at_ms: row.refused_at_ms ?? 0,
    error: { code: row.error_code ?? '', message: row.error_message ?? '' },
  };
}
