/** Codes that let a browser in once, and the tokens such logins stand on. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { v7 as uuidv7 } from 'uuid';
import { type Clock, isoTime } from '../clock.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';
import { whenFree } from '../storage/sqlite-patience.ts';
import { LOCAL_ORG_ID } from './scope.ts';

/** Minutes a code may be used. */
export const CODE_MINUTES = 5;
const CODE_BYTES = 16;
/** Name of the token that stands for the person at this computer; what they change carries it. */
const OPERATOR_NAME = 'browser';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * A code goes into the address of a page, after `#`. Addresses are kept in histories, tokens must not be; a code is
 * worthless once it was used. Codes lie in `history.db`, so that any process of this computer may make one.
 * Every method may throw a `SqliteFileError`.
 */
export class LoginCodes {
  readonly #db: Database;
  readonly #clock: Clock;

  constructor(db: Database, clock: Clock) {
    this.#db = db;
    this.#clock = clock;
  }

  /** A code for the person at this computer. */
  create(): string {
    const code = randomBytes(CODE_BYTES).toString('base64url');
    const now = this.#clock.now();
    const create = this.#db.transaction(() => {
      this.#db.prepare('DELETE FROM login_codes WHERE expires_at <= ?').run(isoTime(now));
      this.#db
        .prepare('INSERT INTO login_codes (code_sha256, token_id, expires_at) VALUES (?, ?, ?)')
        .run(sha256(code), this.#operatorToken(), isoTime(now + CODE_MINUTES * 60_000));
    });
    this.#guard(() => create.immediate());
    return code;
  }

  /** Uses a code up: the token it stands on, or undefined when it is unknown, was used, or is too old. */
  async redeem(code: string): Promise<string | undefined> {
    const lookup: [string, string] = [sha256(code), isoTime(this.#clock.now())];
    // Read first: whoever guesses is answered at once, however long the file is locked for writing.
    const isKnown = this.#guard(() =>
      this.#db.prepare('SELECT 1 FROM login_codes WHERE code_sha256 = ? AND expires_at > ?').get(...lookup),
    );
    if (isKnown === undefined) return undefined;
    const redeem = this.#db
      .prepare<[string, string], string>(
        'DELETE FROM login_codes WHERE code_sha256 = ? AND expires_at > ? RETURNING token_id',
      )
      .pluck();
    return await whenFree(this.#db, () => redeem.get(...lookup));
  }

  /** Id of a token that is stored and not revoked. Call it with tokens `ApiTokens` has let in only. */
  tokenId(token: string): string | undefined {
    return this.#guard(() =>
      this.#db
        .prepare<[string], string>('SELECT token_id FROM api_tokens WHERE token_sha256 = ? AND revoked_at IS NULL')
        .pluck()
        .get(sha256(token)),
    );
  }

  /** The token of this computer's person; made anew when it was revoked. Nobody knows its secret. */
  #operatorToken(): string {
    const existing = this.#db
      .prepare<[], string>("SELECT token_id FROM api_tokens WHERE kind = 'browser' AND revoked_at IS NULL LIMIT 1")
      .pluck()
      .get();
    if (existing !== undefined) return existing;
    const token_id = uuidv7();
    this.#db
      .prepare(
        `INSERT INTO api_tokens (token_id, token_sha256, org_id, name, created_at, kind)
         VALUES (?, ?, ?, ?, ?, 'browser')`,
      )
      .run(token_id, sha256(randomBytes(32).toString('hex')), LOCAL_ORG_ID, OPERATOR_NAME, isoTime(this.#clock.now()));
    return token_id;
  }

  #guard<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}
