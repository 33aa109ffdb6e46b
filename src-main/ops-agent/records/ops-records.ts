/**
 * Notes of the ops agent, in `history.db` of this computer: it must work while every other store is away. Nodes that
 * share a database share their notes through it, a moment later (`record-sharing.ts`); the newest of each id holds.
 */
import type { Database } from 'better-sqlite3';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import type { Documents, RecordKind } from './documents.ts';

export interface OpsRecord<K extends RecordKind> {
  id: string;
  at_ms: number;
  open: boolean;
  document: Documents[K];
}

/** A place in a list. */
export interface RecordPlace {
  at_ms: number;
  id: string;
}

export interface RecordChange {
  org_id: string;
  kind: RecordKind;
  id: string;
  /** Written by this process; otherwise by another node. */
  own: boolean;
}

interface Row {
  id: string;
  at_ms: number;
  open: number;
  document: string;
}

/** Every method may throw a `SqliteFileError`. */
export class OpsRecords {
  readonly #db: Database;
  readonly #shared: boolean;
  readonly #listeners = new Set<(change: RecordChange) => void>();
  /** Told once it is written. */
  #untold: RecordChange[] | undefined;

  /** @param shared whether other nodes are to get what is written here */
  constructor(db: Database, { shared }: { shared: boolean }) {
    this.#db = db;
    this.#shared = shared;
  }

  /** Writes a document, in place of an older one of its id. */
  put<K extends RecordKind>(org_id: string, kind: K, { id, at_ms, open, document }: OpsRecord<K>): void {
    this.#write(org_id, kind, { id, at_ms, open: open ? 1 : 0, document: JSON.stringify(document) }, this.#shared);
    this.#tell({ org_id, kind, id, own: true });
  }

  get<K extends RecordKind>(org_id: string, kind: K, id: string): Documents[K] | undefined {
    const row = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], Row>('SELECT * FROM ops_records WHERE org_id = ? AND kind = ? AND id = ?')
        .get(org_id, kind, id),
    );
    return row && (JSON.parse(row.document) as Documents[K]);
  }

  /** Newest first; after a place when one is given. */
  list<K extends RecordKind>(
    org_id: string,
    kind: K,
    { open, before, limit }: { open?: boolean; before?: RecordPlace | undefined; limit: number },
  ): OpsRecord<K>[] {
    const rows = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], Row>(
          `SELECT id, at_ms, open, document FROM ops_records
           WHERE org_id = ? AND kind = ? ${open ? 'AND open = 1' : ''} AND (? IS NULL OR (at_ms, id) < (?, ?))
           ORDER BY at_ms DESC, id DESC LIMIT ?`,
        )
        .all(org_id, kind, before?.at_ms ?? null, before?.at_ms ?? null, before?.id ?? null, limit),
    );
    return rows.map((row) => ({ ...row, open: row.open === 1, document: JSON.parse(row.document) as Documents[K] }));
  }

  remove(org_id: string, kind: RecordKind, id: string): void {
    withSqliteFaults(this.#db.name, () =>
      this.#db.prepare('DELETE FROM ops_records WHERE org_id = ? AND kind = ? AND id = ?').run(org_id, kind, id),
    );
    this.#tell({ org_id, kind, id, own: true });
  }

  /** Writes all that the work writes at once, or nothing of it: each write alone waits for the disk. */
  together<T>(work: () => T): T {
    if (this.#untold) return work();
    const changes: RecordChange[] = [];
    this.#untold = changes;
    let result: T;
    try {
      result = withSqliteFaults(this.#db.name, this.#db.transaction(work));
    } finally {
      this.#untold = undefined;
    }
    for (const change of changes) this.#tell(change);
    return result;
  }

  /** Is told of every change. Nothing it does may fail. */
  onChange(listener: (change: RecordChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #write(org_id: string, kind: RecordKind, row: Row, unsaved: boolean): void {
    withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare(
          `INSERT INTO ops_records (org_id, kind, id, at_ms, open, document, unsaved) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (org_id, kind, id) DO UPDATE SET at_ms = excluded.at_ms, open = excluded.open,
             document = excluded.document, unsaved = excluded.unsaved`,
        )
        .run(org_id, kind, row.id, row.at_ms, row.open, row.document, unsaved ? 1 : 0),
    );
  }

  #tell(change: RecordChange): void {
    if (this.#untold) {
      this.#untold.push(change);
      return;
    }
    for (const listener of this.#listeners) listener(change);
  }
}
