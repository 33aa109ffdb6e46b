/** First answers to writes with an idempotency key, beside the sessions of a SQLite file. */
import { createHash } from 'node:crypto';
import type { Database } from 'better-sqlite3';
import { IDEMPOTENCY_KEY_VALID_MS, type Session } from '../../../src-contract/index.ts';
import { keyReused } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import type { AnsweredAppend } from './answered-append.ts';
import type { KeyedRequest } from './session-store.ts';

/** What a write answered. A deletion shows no session, and only an append has messages. */
export interface SessionAnswer {
  session?: Session;
  append?: AnsweredAppend;
}

/** As it is written: the context stands in a table of its own. */
interface StoredAnswer {
  session?: Omit<Session, 'context'>;
  context_sha256?: string;
  append?: AnsweredAppend;
}

interface AnswerRow {
  org_id: string;
  session_id: string;
  key: string;
  user_id: string;
  operation: string;
  request_sha256: string;
  answer: string;
  answered_at: number;
}

/** Every call belongs into the transaction of the write it is about. */
export class SqliteSessionAnswers {
  readonly #sql: ReturnType<typeof prepareStatements>;

  constructor(db: Database) {
    this.#sql = prepareStatements(db);
  }

  /** @throws ArchonError IDEMPOTENCY_KEY_REUSED when the key was used for another request */
  find(scope: Scope, session_id: string, keyed: KeyedRequest | undefined, now_ms: number): SessionAnswer | undefined {
    const row = keyed && this.#sql.find.get(scope.org_id, session_id, keyed.key, now_ms - IDEMPOTENCY_KEY_VALID_MS);
    if (!row) return undefined;
    if (row.operation !== keyed.operation || row.request_sha256 !== keyed.request_sha256) throw keyReused(keyed.key);
    const { session, context_sha256, append } = JSON.parse(row.answer) as StoredAnswer;
    const answer: SessionAnswer = append ? { append } : {};
    if (session && context_sha256 !== undefined) {
      const context = this.#sql.findContext.get(scope.org_id, row.user_id, session_id, context_sha256);
      answer.session = { ...session, context: JSON.parse(context ?? 'null') };
    }
    return answer;
  }

  keep(
    scope: Scope,
    about: Pick<Session, 'session_id' | 'user_id'>,
    keyed: KeyedRequest | undefined,
    now_ms: number,
    { session, append }: SessionAnswer,
  ): void {
    if (!keyed) return;
    const { org_id } = scope;
    const { session_id, user_id } = about;
    const stored: StoredAnswer = append ? { append } : {};
    if (session) {
      const { context, ...others } = session;
      const text = JSON.stringify(context);
      stored.session = others;
      stored.context_sha256 = createHash('sha256').update(text).digest('hex');
      this.#sql.keepContext.run(org_id, user_id, session_id, stored.context_sha256, text, now_ms);
    }
    const answer = JSON.stringify(stored);
    this.#sql.keep.run({ org_id, session_id, user_id, ...keyed, answer, answered_at: now_ms });
  }

  eraseUser(scope: Scope, user_id: string): void {
    this.#sql.eraseUser.run(scope.org_id, user_id);
    this.#sql.eraseContexts.run(scope.org_id, user_id);
  }

  /** Removes answers that count no more, at most `limit`; how many. */
  sweep(now_ms: number, limit: number): number {
    const oldest = now_ms - IDEMPOTENCY_KEY_VALID_MS;
    const { changes } = this.#sql.sweep.run(oldest, limit);
    return changes + this.#sql.sweepContexts.run(oldest, limit - changes).changes;
  }
}

function prepareStatements(db: Database) {
  return {
    find: db.prepare<[string, string, string, number], AnswerRow>(
      'SELECT * FROM answers WHERE org_id = ? AND session_id = ? AND key = ? AND answered_at >= ?',
    ),
    findContext: db
      .prepare<[string, string, string, string], string>(
        'SELECT context FROM answered_contexts WHERE org_id = ? AND user_id = ? AND session_id = ? AND sha256 = ?',
      )
      .pluck(),
    /** In the place of one that counts no more, if there is one. */
    keep: db.prepare<[AnswerRow]>(
      `INSERT OR REPLACE INTO answers
         (org_id, session_id, key, user_id, operation, request_sha256, answer, answered_at)
       VALUES (@org_id, @session_id, @key, @user_id, @operation, @request_sha256, @answer, @answered_at)`,
    ),
    keepContext: db.prepare<[string, string, string, string, string, number]>(
      `INSERT INTO answered_contexts (org_id, user_id, session_id, sha256, context, answered_at)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET answered_at = max(answered_at, excluded.answered_at)`,
    ),
    eraseUser: db.prepare<[string, string]>('DELETE FROM answers WHERE org_id = ? AND user_id = ?'),
    eraseContexts: db.prepare<[string, string]>('DELETE FROM answered_contexts WHERE org_id = ? AND user_id = ?'),
    sweep: db.prepare<[number, number]>(
      'DELETE FROM answers WHERE rowid IN (SELECT rowid FROM answers WHERE answered_at < ? LIMIT ?)',
    ),
    sweepContexts: db.prepare<[number, number]>(
      `DELETE FROM answered_contexts WHERE rowid IN
         (SELECT rowid FROM answered_contexts WHERE answered_at < ? LIMIT ?)`,
    ),
  };
}
