/** Whole memories in and out of the database, every field kept: what import and export stand on. */
import { z } from 'zod';
import type { EventPayload, NewEvent } from '../../src-contract/index.ts';
import { assertNever } from '../errors.ts';
import { recordEvents } from '../events/event-log.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database, Transaction } from '../storage/database.ts';
import type { LinkRow, LongTermRow, RevisionRow, WorkingRow } from '../storage/schema.ts';
import { longTermTable, workingTable } from './memory-table.ts';

/** Rows read per transaction: an open one would hold up everybody else on the embedded database. */
const PAGE = 500;

/** A batch to insert. Rows keep their ids and times; `org_id` is the scope's whatever the row says. */
export interface TransferBatch {
  working?: readonly WorkingRow[];
  longterm?: readonly LongTermRow[];
  revisions?: readonly RevisionRow[];
  links?: readonly LinkRow[];
}

/** One exported row with its table. */
export type TransferRow =
  | { type: 'working'; row: WorkingRow }
  | { type: 'longterm'; row: LongTermRow }
  | { type: 'revision'; row: RevisionRow }
  | { type: 'link'; row: LinkRow };

/** The row after which reading goes on. */
export const rowPosition = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['working', 'longterm']), id: z.string() }),
  z.object({ type: z.literal('revision'), memory_id: z.string(), revision: z.int() }),
  z.object({ type: z.literal('link'), from_id: z.string(), to_id: z.string(), relation: z.string() }),
]);
export type RowPosition = z.infer<typeof rowPosition>;

/** Tables in the order they are read. */
const ROW_ORDER = ['working', 'longterm', 'revision', 'link'] as const;

export function positionOf(row: TransferRow): RowPosition {
  switch (row.type) {
    case 'working':
    case 'longterm':
      return { type: row.type, id: row.row.id };
    case 'revision':
      return { type: 'revision', memory_id: row.row.memory_id, revision: row.row.revision };
    case 'link': {
      const { from_id, to_id, relation } = row.row;
      return { type: 'link', from_id, to_id, relation };
    }
    default:
      return assertNever(row);
  }
}

/** Whose rows; without users those of everybody. */
export interface RowFilter {
  user_ids?: readonly string[] | undefined;
}

export interface InsertedCounts {
  working: number;
  longterm: number;
  revisions: number;
  links: number;
}

export interface MemoryTransfer {
  /** Inserts what is not there yet (by primary key), all of the batch or none; how many rows were new. */
  insert(scope: Scope, batch: TransferBatch): Promise<InsertedCounts>;
  /**
   * Every row of the organisation or of some users, tombstones and superseded ones included, in short pages.
   *
   * @param after goes on behind this row
   */
  rows(scope: Scope, filter: RowFilter, after?: RowPosition): AsyncIterable<TransferRow>;
  /** How many rows that are, all tables together. */
  count(scope: Scope, filter: RowFilter): Promise<number>;
}

export class DatabaseMemoryTransfer implements MemoryTransfer {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async insert(scope: Scope, batch: TransferBatch): Promise<InsertedCounts> {
    return await this.#database.withScope(scope, async (tx) => {
      const working = await workingTable.insertMissing(tx, scope, batch.working ?? []);
      const longterm = await longTermTable.insertMissing(tx, scope, batch.longterm ?? []);
      const revisions = await insertRevisions(tx, scope, batch.revisions ?? []);
      const links = await insertLinks(tx, scope, batch.links ?? []);
      const events = importEvents(batch, { working, longterm, revision: revisions, link: links });
      if (events.length > 0) await tx.run(recordEvents(scope, events));
      return { working, longterm, revisions, links };
    });
  }

  async *rows(scope: Scope, { user_ids }: RowFilter, after?: RowPosition): AsyncIterable<TransferRow> {
    const users = user_ids ?? null;
    const behind = after === undefined ? 0 : ROW_ORDER.indexOf(after.type);
    for (const table of [workingTable, longTermTable]) {
      if (ROW_ORDER.indexOf(table.layer) < behind) continue;
      let last = after?.type === table.layer ? after.id : null;
      for (;;) {
        const page: (WorkingRow | LongTermRow)[] = await this.#memoryPage(scope, table, users, last);
        for (const row of page) yield { type: table.layer, row } as TransferRow;
        last = page.at(-1)?.id ?? null;
        if (page.length < PAGE) break;
      }
    }
    if (behind <= ROW_ORDER.indexOf('revision')) {
      yield* this.#revisions(scope, users, after?.type === 'revision' ? after : undefined);
    }
    yield* this.#links(scope, users, after?.type === 'link' ? after : undefined);
  }

  async count(scope: Scope, { user_ids }: RowFilter): Promise<number> {
    const [row] = await this.#database.withScope(scope, (tx) =>
      tx.sql<{ total: number }>(
        `SELECT ((SELECT count(*) FROM archon_working_memory WHERE org_id = $1 AND ${OF_USERS})
               + (SELECT count(*) FROM archon_longterm_memory WHERE org_id = $1 AND ${OF_USERS})
               + (SELECT count(*) FROM archon_memory_revisions WHERE org_id = $1 AND ${REVISION_OF_USERS})
               + (SELECT count(*) FROM archon_memory_links AS k WHERE org_id = $1 AND ${LINK_OF_USERS}))::float8 AS total`,
        [scope.org_id, user_ids ?? null],
      ),
    );
    return row?.total ?? 0;
  }

  async #memoryPage(
    scope: Scope,
    table: typeof workingTable | typeof longTermTable,
    users: readonly string[] | null,
    after: string | null,
  ): Promise<(WorkingRow | LongTermRow)[]> {
    return await this.#database.withScope(scope, (tx) =>
      tx.sql<WorkingRow | LongTermRow>(
        `SELECT ${table.columnList} FROM ${table.name}
         WHERE org_id = $1 AND ${OF_USERS} AND ($3::uuid IS NULL OR id > $3)
         ORDER BY id LIMIT ${PAGE}`,
        [scope.org_id, users, after],
      ),
    );
  }

  async *#revisions(
    scope: Scope,
    users: readonly string[] | null,
    from: Extract<RowPosition, { type: 'revision' }> | undefined,
  ): AsyncIterable<TransferRow> {
    let after: Pick<RevisionRow, 'memory_id' | 'revision'> | undefined = from;
    for (;;) {
      const page: RevisionRow[] = await this.#database.withScope(scope, (tx) =>
        tx.sql<RevisionRow>(
          `SELECT * FROM archon_memory_revisions AS r
           WHERE org_id = $1 AND ${REVISION_OF_USERS}
             AND ($3::uuid IS NULL OR (memory_id, revision) > ($3, $4))
           ORDER BY memory_id, revision LIMIT ${PAGE}`,
          [scope.org_id, users, after?.memory_id ?? null, after?.revision ?? 0],
        ),
      );
      for (const row of page) yield { type: 'revision', row };
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }

  async *#links(
    scope: Scope,
    users: readonly string[] | null,
    from: Extract<RowPosition, { type: 'link' }> | undefined,
  ): AsyncIterable<TransferRow> {
    let after: { from_id: string; to_id: string; relation: string } | undefined = from;
    for (;;) {
      const page: LinkRow[] = await this.#database.withScope(scope, (tx) =>
        tx.sql<LinkRow>(
          `SELECT * FROM archon_memory_links AS k
           WHERE org_id = $1 AND ${LINK_OF_USERS}
             AND ($3::uuid IS NULL OR (from_id, to_id, relation) > ($3, $4::uuid, $5::text))
           ORDER BY from_id, to_id, relation LIMIT ${PAGE}`,
          [scope.org_id, users, after?.from_id ?? null, after?.to_id ?? null, after?.relation ?? ''],
        ),
      );
      for (const row of page) yield { type: 'link', row };
      after = page.at(-1);
      if (page.length < PAGE) return;
    }
  }
}

/** Conditions on the users in `$2`; null is everybody. */
const OF_USERS = '($2::text[] IS NULL OR user_id = ANY($2))';
const REVISION_OF_USERS = "($2::text[] IS NULL OR before ->> 'user_id' = ANY($2))";
const LINK_OF_USERS = `($2::text[] IS NULL
  OR EXISTS (SELECT FROM archon_working_memory AS w
             WHERE w.org_id = $1 AND w.id = k.from_id AND w.user_id = ANY($2))
  OR EXISTS (SELECT FROM archon_longterm_memory AS l
             WHERE l.org_id = $1 AND l.id = k.from_id AND l.user_id = ANY($2)))`;

/** One event per layer of a batch: a hundred thousand imported messages must not be as many events. */
function importEvents(
  batch: TransferBatch,
  added: Record<EventPayload<'memory.imported'>['layer'], number>,
): NewEvent[] {
  const events: NewEvent[] = [];
  for (const layer of ['working', 'longterm', 'revision', 'link'] as const) {
    if (added[layer] === 0) continue;
    const rows = layer === 'working' || layer === 'longterm' ? (batch[layer] ?? []) : [];
    const users = new Set(rows.map((row) => row.user_id));
    const [only] = users;
    events.push({
      type: 'memory.imported',
      user_id: users.size === 1 && only !== undefined ? only : null,
      payload: { layer, count: added[layer] },
    });
  }
  return events;
}

async function insertRevisions(tx: Transaction, scope: Scope, rows: readonly RevisionRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const added = await tx.sql(
    `INSERT INTO archon_memory_revisions (org_id, memory_id, revision, layer, change, actor, before, created_at)
     SELECT $1, memory_id, revision, layer, change, actor, before, created_at
     FROM jsonb_to_recordset($2::jsonb) AS given
       (memory_id uuid, revision integer, layer text, change text, actor text, before jsonb, created_at timestamptz)
     ON CONFLICT (org_id, memory_id, revision) DO NOTHING RETURNING revision`,
    [scope.org_id, JSON.stringify(rows)],
  );
  return added.length;
}

async function insertLinks(tx: Transaction, scope: Scope, rows: readonly LinkRow[]): Promise<number> {
  if (rows.length === 0) return 0;
  const added = await tx.sql(
    `INSERT INTO archon_memory_links (org_id, from_id, to_id, relation, created_at)
     SELECT $1, from_id, to_id, relation, created_at
     FROM jsonb_to_recordset($2::jsonb) AS given (from_id uuid, to_id uuid, relation text, created_at timestamptz)
     ON CONFLICT (org_id, from_id, to_id, relation) DO NOTHING RETURNING from_id`,
    [scope.org_id, JSON.stringify(rows)],
  );
  return added.length;
}
