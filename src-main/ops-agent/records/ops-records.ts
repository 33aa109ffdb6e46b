/**
 * Notes of the ops agent, in `history.db` of this computer: it must work while every other store is away. Nodes that
 * share a database share their notes through it, a moment later (`record-sharing.ts`); the newest of each id holds.
 */
import { randomUUID } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { type Clock, systemClock } from '../../clock.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import type { Documents, RecordKind } from './documents.ts';
import { keyOf, placesOf } from './notes-place.ts';
import { isNewer, type Version } from './record-version.ts';
import { Statements } from './statements.ts';

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

/** A version of a note as nodes give it to each other. */
export interface SharedRecord extends Version {
  kind: RecordKind;
  id: string;
  at_ms: number;
  open: boolean;
  removed: boolean;
  /** JSON. */
  document: string;
}

/** How much of a kind is kept. */
export interface Keeping {
  /** Milliseconds since the epoch. */
  before_ms: number;
  most: number;
}

/** Notes that are kept as long as another one. */
export interface Belonging {
  kind: RecordKind;
  owner: RecordKind;
  /** Of its document: the id of the owner. */
  field: string;
}

interface Row {
  id: string;
  at_ms: number;
  open: number;
  document: string;
}
type FullRow = Row & Version & { kind: RecordKind; removed: number };

export interface OpsRecordsOptions {
  /** Of which database they are ({@link notesPlace}): those of one are not shown, judged or shared on another. */
  place?: string;
  /** Whether other nodes are to get what is written here. */
  shared: boolean;
  clock?: Clock;
  /** Of this run of the process: who wrote a version. */
  writer?: string;
}

const COLUMNS = 'kind, id, at_ms, open, document, changed_ms, writer, removed';

/** Every method may throw a `SqliteFileError`. */
export class OpsRecords {
  readonly writer: string;
  readonly #db: Database;
  readonly #place: string;
  readonly #shared: boolean;
  readonly #clock: Clock;
  readonly #listeners = new Set<(change: RecordChange) => void>();
  readonly #sql: Statements;
  /** Told once it is written. */
  #untold: RecordChange[] | undefined;

  constructor(db: Database, { place = '', shared, clock = systemClock, writer = randomUUID() }: OpsRecordsOptions) {
    this.writer = writer;
    this.#db = db;
    this.#place = place;
    this.#sql = new Statements(db);
    this.#shared = shared;
    this.#clock = clock;
  }

  /** Writes a document, in place of an older one of its id. */
  put<K extends RecordKind>(org_id: string, kind: K, { id, at_ms, open, document }: OpsRecord<K>): void {
    this.#guard(() =>
      this.#writeOwn(org_id, { kind, id, at_ms, open, removed: false, document: JSON.stringify(document) }),
    );
    this.#tell({ org_id, kind, id, own: true });
  }

  get<K extends RecordKind>(org_id: string, kind: K, id: string): Documents[K] | undefined {
    const row = this.#guard(() =>
      this.#sql
        .of<Row>('SELECT * FROM ops_records WHERE org_id = ? AND kind = ? AND id = ? AND removed = 0')
        .get(this.#key(org_id), kind, id),
    );
    return row && (JSON.parse(row.document) as Documents[K]);
  }

  /** Newest first; after a place when one is given. */
  list<K extends RecordKind>(
    org_id: string,
    kind: K,
    { open, before, limit }: { open?: boolean; before?: RecordPlace | undefined; limit: number },
  ): OpsRecord<K>[] {
    const rows = this.#guard(() =>
      this.#sql
        .of<Row>(
          `SELECT id, at_ms, open, document FROM ops_records
           WHERE org_id = ? AND kind = ? AND removed = 0 ${open ? 'AND open = 1' : ''}
             AND (? IS NULL OR (at_ms, id) < (?, ?))
           ORDER BY at_ms DESC, id DESC LIMIT ?`,
        )
        .all(this.#key(org_id), kind, before?.at_ms ?? null, before?.at_ms ?? null, before?.id ?? null, limit),
    );
    return rows.map((row) => ({ ...row, open: row.open === 1, document: JSON.parse(row.document) as Documents[K] }));
  }

  remove(org_id: string, kind: RecordKind, id: string): void {
    const removed = this.#guard(() => {
      const row = this.#row(org_id, kind, id);
      if (row === undefined || row.removed === 1) return false;
      if (this.#shared) {
        this.#writeOwn(org_id, { kind, id, at_ms: this.#clock.now(), open: false, removed: true, document: 'null' });
      } else {
        this.#sql
          .of('DELETE FROM ops_records WHERE org_id = ? AND kind = ? AND id = ?')
          .run(this.#key(org_id), kind, id);
      }
      return true;
    });
    if (removed) this.#tell({ org_id, kind, id, own: true });
  }

  /** Writes all that the work writes at once, or nothing of it: each write alone waits for the disk. */
  together<T>(work: () => T): T {
    if (this.#untold) return work();
    const changes: RecordChange[] = [];
    this.#untold = changes;
    let result: T;
    try {
      // At once for writing: one that only reads first could not write when another process has written meanwhile.
      const transaction = this.#db.transaction(work);
      result = this.#guard(() => transaction.immediate());
    } finally {
      this.#untold = undefined;
    }
    for (const change of changes) this.#tell(change);
    return result;
  }

  /** Those of the other databases that this computer worked on. */
  elsewhere(): OpsRecords[] {
    const keys = this.#guard(() => this.#sql.of<string>('SELECT DISTINCT org_id FROM ops_records').pluck().all());
    return placesOf(keys)
      .filter((place) => place !== this.#place)
      .map(
        (place) => new OpsRecords(this.#db, { place, shared: place !== '', clock: this.#clock, writer: this.writer }),
      );
  }

  /** Is told of every change. Nothing it does may fail. */
  onChange(listener: (change: RecordChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What is not in the database that nodes share. */
  unsaved(org_id: string, limit: number): SharedRecord[] {
    const rows = this.#guard(() =>
      this.#sql
        .of<FullRow>(`SELECT ${COLUMNS} FROM ops_records WHERE org_id = ? AND unsaved = 1 LIMIT ?`)
        .all(this.#key(org_id), limit),
    );
    return rows.map((row) => ({ ...row, open: row.open === 1, removed: row.removed === 1 }));
  }

  unsavedCount(org_id: string): number {
    const count = this.#guard(() =>
      this.#sql
        .of<number>('SELECT count(*) FROM ops_records WHERE org_id = ? AND unsaved = 1')
        .pluck()
        .get(this.#key(org_id)),
    );
    return count ?? 0;
  }

  /** These versions are in the database, or newer ones are. What was written since stays unsaved. */
  saved(org_id: string, versions: readonly SharedRecord[]): void {
    const mark = this.#sql.of(
      `UPDATE ops_records SET unsaved = 0
       WHERE org_id = ? AND kind = ? AND id = ? AND changed_ms = ? AND writer = ?`,
    );
    this.#inOne(() => {
      for (const { kind, id, changed_ms, writer } of versions)
        mark.run(this.#key(org_id), kind, id, changed_ms, writer);
    });
  }

  /** The database is another one, or an older one, than it was: it is to get everything anew. */
  forgetSaved(org_id: string): void {
    this.#guard(() => this.#sql.of('UPDATE ops_records SET unsaved = 1 WHERE org_id = ?').run(this.#key(org_id)));
  }

  /** Takes in what is newer than what is here. */
  merge(org_id: string, versions: readonly SharedRecord[]): void {
    const taken: SharedRecord[] = [];
    this.#inOne(() => {
      for (const version of versions) {
        const here = this.#row(org_id, version.kind, version.id);
        if (here && !isNewer(version, here)) continue;
        this.#write(org_id, version, false);
        taken.push(version);
      }
    });
    for (const { kind, id } of taken) this.#tell({ org_id, kind, id, own: false });
  }

  /**
   * Removes what is over and was before a time, and of what is over all but the last so many. The other nodes do the same:
   * they are not told.
   */
  prune(org_id: string, kind: RecordKind, { before_ms, most }: Keeping): void {
    this.#guard(() =>
      this.#sql
        .of(
          `DELETE FROM ops_records WHERE org_id = @org_id AND kind = @kind AND open = 0 AND removed = 0
             AND (at_ms < @before_ms OR (at_ms, id) < (
               SELECT at_ms, id FROM ops_records WHERE org_id = @org_id AND kind = @kind
               ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET @most))`,
        )
        .run({ org_id: this.#key(org_id), kind, before_ms, most }),
    );
  }

  /** Removes what is said of something that is not kept any more, if it was said before a time. */
  pruneOrphans(org_id: string, { kind, owner, field }: Belonging, before_ms: number): void {
    this.#guard(() =>
      this.#sql
        .of(
          `DELETE FROM ops_records AS said WHERE org_id = @org_id AND kind = @kind AND at_ms < @before_ms
             AND NOT EXISTS (SELECT 1 FROM ops_records WHERE org_id = @org_id AND kind = @owner
               AND id = json_extract(said.document, @path))`,
        )
        .run({ org_id: this.#key(org_id), kind, owner, path: `$.${field}`, before_ms }),
    );
  }

  /** Forgets that something was removed, of one kind or of all. */
  pruneRemoved(org_id: string, before_ms: number, kind: RecordKind | null = null): void {
    this.#guard(() =>
      this.#sql
        .of(
          `DELETE FROM ops_records WHERE org_id = @org_id AND removed = 1 AND unsaved = 0 AND at_ms < @before_ms
             AND (@kind IS NULL OR kind = @kind)`,
        )
        .run({ org_id: this.#key(org_id), before_ms, kind }),
    );
  }

  #writeOwn(org_id: string, record: Omit<SharedRecord, keyof Version>): void {
    this.#inOne(() => {
      const before = this.#row(org_id, record.kind, record.id)?.changed_ms ?? 0;
      // A clock that is behind, or went back, must not lose what was made of what it knew.
      const changed_ms = Math.max(this.#clock.now(), before + 1);
      this.#write(org_id, { ...record, changed_ms, writer: this.writer }, this.#shared);
    });
  }

  #row(org_id: string, kind: RecordKind, id: string): FullRow | undefined {
    return this.#sql
      .of<FullRow>(`SELECT ${COLUMNS} FROM ops_records WHERE org_id = ? AND kind = ? AND id = ?`)
      .get(this.#key(org_id), kind, id);
  }

  #write(org_id: string, record: SharedRecord, unsaved: boolean): void {
    this.#sql
      .of(
        `INSERT OR REPLACE INTO ops_records (org_id, ${COLUMNS}, unsaved) VALUES
           (@org_id, @kind, @id, @at_ms, @open, @document, @changed_ms, @writer, @removed, @unsaved)`,
      )
      .run({
        ...record,
        org_id: this.#key(org_id),
        open: record.open ? 1 : 0,
        removed: record.removed ? 1 : 0,
        unsaved: unsaved ? 1 : 0,
      });
  }

  #key(org_id: string): string {
    return keyOf(org_id, this.#place);
  }

  #inOne(work: () => void): void {
    this.#guard(() => this.#db.transaction(work).immediate());
  }

  #guard<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }

  #tell(change: RecordChange): void {
    if (this.#untold) {
      this.#untold.push(change);
      return;
    }
    for (const listener of this.#listeners) listener(change);
  }
}
