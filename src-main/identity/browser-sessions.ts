/** Sessions of people who logged in with a browser. Each lives on the token it was opened with, and ends with it. */
import { createHash, randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import { type Clock, isoTime } from '../clock.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';
import { whenFree, withoutWaiting } from '../storage/sqlite-patience.ts';
import type { Scope } from './scope.ts';

/** Days a session lives after its last use. */
export const SESSION_DAYS = 30;
const SESSION_MS = SESSION_DAYS * 86_400_000;
/** Milliseconds after which a use is written down again: not every request should cost a write. */
const TOUCH_EVERY_MS = 60_000;
const SECRET_BYTES = 32;

export interface BrowserSession {
  /** SHA-256 of the cookie: names the session without letting anybody in. */
  session_id: string;
  token_id: string;
  scope: Scope;
  last_used_at: string;
  expires_at: string;
}

export interface OpenedSession {
  /** What the browser keeps; it cannot be read again. */
  cookie: string;
  session: BrowserSession;
}

interface Row {
  session_sha256: string;
  token_id: string;
  org_id: string;
  name: string;
  last_used_at: string;
  expires_at: string;
}

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

/**
 * Read from `history.db` on every use, so that what another process revokes counts at once. Every method but `touch` may
 * throw a `SqliteFileError`.
 */
export class BrowserSessions {
  readonly #db: Database;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #touch_failed_at_ms = Number.NEGATIVE_INFINITY;

  constructor(db: Database, clock: Clock, logger: Logger) {
    this.#db = db;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Opens a session on a token, or undefined when there is no such token any more. */
  async open(token_id: string): Promise<OpenedSession | undefined> {
    const cookie = randomBytes(SECRET_BYTES).toString('base64url');
    const open = this.#db.transaction(() => {
      this.#removeEnded();
      const now = this.#clock.now();
      this.#db
        .prepare(
          `INSERT INTO browser_sessions (session_sha256, token_id, created_at, last_used_at, expires_at)
           SELECT ?, token_id, ?, ?, ? FROM api_tokens WHERE token_id = ?`,
        )
        .run(sha256(cookie), isoTime(now), isoTime(now), isoTime(now + SESSION_MS), token_id);
    });
    await whenFree(this.#db, () => open.immediate());
    const session = this.find(cookie);
    return session && { cookie, session };
  }

  /** The session of a cookie, unless it expired, was closed, or its token was revoked. */
  find(cookie: string): BrowserSession | undefined {
    return this.#read(sha256(cookie));
  }

  /** The session as it is now, under the same conditions. */
  get(session_id: string): BrowserSession | undefined {
    return this.#read(session_id);
  }

  isOpen(session_id: string): boolean {
    return this.#read(session_id) !== undefined;
  }

  /**
   * Lets a session in use live on. Whoever only reads must not be held up or refused because this cannot be written: a
   * locked file is not waited for, and what fails is tried again later.
   */
  touch(session: BrowserSession): void {
    const now = this.#clock.now();
    if (now - Date.parse(session.last_used_at) < TOUCH_EVERY_MS) return;
    if (now - this.#touch_failed_at_ms < TOUCH_EVERY_MS) return;
    try {
      withoutWaiting(this.#db, () =>
        this.#db
          .prepare('UPDATE browser_sessions SET last_used_at = ?, expires_at = ? WHERE session_sha256 = ?')
          .run(isoTime(now), isoTime(now + SESSION_MS), session.session_id),
      );
    } catch (error) {
      this.#touch_failed_at_ms = now;
      this.#logger.warn(
        { err: error },
        'the use of a session could not be written down; it is tried again in a minute',
      );
    }
  }

  /** Ends the session of a cookie. */
  async close(cookie: string): Promise<void> {
    const close = this.#db.prepare('DELETE FROM browser_sessions WHERE session_sha256 = ?');
    await whenFree(this.#db, () => close.run(sha256(cookie)));
  }

  /** Takes away what has expired or lost its token. A locked file is not waited for. */
  removeEnded(): void {
    withoutWaiting(this.#db, () => this.#removeEnded());
  }

  #removeEnded(): void {
    this.#db
      .prepare(
        `DELETE FROM browser_sessions WHERE expires_at <= ?
           OR token_id IN (SELECT token_id FROM api_tokens WHERE revoked_at IS NOT NULL)`,
      )
      .run(isoTime(this.#clock.now()));
  }

  #read(session_id: string): BrowserSession | undefined {
    const row = this.#guard(() =>
      this.#db
        .prepare<[string, string], Row>(
          `SELECT session_sha256, token_id, org_id, name, last_used_at, expires_at
           FROM browser_sessions JOIN api_tokens USING (token_id)
           WHERE session_sha256 = ? AND expires_at > ? AND revoked_at IS NULL`,
        )
        .get(session_id, isoTime(this.#clock.now())),
    );
    if (row === undefined) return undefined;
    const { session_sha256, token_id, org_id, name, last_used_at, expires_at } = row;
    return { session_id: session_sha256, token_id, scope: { org_id, actor: name }, last_used_at, expires_at };
  }

  #guard<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}
