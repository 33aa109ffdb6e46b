/** Long-term memory: what stays. A changed fact is superseded, never overwritten; the old one is true in its time. */
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type {
  Done,
  LongTermMemoryEntry,
  NewEvent,
  NewLongTermMemory,
  Outputs,
  ParsedInputs,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, invalidField, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { LongTermRow } from '../storage/schema.ts';
import type { AccessTracker } from './access-tracker.ts';
import { onlyOnce } from './idempotency.ts';
import type { Made } from './made.ts';
import { closePage, openPage, pageQuery, sharedFilter } from './memory-list.ts';
import type { CacheObserver } from './memory-observer.ts';
import type { MemorySettings, MemorySettingsOf } from './memory-settings.ts';
import { longTermTable } from './memory-table.ts';
import { countTokens } from './o200k.ts';

const DEFAULT_IMPORTANCE = 0.5;

/** The memory as its readers see it. */
export function presentLongTerm(row: LongTermRow): LongTermMemoryEntry {
  const { language: _language, ...entry } = row;
  return entry;
}

export class LongTermMemory {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #settings: MemorySettingsOf;
  readonly #observer: CacheObserver | undefined;
  readonly #accesses: AccessTracker;

  constructor(deps: {
    database: Database;
    clock: Clock;
    settings: MemorySettingsOf;
    accesses: AccessTracker;
    observer?: CacheObserver;
  }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
    this.#observer = deps.observer;
    this.#accesses = deps.accesses;
  }

  async create(scope: Scope, input: ParsedInputs['longterm']['create'], made?: Made): Promise<LongTermMemoryEntry> {
    const { idempotency_key, ...item } = input;
    const [entry] = await this.#createAll(scope, [item], idempotency_key, 'longterm.create', made);
    return entry as LongTermMemoryEntry;
  }

  async createBatch(
    scope: Scope,
    input: ParsedInputs['longterm']['createBatch'],
    made?: Made,
  ): Promise<Done<Outputs['longterm']['createBatch']>> {
    return { items: await this.#createAll(scope, input.items, input.idempotency_key, 'longterm.createBatch', made) };
  }

  async list(scope: Scope, input: ParsedInputs['longterm']['list']): Promise<Outputs['longterm']['list']> {
    const page = openPage({ ...input, list: 'longterm' }, isoTime(this.#clock.now()));
    const conditions = sharedFilter({ ...input, org_id: scope.org_id });
    if (input.as_of !== undefined) {
      conditions.push(sql`valid_from <= ${input.as_of}::timestamptz`);
      conditions.push(sql`(valid_to IS NULL OR valid_to > ${input.as_of}::timestamptz)`);
    } else if (!input.include_superseded) {
      conditions.push(sql`valid_to IS NULL`);
    }
    if (input.memory_type?.length) conditions.push(sql`memory_type = ANY (${input.memory_type}::text[])`);
    if (input.min_importance !== undefined) conditions.push(sql`importance_score >= ${input.min_importance}::float8`);
    if (input.pinned !== undefined) conditions.push(sql`pinned = ${input.pinned}`);
    if (input.session_id !== undefined) conditions.push(sql`session_id = ${input.session_id}`);
    const read = await this.#database.withScope(scope, (tx) =>
      tx.run(pageQuery<LongTermRow>(longTermTable, conditions, page, sql<number>`importance_score`)),
    );
    const { rows, next_cursor } = closePage(read, page);
    return {
      items: rows.map(({ sort_key: _key, ...row }) => presentLongTerm(row as LongTermRow)),
      next_cursor,
    };
  }

  async get(scope: Scope, id: string): Promise<LongTermMemoryEntry> {
    const [row] = await this.#database.withScope(scope, (tx) => longTermTable.byIds(tx, scope, [id]));
    if (row === undefined || row.deleted_at !== null) throw notFound('long-term memory', id);
    this.#accesses.touch(scope, [id]);
    return presentLongTerm(row);
  }

  async update(scope: Scope, input: ParsedInputs['longterm']['update']): Promise<LongTermMemoryEntry> {
    const { id, idempotency_key, ...patch } = input;
    const write = { key: idempotency_key, operation: 'longterm.update', request: input };
    return await this.#once(scope, write, async (tx, now) => {
      const before = await lockPresent(tx, scope, id);
      const given = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined));
      const after: LongTermRow = { ...before, ...given, updated_at: now };
      await longTermTable.writeBack(tx, scope, [{ before, after }], 'updated', now, (row) =>
        longTermEvent('memory.longterm.updated', row),
      );
      return presentLongTerm(after);
    });
  }

  async delete(scope: Scope, input: ParsedInputs['longterm']['delete']): Promise<LongTermMemoryEntry> {
    const write = { key: input.idempotency_key, operation: 'longterm.delete', request: input };
    return await this.#once(scope, write, async (tx, now) => {
      const before = await lockPresent(tx, scope, input.id);
      const after: LongTermRow = { ...before, deleted_at: now, updated_at: now };
      await longTermTable.writeBack(tx, scope, [{ before, after }], 'deleted', now, (row) =>
        longTermEvent('memory.longterm.deleted', row),
      );
      return presentLongTerm(after);
    });
  }

  /**
   * Closes a memory and puts another in its place, in one transaction.
   *
   * @throws ArchonError CONFLICT when it is superseded already: the message names its successor
   */
  async supersede(
    scope: Scope,
    input: ParsedInputs['longterm']['supersede'],
    made?: Made,
  ): Promise<LongTermMemoryEntry> {
    const { id, idempotency_key, ...change } = input;
    const write = { key: idempotency_key, operation: 'longterm.supersede', request: input };
    return await this.#once(scope, write, async (tx, now) => {
      const before = await lockPresent(tx, scope, id);
      if (before.superseded_by !== null) {
        if (before.superseded_by === made?.ids[0]) return presentLongTerm(await lockPresent(tx, scope, made.ids[0]));
        throw new ArchonError('CONFLICT', `This memory was superseded by ${before.superseded_by}: change that one.`);
      }
      const valid_from = validFrom(change.valid_from, before, made === undefined ? now : isoTime(made.at_ms));
      if (valid_from < before.valid_from) {
        throw invalidField(
          'valid_from',
          `must not be before the memory it replaces began to be true (${before.valid_from})`,
        );
      }
      const next = newLongTermRow(
        scope,
        {
          user_id: before.user_id,
          memory_type: change.memory_type ?? before.memory_type,
          content: change.content,
          metadata: change.metadata ?? before.metadata,
          tags: change.tags ?? before.tags,
          provenance: change.provenance ?? { ...before.provenance, source: 'edit' },
          importance_score: change.importance_score ?? before.importance_score,
          pinned: change.pinned ?? before.pinned,
          valid_from,
        },
        this.#clock.now(),
        this.#settings(scope),
        made?.ids[0],
      );
      const after: LongTermRow = { ...before, valid_to: valid_from, superseded_by: next.id, updated_at: now };
      await longTermTable.writeBack(tx, scope, [{ before, after }], 'superseded', now, (row) => ({
        type: 'memory.longterm.superseded',
        user_id: row.user_id,
        payload: { memory_id: row.id, memory_type: row.memory_type, superseded_by: next.id },
      }));
      await tx.run(longTermTable.creation(scope, [next]));
      return presentLongTerm(next);
    });
  }

  async #createAll(
    scope: Scope,
    items: readonly NewLongTermMemory[],
    key: string | undefined,
    operation: string,
    made?: Made,
  ): Promise<LongTermMemoryEntry[]> {
    const now_ms = made?.at_ms ?? this.#clock.now();
    const rows = items.map((item, index) =>
      newLongTermRow(scope, item, now_ms, this.#settings(scope), made?.ids[index]),
    );
    const creation = longTermTable.creation(scope, rows, made?.again);
    if (key === undefined) {
      await this.#database.atOnce(scope, [creation]);
      return rows.map(presentLongTerm);
    }
    return await this.#once(scope, { key, operation, request: items }, async (tx) => {
      await tx.run(creation);
      return rows.map(presentLongTerm);
    });
  }

  async #once<T>(
    scope: Scope,
    write: { key: string | undefined; operation: string; request: unknown },
    work: (tx: Transaction, now: string) => Promise<T>,
  ): Promise<T> {
    const now_ms = this.#clock.now();
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { ...write, now_ms, observer: this.#observer }, () => work(tx, isoTime(now_ms))),
    );
  }
}

/** When a successor begins to be true: as said, else when it was asked for, which may be before what it replaces. */
function validFrom(said: string | undefined, before: LongTermRow, asked_at: string): string {
  if (said !== undefined && said <= asked_at) return said;
  return asked_at < before.valid_from ? before.valid_from : asked_at;
}

async function lockPresent(tx: Transaction, scope: Scope, id: string): Promise<LongTermRow> {
  const [row] = await longTermTable.lock(tx, scope, [id]);
  if (row === undefined || row.deleted_at !== null) throw notFound('long-term memory', id);
  return row;
}

/** The event that tells of a change of a long-term memory. */
export function longTermEvent(
  type: 'memory.longterm.updated' | 'memory.longterm.deleted' | 'memory.longterm.restored',
  row: LongTermRow,
): NewEvent {
  return { type, user_id: row.user_id, payload: { memory_id: row.id, memory_type: row.memory_type } };
}

/** A memory as it is when it begins. */
export function newLongTermRow(
  scope: Scope,
  item: NewLongTermMemory,
  now_ms: number,
  settings: MemorySettings,
  id: string = uuidv7(),
): LongTermRow {
  const now = isoTime(now_ms);
  const created_at = item.created_at === undefined || item.created_at > now ? now : item.created_at;
  return {
    org_id: scope.org_id,
    id,
    user_id: item.user_id,
    memory_type: item.memory_type,
    content: item.content,
    metadata: item.metadata ?? {},
    tags: item.tags ?? [],
    token_count: countTokens(item.content.text),
    provenance: item.provenance ?? { source: 'api' },
    importance_score: item.importance_score ?? DEFAULT_IMPORTANCE,
    pinned: item.pinned ?? false,
    access_count: 0,
    last_accessed_at: null,
    created_at,
    updated_at: now,
    // The contract lets times pass that a drifting clock put a little ahead: they are now.
    valid_from: item.valid_from === undefined ? created_at : item.valid_from > now ? now : item.valid_from,
    valid_to: null,
    superseded_by: null,
    deleted_at: null,
    language: settings.search_language,
  };
}
