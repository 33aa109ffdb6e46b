/**
 * Notes of the ops agent in the database that nodes share.
 *
 * Who writes takes a lock of the organisation first and a number second, and PostgreSQL gives the lock back only after the
 * commit shows. So numbers show in their order, and whoever has read up to one has seen all before it.
 */
import { HINT_CHANNEL, toPayload } from '../../events/event-hint.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import { compiled } from '../../storage/sql.ts';
import type { RecordKind } from './documents.ts';
import type { Belonging, Keeping, SharedRecord } from './ops-records.ts';

export interface Changes {
  versions: SharedRecord[];
  /** Everything up to it is among `versions` or was before. */
  up_to: number;
  more: boolean;
  /** The last there is; less than what was read before when the database is not the one it was. */
  last: number;
}

/** What nodes share notes through. Every method rejects while it is away. */
export interface SharedTable {
  /** Writes those that are newer than what is there. @param tell whether the other nodes are to look at once */
  push(scope: Scope, versions: readonly SharedRecord[], tell: boolean): Promise<void>;
  changes(scope: Scope, after: number, limit: number): Promise<Changes>;
  /** The agents of the other nodes are to look at once. */
  ring(scope: Scope): Promise<void>;
  /** Like those of {@link OpsRecords}. */
  prune(scope: Scope, kind: RecordKind, keeping: Keeping): Promise<void>;
  pruneOrphans(scope: Scope, belonging: Belonging, before_ms: number): Promise<void>;
  pruneRemoved(scope: Scope, before_ms: number, kind?: RecordKind): Promise<void>;
}

const PUSH = `INSERT INTO archon_ops_records AS kept
    (org_id, kind, id, at_ms, open, removed, document, changed_ms, writer, seq)
  SELECT $1, kind, id, at_ms, open, removed, document::json, changed_ms, writer, nextval('archon_ops_records_seq')
  FROM unnest($2::text[], $3::text[], $4::bigint[], $5::boolean[], $6::boolean[], $7::text[], $8::bigint[], $9::text[])
    AS given (kind, id, at_ms, open, removed, document, changed_ms, writer)
  ON CONFLICT (org_id, kind, id) DO UPDATE SET at_ms = excluded.at_ms, open = excluded.open, removed = excluded.removed,
    document = excluded.document, changed_ms = excluded.changed_ms, writer = excluded.writer, seq = excluded.seq
  WHERE (excluded.changed_ms, excluded.writer) > (kept.changed_ms, kept.writer)`;

const PRUNE = `DELETE FROM archon_ops_records WHERE org_id = $1 AND kind = $2 AND NOT open AND NOT removed
  AND (at_ms < $3 OR (at_ms, id) < (
    SELECT at_ms, id FROM archon_ops_records WHERE org_id = $1 AND kind = $2
    ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET $4))`;

const PRUNE_ORPHANS = `DELETE FROM archon_ops_records AS said WHERE org_id = $1 AND kind = $2 AND at_ms < $3
  AND NOT EXISTS (SELECT 1 FROM archon_ops_records WHERE org_id = $1 AND kind = $4 AND id = said.document->>$5)`;

const CHANGES = `SELECT kind, id, at_ms, open, removed, document::text AS document, changed_ms, writer, seq
  FROM archon_ops_records WHERE org_id = $1 AND seq > $2 ORDER BY seq LIMIT $3`;

export class PostgresSharedTable implements SharedTable {
  readonly #database: Pick<Database, 'atOnce'>;
  readonly #node: string;

  /** @param node of this run, so that it does not hear of its own */
  constructor(database: Pick<Database, 'atOnce'>, node: string) {
    this.#database = database;
    this.#node = node;
  }

  async push(scope: Scope, versions: readonly SharedRecord[], tell: boolean): Promise<void> {
    const column = <T>(of: (version: SharedRecord) => T): T[] => versions.map(of);
    const hint = toPayload({ kind: 'ops', node: this.#node, org_id: scope.org_id });
    // In one flight: the lock is held for no longer than the database takes, however far away this node is.
    await this.#database.atOnce(scope, [
      compiled(`SELECT pg_advisory_xact_lock(hashtextextended('archon ops records ' || $1, 0))`, [scope.org_id]),
      compiled(PUSH, [
        scope.org_id,
        column(({ kind }) => kind),
        column(({ id }) => id),
        column(({ at_ms }) => at_ms),
        column(({ open }) => open),
        column(({ removed }) => removed),
        column(({ document }) => document),
        column(({ changed_ms }) => changed_ms),
        column(({ writer }) => writer),
      ]),
      ...(tell ? [compiled('SELECT pg_notify($1, $2)', [HINT_CHANNEL, hint])] : []),
    ]);
  }

  async changes(scope: Scope, after: number, limit: number): Promise<Changes> {
    const [last, rows] = await this.#database.atOnce(scope, [
      compiled('SELECT coalesce(max(seq), 0) AS last FROM archon_ops_records WHERE org_id = $1', [scope.org_id]),
      compiled(CHANGES, [scope.org_id, after, limit]),
    ]);
    const found = rows as (SharedRecord & { kind: RecordKind; seq: number })[];
    return {
      versions: found.map(({ seq: _seq, ...version }) => version),
      up_to: found.at(-1)?.seq ?? after,
      more: found.length === limit,
      last: (last as { last: number }[])[0]?.last ?? 0,
    };
  }

  async ring(scope: Scope): Promise<void> {
    const hint = toPayload({ kind: 'ops', node: this.#node, org_id: scope.org_id, ring: true });
    await this.#database.atOnce(scope, [compiled('SELECT pg_notify($1, $2)', [HINT_CHANNEL, hint])]);
  }

  async prune({ org_id, actor }: Scope, kind: RecordKind, { before_ms, most }: Keeping): Promise<void> {
    await this.#database.atOnce({ org_id, actor }, [compiled(PRUNE, [org_id, kind, before_ms, most])]);
  }

  async pruneOrphans(scope: Scope, { kind, owner, field }: Belonging, before_ms: number): Promise<void> {
    const statement = compiled(PRUNE_ORPHANS, [scope.org_id, kind, before_ms, owner, field]);
    await this.#database.atOnce(scope, [statement]);
  }

  async pruneRemoved(scope: Scope, before_ms: number, kind: RecordKind | null = null): Promise<void> {
    const statement = compiled(
      `DELETE FROM archon_ops_records WHERE org_id = $1 AND removed AND at_ms < $2 AND ($3::text IS NULL OR kind = $3)`,
      [scope.org_id, before_ms, kind],
    );
    await this.#database.atOnce(scope, [statement]);
  }
}
