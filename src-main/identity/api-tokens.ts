/** Tokens that let callers of the HTTP API in, each for one organisation. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { type Clock, isoTime } from '../clock.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';
import type { Scope } from './scope.ts';

/** A token without the token: what lists show. */
export interface ApiToken {
  token_id: string;
  org_id: string;
  name: string;
  created_at: string;
  revoked_at: string | null;
}

export interface CreatedToken extends ApiToken {
  /** The token itself; it cannot be shown again. */
  token: string;
}

/** A token that ends with the process. */
export interface RunToken {
  readonly token: string;
  revoke(): void;
}

interface Entry {
  sha256: Buffer;
  scope: Scope;
}

/** Starts every token, so that secret scanners and people know one when they see it. */
const PREFIX = 'archon_';
const SECRET_BYTES = 32;

const sha256 = (token: string): Buffer => createHash('sha256').update(token, 'utf8').digest();
const newToken = (): string => PREFIX + randomBytes(SECRET_BYTES).toString('base64url');

/**
 * Tokens of `history.db` and of this run.
 *
 * Only the SHA-256 of a token is stored: it has 256 random bits, so nothing slower is needed. Another process (the
 * command line) may create and revoke tokens while a server runs; SQLite's `data_version` tells when to read again.
 * Every method but `createForThisRun` may throw a `SqliteFileError`.
 */
export class ApiTokens {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #runTokens = new Set<Entry>();
  #stored: Entry[] = [];
  #dataVersion: unknown;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** The first token of a data folder, or undefined when one was created before, even if it is revoked by now. */
  ensureFirst(org_id: string): CreatedToken | undefined {
    const create = this.#db.transaction(() => {
      const any = this.#db.prepare('SELECT 1 FROM api_tokens LIMIT 1').get();
      return any === undefined ? this.create({ name: 'first', org_id }) : undefined;
    });
    return this.#guard(() => create.immediate());
  }

  create(input: { name: string; org_id: string }): CreatedToken {
    const token = newToken();
    const row: ApiToken = {
      token_id: uuidv7(),
      org_id: input.org_id,
      name: input.name,
      created_at: isoTime(this.#clock.now()),
      revoked_at: null,
    };
    this.#guard(() =>
      this.#db
        .prepare(
          `INSERT INTO api_tokens (token_id, token_sha256, org_id, name, created_at)
           VALUES (@token_id, @token_sha256, @org_id, @name, @created_at)`,
        )
        .run({ ...row, token_sha256: sha256(token).toString('hex') }),
    );
    this.#dataVersion = undefined;
    return { ...row, token };
  }

  /** All tokens, revoked ones too, oldest first. */
  list(): ApiToken[] {
    return this.#guard(() =>
      this.#db
        .prepare<[], ApiToken>(
          'SELECT token_id, org_id, name, created_at, revoked_at FROM api_tokens ORDER BY created_at, token_id',
        )
        .all(),
    );
  }

  /** Organisations that a token was ever made for: whose callers may have left something behind. */
  organisations(): string[] {
    return this.#guard(() => this.#db.prepare<[], string>('SELECT DISTINCT org_id FROM api_tokens').pluck().all());
  }

  /** Closes a token for good; false when there is no such token or it was revoked before. */
  revoke(token_id: string): boolean {
    const result = this.#guard(() =>
      this.#db
        .prepare('UPDATE api_tokens SET revoked_at = ? WHERE token_id = ? AND revoked_at IS NULL')
        .run(isoTime(this.#clock.now()), token_id),
    );
    this.#dataVersion = undefined;
    return result.changes > 0;
  }

  /** A token that is never stored and ends with `revoke` or the process: for the command line of this computer. */
  createForThisRun(scope: Scope): RunToken {
    const token = newToken();
    const entry: Entry = { sha256: sha256(token), scope };
    this.#runTokens.add(entry);
    return { token, revoke: () => this.#runTokens.delete(entry) };
  }

  /** Who calls with this token. Every token is compared, in constant time each, whether one matches or not. */
  authenticate(token: string): Scope | undefined {
    this.#guard(() => this.#readAgainWhenChanged());
    const given = sha256(token);
    let found: Scope | undefined;
    for (const entry of this.#stored) if (timingSafeEqual(entry.sha256, given)) found = entry.scope;
    for (const entry of this.#runTokens) if (timingSafeEqual(entry.sha256, given)) found = entry.scope;
    return found;
  }

  /** Whether it is one of this run: then a person calls, with the command line. */
  isOfThisRun(token: string): boolean {
    const given = sha256(token);
    return [...this.#runTokens].some((entry) => timingSafeEqual(entry.sha256, given));
  }

  #readAgainWhenChanged(): void {
    const version = this.#db.pragma('data_version', { simple: true });
    if (version === this.#dataVersion) return;
    const rows = this.#db
      .prepare<[], { token_sha256: string; org_id: string; name: string }>(
        'SELECT token_sha256, org_id, name FROM api_tokens WHERE revoked_at IS NULL',
      )
      .all();
    this.#stored = rows.map((row) => ({
      sha256: Buffer.from(row.token_sha256, 'hex'),
      scope: { org_id: row.org_id, actor: row.name },
    }));
    this.#dataVersion = version;
  }

  #guard<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}
