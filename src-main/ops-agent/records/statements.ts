/** Statements of a SQLite file, each prepared when it is first run: preparing one takes longer than running it. */
import type { Database, Statement } from 'better-sqlite3';

export class Statements {
  readonly #db: Database;
  readonly #prepared = new Map<string, Statement<unknown[], unknown>>();

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param text one of few: values are bound, never written into it */
  of<R = unknown>(text: string): Statement<unknown[], R> {
    const statement = this.#prepared.get(text) ?? this.#db.prepare<unknown[], unknown>(text);
    this.#prepared.set(text, statement);
    return statement as Statement<unknown[], R>;
  }
}
