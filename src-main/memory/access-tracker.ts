/**
 * Counts reads of memories in batches, so that reading never waits for a write.
 *
 * Being given in a context counts, and for long-term memories being read by id. Being found does not: a search is a
 * question, and what it finds was not used yet. Nor does a context that a person only looks at (`track_access: false`).
 */
import type { Logger } from 'pino';
import type { MEMORY_LAYERS } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';

const FLUSH_AFTER_MS = 1000;
const FLUSH_AT_COUNT = 500;
/** While the database is away counts pile up to this many memories; then the oldest are dropped: they are statistics. */
const MAX_PENDING = 20_000;

type Layer = (typeof MEMORY_LAYERS)[number];

interface Access {
  scope: Scope;
  layer: Layer;
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

  readonly #enabled: boolean;

  /** @param deps.enabled false where nothing may be written: then nothing is counted */
  constructor(deps: { database: Database; clock: Clock; logger: Logger; enabled?: boolean }) {
    this.#enabled = deps.enabled ?? true;
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
  }

  touch(scope: Scope, ids: readonly string[], layer: Layer = 'longterm'): void {
    if (!this.#enabled) return;
    const last_ms = this.#clock.now();
    for (const id of ids) {
      const key = `${scope.org_id}/${id}`;
      const access = this.#pending.get(key) ?? { scope, layer, id, count: 0, last_ms };
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
    const byTable = Map.groupBy(this.#pending.values(), ({ scope, layer }) => `${scope.org_id} ${layer}`);
    this.#pending.clear();
    for (const accesses of byTable.values()) {
      try {
        await this.#writeTable(accesses);
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

  async #writeTable(accesses: Access[]): Promise<void> {
    const [first] = accesses;
    if (first === undefined) return;
    const { scope, layer } = first;
    const table = layer === 'longterm' ? 'archon_longterm_memory' : 'archon_working_memory';
    const last = layer === 'longterm' ? ', last_accessed_at = GREATEST(m.last_accessed_at, given.last_at)' : '';
    await this.#database.withScope(scope, (tx) =>
      tx.sql(
        // Locked in the order of their ids, as every writer of many rows does, so that none deadlocks with another.
        `WITH locked AS (
           SELECT id FROM ${table} WHERE org_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE
         )
         UPDATE ${table} AS m SET access_count = m.access_count + given.count${last}
         FROM locked JOIN unnest($2::uuid[], $3::bigint[], $4::timestamptz[]) AS given (id, count, last_at) USING (id)
         WHERE m.org_id = $1 AND m.id = locked.id`,
        [
          scope.org_id,
          accesses.map((access) => access.id),
          accesses.map((access) => access.count),
          accesses.map((access) => isoTime(access.last_ms)),
        ],
      ),
    );
  }
}
