/** Who changed settings of this computer, in `history.db`. */
import type { Database } from 'better-sqlite3';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';
import { type ChangedValue, type HistoryRecord, historyRecord, KEPT_CHANGES, toldChanges } from './setting-changes.ts';

interface Row {
  position: number;
  changes: string;
}

const COLUMNS = `position, id, at, by_whom, '' AS user_id, changes, undoes,
  (SELECT later.id FROM settings_history AS later WHERE later.undoes = entry.id
   ORDER BY later.position DESC LIMIT 1) AS undone_by`;

/** Every method may throw a `SqliteFileError`. */
export class DeviceHistory {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Writes an entry and what belongs to it, or neither. */
  add(
    entry: { id: string; at: string; by: string; changed: readonly ChangedValue[]; undoes?: string | undefined },
    alsoWrite: () => void,
  ): void {
    const write = () => {
      this.#db
        .prepare('INSERT INTO settings_history (id, at, by_whom, changes, undoes) VALUES (?, ?, ?, ?, ?)')
        .run(entry.id, entry.at, entry.by, JSON.stringify(toldChanges(entry.changed)), entry.undoes ?? null);
      this.#db
        .prepare('DELETE FROM settings_history WHERE position <= (SELECT max(position) FROM settings_history) - ?')
        .run(KEPT_CHANGES);
      alsoWrite();
    };
    withSqliteFaults(this.#db.name, () => this.#db.transaction(write)());
  }

  remove(id: string): void {
    withSqliteFaults(this.#db.name, () => this.#db.prepare('DELETE FROM settings_history WHERE id = ?').run(id));
  }

  /** Newest first. */
  list({
    key,
    before,
    limit,
  }: {
    key?: string | undefined;
    before?: number | undefined;
    limit: number;
  }): (HistoryRecord & { position: number })[] {
    const rows = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], Row>(
          `SELECT ${COLUMNS} FROM settings_history AS entry
           WHERE (? IS NULL OR position < ?)
             AND (? IS NULL OR EXISTS (SELECT 1 FROM json_each(changes) WHERE value ->> 'key' = ?))
           ORDER BY position DESC LIMIT ?`,
        )
        .all(before ?? null, before ?? null, key ?? null, key ?? null, limit),
    );
    return rows.map((row) => ({ ...recordOf(row), position: row.position }));
  }

  get(id: string): HistoryRecord | undefined {
    const row = withSqliteFaults(this.#db.name, () =>
      this.#db.prepare<[string], Row>(`SELECT ${COLUMNS} FROM settings_history AS entry WHERE id = ?`).get(id),
    );
    return row === undefined ? undefined : recordOf(row);
  }
}

const recordOf = (row: Row): HistoryRecord => historyRecord.parse({ ...row, changes: JSON.parse(row.changes) });
