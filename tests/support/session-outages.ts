/** What a session store does while its server is away. */
import { expect } from 'vitest';
import type { Scope } from '../../src-main/identity/scope.ts';
import { type SessionStore, SessionStoreUnavailableError } from '../../src-main/storage/sessions/session-store.ts';
import { until } from './redis-server.ts';
import { sessionRecord, testMessage } from './session-backends.ts';

/** Every call of a store, each with a session that may or may not be there. */
export const everyCall = (store: SessionStore, scope: Scope, now: number): Promise<unknown>[] => [
  store.create(scope, sessionRecord(now), [], now),
  store.get(scope, 's', now),
  store.get(scope, 's', now, false),
  store.update(scope, 's', {}, now),
  store.append(scope, 's', [testMessage(1)], now),
  store.messages(scope, 's', { order: 'oldest_first', limit: 1 }, now),
  store.list(scope, 'ada', { limit: 1 }, now),
  store.delete(scope, 's', now),
  store.totals(scope, 'ada', now),
  store.users(scope, { limit: 1 }, now),
  store.eraseUser(scope, 'ada', now),
  store.sweep(now, 1),
  store.ping(),
];

/** Expects every call to be refused with SessionStoreUnavailableError. */
export async function expectUnavailable(calls: Promise<unknown>[], message = /./): Promise<void> {
  for (const outcome of await Promise.allSettled(calls)) {
    const reason = outcome.status === 'rejected' ? outcome.reason : outcome;
    expect(reason).toBeInstanceOf(SessionStoreUnavailableError);
    expect(reason.message).toMatch(message);
  }
}

/** Waits until the store answers again. */
export const untilBack = (store: SessionStore) =>
  until(() =>
    store.ping().then(
      () => true,
      () => false,
    ),
  );
