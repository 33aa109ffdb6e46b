/** The two memory tables as sets of rows: insert, lock, and write back with a revision of what was before. */
import type { EventType, MemoryRevision, NewEvent } from '../../src-contract/index.ts';
import { recordEvents } from '../events/event-log.ts';
import type { Scope } from '../identity/scope.ts';
import type { EventWrite, Transaction } from '../storage/database.ts';
import type { LongTermRow, WorkingRow } from '../storage/schema.ts';
import { compiled } from '../storage/sql.ts';

type Change = MemoryRevision['change'];
interface AnyRow {
  org_id: string;
  id: string;
  user_id: string;
  memory_type: string;
}

/**
 * What a reader in brief gets of a memory: a text up to so many characters, other JSON up to so many bytes, so many
 * tags. The longest text a context can take has 4,000 tokens.
 */
export const BRIEF = { text_length: 65_536, json_bytes: 16_384, tags: 100 } as const;

/** Rows per statement: PostgreSQL takes at most 65,535 parameters. */
const ROWS_PER_INSERT = 500;

/** One table, its columns and which of them a change may touch. */
export class MemoryTable<Row extends AnyRow> {
  readonly layer: 'working' | 'longterm';
  readonly name: string;
  /** Every stored column that is part of the entity; the search vector is not. */
  readonly columns: readonly (keyof Row & string)[];
  readonly #mutable: readonly (readonly [column: keyof Row & string, type: string])[];

  constructor(
    layer: 'working' | 'longterm',
    name: string,
    fixed: readonly (keyof Row & string)[],
    mutable: readonly (readonly [column: keyof Row & string, type: string])[],
  ) {
    this.layer = layer;
    this.name = name;
    this.columns = [...fixed, ...mutable.map(([column]) => column)];
    this.#mutable = mutable;
  }

  get columnList(): string {
    return this.columns.join(', ');
  }

  /** The columns of an alias, whole. */
  selection(alias: string): string {
    return this.columns.map((column) => `${alias}.${column}`).join(', ');
  }

  /** The columns of an alias in {@link BRIEF}, and `shortened`, which tells whether anything is missing. */
  briefSelection(alias: string): string {
    const content = `octet_length(${alias}.content::text) > ${BRIEF.text_length}`;
    const metadata = `octet_length(${alias}.metadata::text) > ${BRIEF.json_bytes}`;
    const tags = `cardinality(${alias}.tags) > ${BRIEF.tags}`;
    const brief: Record<string, string> = {
      content: `CASE WHEN ${content} THEN jsonb_build_object('text', left(${alias}.content ->> 'text', ${BRIEF.text_length}))
                ELSE ${alias}.content END AS content`,
      metadata: `CASE WHEN ${metadata} THEN '{}' ELSE ${alias}.metadata END AS metadata`,
      tags: `${alias}.tags[1:${BRIEF.tags}] AS tags`,
    };
    const columns = this.columns.map((column) => brief[column] ?? `${alias}.${column}`);
    return [...columns, `(${content} OR ${metadata} OR ${tags}) AS shortened`].join(', ');
  }

  /** SQL and values of one insert of at most {@link ROWS_PER_INSERT} rows. */
  insertStatement(scope: Scope, rows: readonly Row[], suffix = ''): { sql: string; parameters: unknown[] } {
    const parameters: unknown[] = [];
    const tuples = rows.map((row) => {
      const places = this.columns.map((column) => {
        parameters.push(column === 'org_id' ? scope.org_id : row[column]);
        return `$${parameters.length}`;
      });
      return `(${places.join(', ')})`;
    });
    return { sql: `INSERT INTO ${this.name} (${this.columnList}) VALUES ${tuples.join(', ')} ${suffix}`, parameters };
  }

  /**
   * One statement that inserts at most {@link ROWS_PER_INSERT} rows and records an event for each.
   *
   * @param again rows that are there already stay, and are not told of
   */
  creation(scope: Scope, rows: readonly Row[], again = false): EventWrite {
    const conflict = again ? 'ON CONFLICT (org_id, id) DO NOTHING ' : '';
    const { sql, parameters } = this.insertStatement(scope, rows, `${conflict}RETURNING id, user_id, memory_type`);
    const place = parameters.length;
    const type = `memory.${this.layer}.created` as const satisfies EventType;
    const insertion = compiled(
      `WITH written AS (${sql})
       INSERT INTO archon_events (org_id, type, user_id, actor, payload)
       SELECT $${place + 1}, $${place + 2}, user_id, $${place + 3}, jsonb_build_object('memory_id', id, 'memory_type', memory_type)
       FROM written`,
      [...parameters, scope.org_id, type, scope.actor],
    );
    return { ...insertion, event_types: rows.map(() => type) };
  }

  /** Inserts the rows whose id is not there yet; how many were new. */
  async insertMissing(tx: Transaction, scope: Scope, rows: readonly Row[]): Promise<number> {
    let added = 0;
    for (let start = 0; start < rows.length; start += ROWS_PER_INSERT) {
      const batch = rows.slice(start, start + ROWS_PER_INSERT);
      const { sql, parameters } = this.insertStatement(
        scope,
        batch,
        'ON CONFLICT (org_id, id) DO NOTHING RETURNING id',
      );
      added += (await tx.sql(sql, parameters)).length;
    }
    return added;
  }

  async byIds(tx: Transaction, scope: Scope, ids: readonly string[]): Promise<Row[]> {
    return await tx.sql<Row>(
      `SELECT ${this.columnList} FROM ${this.name} WHERE org_id = $1 AND id = ANY ($2::uuid[])`,
      [scope.org_id, ids],
    );
  }

  /** The rows, locked until the transaction ends; in the order of their ids, so that no two writers deadlock. */
  async lock(tx: Transaction, scope: Scope, ids: readonly string[]): Promise<Row[]> {
    return await tx.sql<Row>(
      `SELECT ${this.columnList} FROM ${this.name} WHERE org_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE`,
      [scope.org_id, ids],
    );
  }

  /**
   * Writes changed rows back, keeping a revision of each as it was and recording an event for each.
   *
   * @param pairs rows as locked and as they shall be
   */
  async writeBack(
    tx: Transaction,
    scope: Scope,
    pairs: readonly { before: Row; after: Row }[],
    change: Change,
    created_at: string,
    eventOf: (after: Row) => NewEvent,
  ): Promise<void> {
    if (pairs.length === 0) return;
    await tx.sql(
      `INSERT INTO archon_memory_revisions (org_id, memory_id, revision, layer, change, actor, before, created_at)
       SELECT $1, given.id, 1 + coalesce((SELECT max(revision) FROM archon_memory_revisions AS r
                                          WHERE r.org_id = $1 AND r.memory_id = given.id), 0), $2, $3, $4, given.before, $5
       FROM jsonb_to_recordset($6::jsonb) AS given (id uuid, before jsonb)`,
      [
        scope.org_id,
        this.layer,
        change,
        scope.actor,
        created_at,
        JSON.stringify(pairs.map(({ before }) => ({ id: before.id, before }))),
      ],
    );
    const names = this.#mutable.map(([column]) => column);
    await tx.sql(
      `UPDATE ${this.name} AS m SET ${names.map((column) => `${column} = given.${column}`).join(', ')}
       FROM jsonb_to_recordset($2::jsonb) AS given (id uuid, ${this.#mutable.map(([column, type]) => `${column} ${type}`).join(', ')})
       WHERE m.org_id = $1 AND m.id = given.id`,
      [
        scope.org_id,
        JSON.stringify(
          pairs.map(({ after }) => Object.fromEntries([['id', after.id], ...names.map((name) => [name, after[name]])])),
        ),
      ],
    );
    await tx.run(
      recordEvents(
        scope,
        pairs.map(({ after }) => eventOf(after)),
      ),
    );
  }
}

export const workingTable = new MemoryTable<WorkingRow>(
  'working',
  'archon_working_memory',
  ['org_id', 'id', 'user_id', 'session_id', 'created_at', 'language'],
  [
    ['memory_type', 'text'],
    ['content', 'jsonb'],
    ['metadata', 'jsonb'],
    ['tags', 'text[]'],
    ['token_count', 'integer'],
    ['relevance_score', 'float8'],
    ['relevance_at', 'timestamptz'],
    ['updated_at', 'timestamptz'],
    ['expires_at', 'timestamptz'],
    ['deleted_at', 'timestamptz'],
  ],
);

/** Access counts are not among what a change writes: they are counted apart, without revisions. */
export const longTermTable = new MemoryTable<LongTermRow>(
  'longterm',
  'archon_longterm_memory',
  [
    'org_id',
    'id',
    'user_id',
    'content',
    'token_count',
    'provenance',
    'created_at',
    'valid_from',
    'language',
    'access_count',
    'last_accessed_at',
  ],
  [
    ['memory_type', 'text'],
    ['metadata', 'jsonb'],
    ['tags', 'text[]'],
    ['importance_score', 'float8'],
    ['pinned', 'boolean'],
    ['updated_at', 'timestamptz'],
    ['valid_to', 'timestamptz'],
    ['superseded_by', 'uuid'],
    ['deleted_at', 'timestamptz'],
  ],
);
