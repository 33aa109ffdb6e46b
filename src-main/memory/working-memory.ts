/** Working memory: what happened in the last days. It expires, and its relevance fades until then. */
import { sql } from 'kysely';
import { v7 as uuidv7 } from 'uuid';
import type {
  Done,
  NewEvent,
  NewWorkingMemory,
  Outputs,
  ParsedInputs,
  WorkingMemoryEntry,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';
import type { WorkingRow } from '../storage/schema.ts';
import { decayed, decayedRelevanceSql } from './decay.ts';
import { onlyOnce } from './idempotency.ts';
import type { Made } from './made.ts';
import { closePage, openPage, pageQuery, sharedFilter } from './memory-list.ts';
import type { CacheObserver } from './memory-observer.ts';
import type { MemorySettings, MemorySettingsOf } from './memory-settings.ts';
import { workingTable } from './memory-table.ts';
import { countTokens } from './o200k.ts';

const DAY_MS = 86_400_000;
const DEFAULT_RELEVANCE = 0.5;

/** The memory as its readers see it: relevance as it is at `now_ms`. */
export function presentWorking(row: WorkingRow, now_ms: number, settings: MemorySettings): WorkingMemoryEntry {
  const { relevance_at, language: _language, ...entry } = row;
  return {
    ...entry,
    relevance_score: decayed(row.relevance_score, Date.parse(relevance_at), now_ms, settings.relevance_half_life_days),
  };
}

/** An expired memory is gone, though its row stays until it is cleared away; only lists show it when asked to. */
export const hasExpired = (row: WorkingRow, now: string): boolean => row.expires_at <= now;

export class WorkingMemory {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #settings: MemorySettingsOf;
  readonly #observer: CacheObserver | undefined;

  constructor(deps: {
    database: Database;
    clock: Clock;
    settings: MemorySettingsOf;
    observer?: CacheObserver;
  }) {
    this.#database = deps.database;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
    this.#observer = deps.observer;
  }

  async create(scope: Scope, input: ParsedInputs['working']['create'], made?: Made): Promise<WorkingMemoryEntry> {
    const { idempotency_key, ...item } = input;
    const [entry] = await this.#createAll(scope, [item], idempotency_key, 'working.create', made);
    return entry as WorkingMemoryEntry;
  }

  async createBatch(
    scope: Scope,
    input: ParsedInputs['working']['createBatch'],
    made?: Made,
  ): Promise<Done<Outputs['working']['createBatch']>> {
    return { items: await this.#createAll(scope, input.items, input.idempotency_key, 'working.createBatch', made) };
  }

  async list(scope: Scope, input: ParsedInputs['working']['list']): Promise<Outputs['working']['list']> {
    const now_ms = this.#clock.now();
    const settings = this.#settings(scope);
    const page = openPage({ ...input, list: 'working' }, input.scored_at ?? isoTime(now_ms));
    const relevance = decayedRelevanceSql(page.at, settings.relevance_half_life_days);
    const conditions = sharedFilter({ ...input, org_id: scope.org_id });
    if (!input.include_expired) conditions.push(sql`expires_at > ${isoTime(now_ms)}::timestamptz`);
    if (input.session_id !== undefined) conditions.push(sql`session_id = ${input.session_id}`);
    if (input.memory_type?.length) conditions.push(sql`memory_type = ANY (${input.memory_type}::text[])`);
    if (input.min_relevance !== undefined) conditions.push(sql`${relevance} >= ${input.min_relevance}::float8`);
    const read = await this.#database.withScope(scope, (tx) =>
      tx.run(pageQuery<WorkingRow>(workingTable, conditions, page, relevance)),
    );
    const { rows, next_cursor } = closePage(read, page);
    const scored_ms = Date.parse(page.at);
    return {
      items: rows.map(({ sort_key: _key, ...row }) => presentWorking(row as WorkingRow, scored_ms, settings)),
      next_cursor,
      scored_at: page.at,
    };
  }

  async get(scope: Scope, id: string): Promise<WorkingMemoryEntry> {
    const now_ms = this.#clock.now();
    const [row] = await this.#database.withScope(scope, (tx) => workingTable.byIds(tx, scope, [id]));
    if (row === undefined || row.deleted_at !== null || hasExpired(row, isoTime(now_ms))) {
      throw notFound('working memory', id);
    }
    return presentWorking(row, now_ms, this.#settings(scope));
  }

  async update(scope: Scope, input: ParsedInputs['working']['update']): Promise<WorkingMemoryEntry> {
    const { id, idempotency_key, ...patch } = input;
    return await this.#change(
      scope,
      id,
      { key: idempotency_key, operation: 'working.update', request: input },
      (row, now) => {
        const after: WorkingRow = { ...row, updated_at: isoTime(now) };
        if (patch.content !== undefined) {
          after.content = patch.content as WorkingRow['content'];
          after.token_count = countTokens(after.content.text);
        }
        if (patch.metadata !== undefined) after.metadata = patch.metadata;
        if (patch.tags !== undefined) after.tags = patch.tags;
        if (patch.memory_type !== undefined) after.memory_type = patch.memory_type;
        if (patch.relevance_score !== undefined) {
          after.relevance_score = patch.relevance_score;
          after.relevance_at = isoTime(now);
        }
        if (patch.ttl_days !== undefined) after.expires_at = isoTime(now + patch.ttl_days * DAY_MS);
        return { after, change: 'updated' };
      },
    );
  }

  async delete(scope: Scope, input: ParsedInputs['working']['delete']): Promise<WorkingMemoryEntry> {
    const write = { key: input.idempotency_key, operation: 'working.delete', request: input };
    return await this.#change(scope, input.id, write, (row, now) => ({
      after: { ...row, deleted_at: isoTime(now), updated_at: isoTime(now) },
      change: 'deleted',
    }));
  }

  async #createAll(
    scope: Scope,
    items: readonly ParsedInputs['working']['createBatch']['items'][number][],
    key: string | undefined,
    operation: string,
    made?: Made,
  ): Promise<WorkingMemoryEntry[]> {
    const now_ms = made?.at_ms ?? this.#clock.now();
    const settings = this.#settings(scope);
    const rows = items.map((item, index) => newRow(scope, item, made?.ids[index] ?? uuidv7(), now_ms, settings));
    const creation = workingTable.creation(scope, rows, made?.again);
    const present = () => rows.map((row) => presentWorking(row, now_ms, settings));
    if (key === undefined) {
      await this.#database.atOnce(scope, [creation]);
      return present();
    }
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { key, operation, request: items, now_ms, observer: this.#observer }, async () => {
        await tx.run(creation);
        return present();
      }),
    );
  }

  async #change(
    scope: Scope,
    id: string,
    write: { key: string | undefined; operation: string; request: unknown },
    edit: (row: WorkingRow, now_ms: number) => { after: WorkingRow; change: 'updated' | 'deleted' },
  ): Promise<WorkingMemoryEntry> {
    const now_ms = this.#clock.now();
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { ...write, now_ms, observer: this.#observer }, async () => {
        const [before] = await workingTable.lock(tx, scope, [id]);
        if (before === undefined || before.deleted_at !== null || hasExpired(before, isoTime(now_ms))) {
          throw notFound('working memory', id);
        }
        const { after, change } = edit(before, now_ms);
        await workingTable.writeBack(tx, scope, [{ before, after }], change, isoTime(now_ms), (row) =>
          workingEvent(`memory.working.${change}`, row),
        );
        return presentWorking(after, now_ms, this.#settings(scope));
      }),
    );
  }
}

/** The event that tells of a change of a working memory. */
export function workingEvent(
  type: 'memory.working.updated' | 'memory.working.deleted' | 'memory.working.restored',
  row: WorkingRow,
): NewEvent {
  return { type, user_id: row.user_id, payload: { memory_id: row.id, memory_type: row.memory_type } };
}

function newRow(
  scope: Scope,
  item: NewWorkingMemory,
  id: string,
  now_ms: number,
  settings: MemorySettings,
): WorkingRow {
  const created_ms = Math.min(now_ms, item.created_at === undefined ? now_ms : Date.parse(item.created_at));
  const created_at = isoTime(created_ms);
  return {
    org_id: scope.org_id,
    id,
    user_id: item.user_id,
    session_id: item.session_id ?? null,
    memory_type: item.memory_type,
    content: item.content,
    metadata: item.metadata ?? {},
    tags: item.tags ?? [],
    token_count: countTokens(item.content.text),
    relevance_score: item.relevance_score ?? DEFAULT_RELEVANCE,
    relevance_at: created_at,
    created_at,
    updated_at: isoTime(now_ms),
    expires_at: isoTime(now_ms + (item.ttl_days ?? settings.working_ttl_days) * DAY_MS),
    deleted_at: null,
    language: settings.search_language,
  };
}
