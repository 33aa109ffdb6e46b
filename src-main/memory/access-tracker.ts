/**
 * Counts reads of long-term memories in batches, so that reading never waits for a write.
 *
 * Being read by id and being given in a context count. Being found does not: a search is a question, and what it finds
 * was not used yet. Nor does a context that a person only looks at (`track_access: false`).
 */
import type { Logger } from 'pino';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';

const FLUSH_AFTER_MS = 1000;
const FLUSH_AT_COUNT = 500;
/** While the database is away counts pile up to this many memories; then the oldest are dropped: they are statistics. */
const MAX_PENDING = 20_000;

interface Access {
  scope: Scope;
  id: string;
  count: number;
  last_ms: number;
}

export class AccessTracker {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #pending = new Map<string, Access>();
  #timer: NodeJS.Timeout | undefined;
  /** The last write failed: until one succeeds only the timer tries again, however much is pending. */
  #failing = false;
  #closed = false;
  #flushing: Promise<void> = Promise.resolve();

  constructor(deps: { database: Database; clock: Clock; logger: Logger }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  touch(scope: Scope, ids: readonly string[]): void {
    const last_ms = this.#clock.now();
    for (const id of ids) {
      const key = `${scope.org_id}/${id}`;
      const access = this.#pending.get(key) ?? { scope, id, count: 0, last_ms };
      this.#pending.set(key, { ...access, count: access.count + 1, last_ms });
    }
    for (const key of this.#pending.keys()) {
      if (this.#pending.size <= MAX_PENDING) break;
      this.#pending.delete(key);
    }
    if (this.#pending.size >= FLUSH_AT_COUNT && !this.#failing) void this.flush();
    else this.#flushLater();
  }

  /** Writes what is pending; what cannot be written now is kept for the next time. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#flushing = this.#flushing.then(() => this.#write());
    await this.#flushing;
  }

  /** Writes a last time. What cannot be written then is lost: it is statistics. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.flush();
  }

  #flushLater(): void {
    if (this.#closed) return;
    this.#timer ??= setTimeout(() => void this.flush(), FLUSH_AFTER_MS).unref();
  }

  async #write(): Promise<void> {
    this.#failing = false;
    const byOrg = Map.groupBy(this.#pending.values(), (access) => access.scope.org_id);
    this.#pending.clear();
    for (const accesses of byOrg.values()) {
      try {
        await this.#writeOrg(accesses);
      } catch (error) {
        this.#logger.warn({ err: error, memories: accesses.length }, 'access counts not written yet');
        for (const access of accesses) {
          const key = `${access.scope.org_id}/${access.id}`;
          const since = this.#pending.get(key);
          this.#pending.set(key, since ? { ...since, count: since.count + access.count } : access);
        }
        this.#failing = true;
        this.#flushLater();
      }
    }
  }

  async #writeOrg(accesses: Access[]): Promise<void> {
    const [first] = accesses;
    if (first === undefined) return;
    await this.#database.withScope(first.scope, (tx) =>
      tx.sql(
        // Locked in the order of their ids, as every writer of many rows does, so that none deadlocks with another.
        `WITH locked AS (
           SELECT id FROM archon_longterm_memory WHERE org_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE
         )
         UPDATE archon_longterm_memory AS m
         SET access_count = m.access_count + given.count,
             last_accessed_at = GREATEST(m.last_accessed_at, given.last_at)
         FROM locked JOIN unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS given (id, count, last_at) USING (id)
         WHERE m.org_id = $1 AND m.id = locked.id`,
        [
          first.scope.org_id,
          accesses.map((access) => access.id),
          accesses.map((access) => access.count),
          accesses.map((access) => isoTime(access.last_ms)),
        ],
      ),
    );
  }
}
