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
/** Bytes of requests that are read at a time; at least one is, however large. */
const READ_BYTES = 8 * 1024 ** 2;
/** What a row takes besides its texts, about. */
const ROW_BYTES = 512;

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
  readonly #max_bytes: () => number;
  #bytes = 0;
  /** By organisation and topic: how many writes wait with it. */
  readonly #topics = new Map<string, number>();
  readonly #waiting: Record<JournaledStore, number> = { database: 0, sessions: 0 };

  constructor(file: string, migrationsDir: string, { max_bytes }: { max_bytes: () => number }) {
    this.#db = openSqliteFile(file, migrationsDir);
    this.#max_bytes = max_bytes;
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

  /** What may wait, as it is set now. */
  get max_bytes(): number {
    return this.#max_bytes();
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
    const [input, ids, topics] = [write.input, write.ids, write.topics].map((part) => JSON.stringify(part));
    const bytes = ROW_BYTES + Buffer.byteLength(`${input}${ids}${topics}`);
    this.#requireRoom(write.store, bytes);
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
          ids,
          topics,
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

  /** The first writes that wait for a store: so many at most, and of a bounded size. */
  first(store: JournaledStore, limit: number): WaitingWrite[] {
    return this.#run(() =>
      upToBytes(
        this.#db
          .prepare<[string, number], Row>(
            'SELECT * FROM writes WHERE store = ? AND refused_at_ms IS NULL ORDER BY seq LIMIT ?',
          )
          .iterate(store, limit),
      ),
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

  /**
   * Refused writes of an organisation before one, newest first: so many at most, and of a bounded size.
   *
   * @returns `more` when there are others after the last one
   */
  refused(org_id: string, page: { before?: number; limit: number }): { refusals: Refusal[]; more: boolean } {
    const found = this.#run(() =>
      upToBytes(
        this.#db
          .prepare<[string, number, number], Row>(
            'SELECT * FROM writes WHERE org_id = ? AND refused_at_ms IS NOT NULL AND seq < ? ORDER BY seq DESC LIMIT ?',
          )
          .iterate(org_id, page.before ?? Number.MAX_SAFE_INTEGER, page.limit),
      ),
    );
    const last = found.at(-1)?.seq ?? 0;
    const more = this.#run(() =>
      this.#db
        .prepare<[string, number], number>(
          'SELECT 1 FROM writes WHERE org_id = ? AND refused_at_ms IS NOT NULL AND seq < ? LIMIT 1',
        )
        .pluck()
        .get(org_id, last),
    );
    return { refusals: found.map(refusal), more: more !== undefined };
  }

  refusal(org_id: string, write_id: string): Refusal | undefined {
    const row = this.#run(() =>
      this.#db
        .prepare<[string, string], Row>(
          'SELECT * FROM writes WHERE org_id = ? AND write_id = ? AND refused_at_ms IS NOT NULL',
        )
        .get(org_id, write_id),
    );
    return row && refusal(row);
  }

  /** A refused write waits again, behind all others. @throws JournalFullError it stays refused then */
  requeue(write: Refusal): void {
    this.#requireRoom(write.store, write.bytes);
    this.#run(() =>
      this.#db
        .prepare(
          `UPDATE writes SET seq = (SELECT max(seq) + 1 FROM writes), refused_at_ms = NULL, error_code = NULL,
             error_message = NULL WHERE write_id = ?`,
        )
        .run(write.write_id),
    );
    this.#count(write, 1, write.bytes);
  }

  /** A refused write is given up. */
  discard(write: Refusal): void {
    this.#run(() => this.#db.prepare('DELETE FROM writes WHERE write_id = ?').run(write.write_id));
  }

  /** Refused writes of all organisations, by store. */
  refusedByStore(): Record<JournaledStore, number> {
    const rows = this.#run(() =>
      this.#db
        .prepare<[], { store: JournaledStore; count: number }>(
          'SELECT store, count(*) AS count FROM writes WHERE refused_at_ms IS NOT NULL GROUP BY store',
        )
        .all(),
    );
    return { database: 0, sessions: 0, ...Object.fromEntries(rows.map(({ store, count }) => [store, count])) };
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
   * Removes refused writes of a user. Those that do not say whose memory they are go as well: what they are about may be
   * this user's.
   */
  eraseRefused(org_id: string, user_id: string): void {
    this.#run(() =>
      this.#db
        .prepare(
          'DELETE FROM writes WHERE org_id = ? AND (user_id = ? OR user_id IS NULL) AND refused_at_ms IS NOT NULL',
        )
        .run(org_id, user_id),
    );
  }

  /** Removes refused writes that nobody has dealt with for 30 days. */
  prune(now_ms: number): void {
    this.#run(() => this.#db.prepare('DELETE FROM writes WHERE refused_at_ms < ?').run(now_ms - REFUSED_KEPT_MS));
  }

  close(): void {
    this.#db.close();
  }

  #requireRoom(store: JournaledStore, bytes: number): void {
    if (this.#bytes + bytes > this.max_bytes) throw new JournalFullError(store, this.waiting(store));
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

/** Rows until they are large together. */
function upToBytes(rows: Iterable<Row>): Row[] {
  const taken: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    bytes += row.bytes;
    if (taken.length > 0 && bytes > READ_BYTES) break;
    taken.push(row);
  }
  return taken;
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
