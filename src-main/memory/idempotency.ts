/** A write repeated with the same key takes effect once and gets the first answer. */
import { createHash } from 'node:crypto';
import { IDEMPOTENCY_KEY_VALID_MS } from '../../src-contract/index.ts';
import { keyReused } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';
import { db } from '../storage/sql.ts';
import type { CacheObserver } from './memory-observer.ts';

export interface KeyedWrite {
  key: string | undefined;
  /** Name of the operation: a key belongs to one. */
  operation: string;
  /** What was asked; a key belongs to one request. */
  request: unknown;
  now_ms: number;
  observer?: CacheObserver | undefined;
}

/**
 * Runs `work` once per key. The key is claimed in the same transaction: a second writer waits for the first, and
 * a first that fails leaves no trace.
 *
 * @throws ArchonError IDEMPOTENCY_KEY_REUSED when the key was used for something else
 */
export async function onlyOnce<T>(
  tx: Transaction,
  scope: Scope,
  write: KeyedWrite,
  work: () => Promise<T>,
): Promise<T> {
  const { key, operation, observer } = write;
  if (key === undefined) return await work();
  const request_sha256 = requestSha256(write.request);
  const created_at = new Date(write.now_ms).toISOString();
  const oldest = new Date(write.now_ms - IDEMPOTENCY_KEY_VALID_MS).toISOString();
  const claimed = await tx.run(
    db
      .insertInto('archon_idempotency_keys')
      .values({ org_id: scope.org_id, key, operation, request_sha256, response: null, created_at })
      .onConflict((conflict) =>
        conflict
          .columns(['org_id', 'key'])
          .doUpdateSet({ operation, request_sha256, response: null, created_at })
          .where('archon_idempotency_keys.created_at', '<', oldest),
      )
      .returning('key'),
  );
  observer?.looked('idempotency_answers', claimed.length === 0);
  if (claimed.length === 0) return (await earlierAnswer(tx, scope, key, operation, request_sha256)) as T;
  const result = await work();
  await tx.run(
    db
      .updateTable('archon_idempotency_keys')
      .set({ response: JSON.stringify(result) })
      .where('org_id', '=', scope.org_id)
      .where('key', '=', key),
  );
  return result;
}

async function earlierAnswer(
  tx: Transaction,
  scope: Scope,
  key: string,
  operation: string,
  request_sha256: string,
): Promise<unknown> {
  const [row] = await tx.run(
    db
      .selectFrom('archon_idempotency_keys')
      .select(['operation', 'request_sha256', 'response'])
      .where('org_id', '=', scope.org_id)
      .where('key', '=', key),
  );
  if (row?.operation !== operation || row.request_sha256 !== request_sha256) {
    throw keyReused(key);
  }
  return row.response;
}

/** Removes keys of an organisation that do not count any more, the oldest first, at most `limit`; how many. */
export async function forgetOldKeys(tx: Transaction, scope: Scope, now_ms: number, limit: number): Promise<number> {
  const oldest = new Date(now_ms - IDEMPOTENCY_KEY_VALID_MS).toISOString();
  const old = db
    .selectFrom('archon_idempotency_keys')
    .select('key')
    .where('org_id', '=', scope.org_id)
    .where('created_at', '<', oldest)
    .orderBy('created_at')
    .limit(limit);
  const removed = await tx.run(
    db
      .deleteFrom('archon_idempotency_keys')
      .where('org_id', '=', scope.org_id)
      .where('key', 'in', old)
      // Once more: a writer may claim the key anew while this waits for its row.
      .where('created_at', '<', oldest)
      .returning('key'),
  );
  return removed.length;
}

/** What tells one request from another. */
export const requestSha256 = (request: unknown): string =>
  createHash('sha256').update(canonicalJson(request)).digest('hex');

/** JSON with sorted keys: equal requests give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member !== null && typeof member === 'object' && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
