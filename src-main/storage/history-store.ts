/** The local history store, `history.db`: what belongs to this computer, not to the organisation's database. */
import type { Database } from 'better-sqlite3';
import { type Clock, isoTime, systemClock } from '../clock.ts';
import { withSqliteFaults } from './sqlite-faults.ts';
import { copySqliteFile, openSqliteFile } from './sqlite-file.ts';
import { whenFree } from './sqlite-patience.ts';

/** An open `history.db`. Every method may throw a `SqliteFileError`. */
export class HistoryStore {
  readonly db: Database;
  readonly #clock: Clock;

  constructor(file: string, migrationsDir: string, clock: Clock = systemClock) {
    this.#clock = clock;
    this.db = openSqliteFile(file, migrationsDir);
  }

  getSetting(key: string): string | undefined {
    return withSqliteFaults(this.db.name, () =>
      this.db.prepare<[string], string>('SELECT value FROM settings WHERE key = ?').pluck().get(key),
    );
  }

  setSetting(key: string, value: string): void {
    withSqliteFaults(this.db.name, () => this.#set(key, value));
  }

  /** The same without holding up anything else while another process keeps the file locked. */
  async writeSetting(key: string, value: string): Promise<void> {
    await whenFree(this.db, () => this.#set(key, value));
  }

  #set(key: string, value: string): void {
    this.db
      .prepare(
        `INSERT INTO settings (key, value, updated_at) VALUES (?, ?, ?)
         ON CONFLICT (key) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at`,
      )
      .run(key, value, isoTime(this.#clock.now()));
  }

  /** A consistent copy in a file that does not exist yet. */
  async copyTo(target: string, signal: AbortSignal): Promise<void> {
    await copySqliteFile(this.db, target, signal);
  }

  close(): void {
    this.db.close();
  }
}
