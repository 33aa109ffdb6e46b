/** What concerns memories of both layers: history, bulk changes, links, users, erasure. */
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import {
  type BulkAction,
  type Done,
  type MemoryRevision,
  type Outputs,
  type ParsedInputs,
  userId,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, assertNever, invalidField, notFound } from '../errors.ts';
import { eraseDeliveries } from '../events/delivery/erase-user.ts';
import { recordEvents } from '../events/event-log.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { LinkRow, LongTermRow, WorkingRow } from '../storage/schema.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { db } from '../storage/sql.ts';
import { eraseSettings } from './control-settings.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { onlyOnce } from './idempotency.ts';
import { longTermEvent, presentLongTerm } from './longterm-memory.ts';
import type { CacheObserver } from './memory-observer.ts';
import type { MemorySettingsOf } from './memory-settings.ts';
import { longTermTable, workingTable } from './memory-table.ts';
import { hasExpired, presentWorking, workingEvent } from './working-memory.ts';

type ChangeOf<Row> = (row: Row) => Row;
const CHAIN_LIMIT = 1000;
const REVISION_LIMIT = 500;
const USERS = 'users';
const userPosition = z.object({ user: userId });

export class MemoryCatalog {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #settings: MemorySettingsOf;
  readonly #observer: CacheObserver | undefined;

  constructor(deps: {
    database: Database;
    sessions: SessionStore;
    clock: Clock;
    settings: MemorySettingsOf;
    observer?: CacheObserver;
  }) {
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.#clock = deps.clock;
    this.#settings = deps.settings;
    this.#observer = deps.observer;
  }

  async history(scope: Scope, id: string): Promise<Outputs['memories']['history']> {
    return await this.#database.withScope(scope, async (tx) => {
      const [[working], [longterm], revisions, links] = await Promise.all([
        workingTable.byIds(tx, scope, [id]),
        longTermTable.byIds(tx, scope, [id]),
        tx.run<MemoryRevision>(
          db
            .selectFrom('archon_memory_revisions')
            .selectAll()
            .where('org_id', '=', scope.org_id)
            .where('memory_id', '=', id)
            .orderBy('revision', 'desc')
            .limit(REVISION_LIMIT),
        ),
        tx.run<LinkRow>(
          db
            .selectFrom('archon_memory_links')
            .selectAll()
            .where('org_id', '=', scope.org_id)
            .where((where) => where.or([where('from_id', '=', id), where('to_id', '=', id)]))
            .orderBy('created_at'),
        ),
      ]);
      if (longterm !== undefined) {
        const chain = await supersedingChain(tx, scope, id);
        return {
          memory: { layer: 'longterm', ...presentLongTerm(longterm) },
          revisions,
          chain: chain.map(presentLongTerm),
          links,
        };
      }
      if (working === undefined) throw notFound('memory', id);
      const memory = presentWorking(working, this.#clock.now(), this.#settings(scope));
      return { memory: { layer: 'working', ...memory }, revisions, chain: [], links };
    });
  }

  /** Changes many memories of either layer in one transaction; a revision is kept only where something changed. */
  async bulk(scope: Scope, input: ParsedInputs['memories']['bulk']): Promise<Done<Outputs['memories']['bulk']>> {
    const now_ms = this.#clock.now();
    const now = isoTime(now_ms);
    const { ids, action, idempotency_key } = input;
    const write = { key: idempotency_key, operation: 'memories.bulk', request: { ids, action }, now_ms };
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { ...write, observer: this.#observer }, async () => {
        const locked = isPin(action) ? [] : await workingTable.lock(tx, scope, ids);
        const working = locked.filter((row) => !hasExpired(row, now));
        const longterm = await longTermTable.lock(tx, scope, ids);
        const kind = bulkChange(action);
        const workingPairs = changedPairs(working, action, sharedEdit(action, now), now);
        await workingTable.writeBack(tx, scope, workingPairs, kind, now, (row) =>
          workingEvent(`memory.working.${kind}`, row),
        );
        const longTermPairs = changedPairs(longterm, action, longTermEdit(action, now), now);
        await longTermTable.writeBack(tx, scope, longTermPairs, kind, now, (row) =>
          longTermEvent(`memory.longterm.${kind}`, row),
        );
        const eligible = [...working, ...longterm].filter((row) => isEligible(row, action));
        const found = new Set(eligible.map((row) => row.id));
        return {
          changed: [...workingPairs, ...longTermPairs].map(({ after }) => after.id),
          missing: ids.filter((id) => !found.has(id)),
        };
      }),
    );
  }

  async link(scope: Scope, input: ParsedInputs['memories']['link']): Promise<LinkRow> {
    const { idempotency_key, ...link } = input;
    requireTwoMemories(link);
    const now_ms = this.#clock.now();
    const write = { key: idempotency_key, operation: 'memories.link', request: link, now_ms };
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { ...write, observer: this.#observer }, async () => {
        const now = isoTime(now_ms);
        await requirePresent(tx, scope, [link.from_id, link.to_id], now);
        const row: LinkRow = { org_id: scope.org_id, ...link, created_at: now };
        const added = await tx.run<LinkRow>(
          db
            .insertInto('archon_memory_links')
            .values(row)
            .onConflict((conflict) => conflict.doNothing())
            .returningAll(),
        );
        if (added[0] === undefined) return await existingLink(tx, row);
        await tx.run(recordEvents(scope, [{ type: 'memory.link.created', user_id: null, payload: link }]));
        return added[0];
      }),
    );
  }

  async unlink(scope: Scope, input: ParsedInputs['memories']['unlink']): Promise<{ removed: boolean }> {
    const { idempotency_key, ...link } = input;
    const write = { key: idempotency_key, operation: 'memories.unlink', request: link, now_ms: this.#clock.now() };
    return await this.#database.withScope(scope, (tx) =>
      onlyOnce(tx, scope, { ...write, observer: this.#observer }, async () => {
        const removed = await tx.run(
          db
            .deleteFrom('archon_memory_links')
            .where('org_id', '=', scope.org_id)
            .where('from_id', '=', link.from_id)
            .where('to_id', '=', link.to_id)
            .where('relation', '=', link.relation)
            .returning('from_id'),
        );
        if (removed.length === 0) return { removed: false };
        await tx.run(recordEvents(scope, [{ type: 'memory.link.removed', user_id: null, payload: link }]));
        return { removed: true };
      }),
    );
  }

  /** Users with a memory or a live session, by id. */
  async users(scope: Scope, input: ParsedInputs['memories']['users']): Promise<Outputs['memories']['users']> {
    const after = input.cursor === undefined ? undefined : decodeCursor(USERS, input.cursor, userPosition).user;
    const wanted = input.limit + 1;
    const [withMemories, withSessions] = await Promise.all([
      this.#database.withScope(scope, (tx) =>
        memoryUsers(tx, scope, { after, search: input.search, limit: wanted, now: isoTime(this.#clock.now()) }),
      ),
      this.#sessions.users(
        scope,
        {
          limit: wanted,
          ...(after === undefined ? {} : { after }),
          ...(input.search ? { search: input.search } : {}),
        },
        this.#clock.now(),
      ),
    ]);
    const users = new Map(withMemories.map((user) => [user.user_id, { ...user, session_count: 0 }]));
    for (const { user_id, session_count } of withSessions) {
      users.set(user_id, { working_count: 0, longterm_count: 0, ...users.get(user_id), user_id, session_count });
    }
    const sorted = [...users.values()].sort((a, b) => compareBytes(a.user_id, b.user_id));
    const items = sorted.slice(0, input.limit);
    const last = items.at(-1);
    return {
      items,
      next_cursor: sorted.length > input.limit && last ? encodeCursor(USERS, { user: last.user_id }) : null,
    };
  }

  /** Erases everything of a user. The event log, which holds ids and no content, keeps its entries and says so. */
  async erase(scope: Scope, input: ParsedInputs['memories']['erase']): Promise<Outputs['memories']['erase']> {
    if (input.confirm !== input.user_id) {
      throw invalidField('confirm', 'must repeat the user id: erasing cannot be undone');
    }
    const sessions = await this.#sessions.eraseUser(scope, input.user_id, this.#clock.now());
    const counts = await this.#database.withScope(scope, async (tx) => {
      const working = await eraseLayer(tx, scope, workingTable.name, input.user_id);
      const longterm = await eraseLayer(tx, scope, longTermTable.name, input.user_id);
      // Answers kept for repeated writes hold what the user wrote.
      await tx.sql(
        `DELETE FROM archon_idempotency_keys WHERE org_id = $1
         AND jsonb_path_exists(response, '$.**.user_id ? (@ == $user)', jsonb_build_object('user', $2::text))`,
        [scope.org_id, input.user_id],
      );
      await eraseSettings(tx, scope, input.user_id);
      await eraseDeliveries(tx, scope, input.user_id);
      const payload = { working, longterm };
      await tx.run(recordEvents(scope, [{ type: 'memory.user.erased', user_id: input.user_id, payload }]));
      return payload;
    });
    return { sessions, ...counts };
  }
}

/** Both stores sort user ids by their bytes, so that pages fit together. */
const compareBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const isPin = (action: BulkAction): boolean => action.kind === 'pin' || action.kind === 'unpin';
/** Restoring is for what is deleted, everything else for what is not. */
const isEligible = (row: { deleted_at: string | null }, action: BulkAction): boolean =>
  (row.deleted_at !== null) === (action.kind === 'restore');

function bulkChange(action: BulkAction): 'updated' | 'deleted' | 'restored' {
  switch (action.kind) {
    case 'delete':
      return 'deleted';
    case 'restore':
      return 'restored';
    case 'tag':
    case 'untag':
    case 'pin':
    case 'unpin':
      return 'updated';
    default:
      return assertNever(action);
  }
}

function sharedEdit<Row extends WorkingRow | LongTermRow>(action: BulkAction, now: string): ChangeOf<Row> {
  switch (action.kind) {
    case 'tag':
      return (row) => ({ ...row, tags: [...new Set([...row.tags, ...action.tags])] });
    case 'untag':
      return (row) => ({ ...row, tags: row.tags.filter((tag) => !action.tags.includes(tag)) });
    case 'delete':
      return (row) => ({ ...row, deleted_at: now });
    case 'restore':
      return (row) => ({ ...row, deleted_at: null });
    case 'pin':
    case 'unpin':
      return (row) => row;
    default:
      return assertNever(action);
  }
}

function longTermEdit(action: BulkAction, now: string): ChangeOf<LongTermRow> {
  if (isPin(action)) return (row) => ({ ...row, pinned: action.kind === 'pin' });
  return sharedEdit(action, now);
}

function changedPairs<Row extends WorkingRow | LongTermRow>(
  rows: readonly Row[],
  action: BulkAction,
  edit: ChangeOf<Row>,
  now: string,
): { before: Row; after: Row }[] {
  return rows
    .filter((row) => isEligible(row, action))
    .map((before) => ({ before, after: edit(before) }))
    .filter(({ before, after }) => !isDeepStrictEqual(before, after))
    .map(({ before, after }) => ({ before, after: { ...after, updated_at: now } }));
}

async function requirePresent(tx: Transaction, scope: Scope, ids: readonly string[], now: string): Promise<void> {
  const working = (await workingTable.byIds(tx, scope, ids)).filter((row) => !hasExpired(row, now));
  const rows = [...working, ...(await longTermTable.byIds(tx, scope, ids))];
  const present = new Set(rows.filter((row) => row.deleted_at === null).map((row) => row.id));
  for (const id of ids) if (!present.has(id)) throw notFound('memory', id);
}

async function existingLink(tx: Transaction, link: LinkRow): Promise<LinkRow> {
  const [row] = await tx.run<LinkRow>(
    db
      .selectFrom('archon_memory_links')
      .selectAll()
      .where('org_id', '=', link.org_id)
      .where('from_id', '=', link.from_id)
      .where('to_id', '=', link.to_id)
      .where('relation', '=', link.relation),
  );
  if (row === undefined) throw new ArchonError('CONFLICT', 'The link was removed at the same time; try again.');
  return row;
}

/**
 * The long-term memories connected to `id` by superseding, the newest of them, oldest first. UNION ends even if data had
 * a circle.
 */
async function supersedingChain(tx: Transaction, scope: Scope, id: string): Promise<LongTermRow[]> {
  const columns = longTermTable.columns.map((column) => `m.${column}`).join(', ');
  const newestFirst = await tx.sql<LongTermRow>(
    `WITH RECURSIVE chain (id, superseded_by) AS (
       SELECT id, superseded_by FROM archon_longterm_memory WHERE org_id = $1 AND id = $2
       UNION
       SELECT m.id, m.superseded_by FROM chain
       JOIN archon_longterm_memory AS m
         ON m.org_id = $1 AND (m.superseded_by = chain.id OR m.id = chain.superseded_by)
     )
     SELECT ${columns} FROM chain JOIN archon_longterm_memory AS m ON m.org_id = $1 AND m.id = chain.id
     ORDER BY m.valid_from DESC, m.created_at DESC, m.id DESC LIMIT ${CHAIN_LIMIT}`,
    [scope.org_id, id],
  );
  return newestFirst.reverse();
}

/** Jumps from user to user along the index instead of reading every row; counts only the users of the page. */
async function memoryUsers(
  tx: Transaction,
  scope: Scope,
  page: { after: string | undefined; search: string | undefined; limit: number; now: string },
): Promise<{ user_id: string; working_count: number; longterm_count: number }[]> {
  const search = page.search ? `%${page.search.replaceAll(/[\\%_]/g, '\\$&')}%` : null;
  return await tx.sql(
    `WITH RECURSIVE names (user_id) AS (
       SELECT least(
         (SELECT min(user_id) FROM archon_working_memory WHERE org_id = $1 AND ($2::text IS NULL OR user_id > $2)),
         (SELECT min(user_id) FROM archon_longterm_memory WHERE org_id = $1 AND ($2::text IS NULL OR user_id > $2)))
       UNION ALL
       SELECT least(
         (SELECT min(user_id) FROM archon_working_memory WHERE org_id = $1 AND user_id > names.user_id),
         (SELECT min(user_id) FROM archon_longterm_memory WHERE org_id = $1 AND user_id > names.user_id))
       FROM names WHERE names.user_id IS NOT NULL
     ), chosen AS (
       SELECT user_id FROM names WHERE user_id IS NOT NULL AND ($3::text IS NULL OR user_id ILIKE $3) LIMIT $4
     )
     SELECT user_id,
       (SELECT count(*) FROM archon_working_memory AS w WHERE w.org_id = $1 AND w.user_id = chosen.user_id AND w.deleted_at IS NULL AND w.expires_at > $5) AS working_count,
       (SELECT count(*) FROM archon_longterm_memory AS l WHERE l.org_id = $1 AND l.user_id = chosen.user_id AND l.deleted_at IS NULL AND l.valid_to IS NULL) AS longterm_count
     FROM chosen`,
    [scope.org_id, page.after ?? null, search, page.limit, page.now],
  );
}

async function eraseLayer(tx: Transaction, scope: Scope, table: string, user_id: string): Promise<number> {
  await tx.sql(
    `WITH gone AS (SELECT id FROM ${table} WHERE org_id = $1 AND user_id = $2),
          revisions AS (DELETE FROM archon_memory_revisions WHERE org_id = $1 AND memory_id IN (SELECT id FROM gone))
     DELETE FROM archon_memory_links WHERE org_id = $1 AND (from_id IN (SELECT id FROM gone) OR to_id IN (SELECT id FROM gone))`,
    [scope.org_id, user_id],
  );
  const [row] = await tx.sql<{ erased: number }>(
    `WITH erased AS (DELETE FROM ${table} WHERE org_id = $1 AND user_id = $2 RETURNING 1) SELECT count(*) AS erased FROM erased`,
    [scope.org_id, user_id],
  );
  return row?.erased ?? 0;
}

/** @throws ArchonError VALIDATION_FAILED */
export function requireTwoMemories({ from_id, to_id }: { from_id: string; to_id: string }): void {
  if (from_id === to_id) throw invalidField('to_id', 'must be another memory than from_id');
}
