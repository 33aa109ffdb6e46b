/** Any sequence of operations has the same outcome in a session store and in a model of a few lines. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type { SessionStore } from '../../../src-main/storage/sessions/session-store.ts';
import {
  newScope,
  type RunningBackend,
  SESSION_BACKENDS,
  sessionRecord,
  testMessage,
} from '../../support/session-backends.ts';
import { SessionStoreModel } from '../../support/session-store-model.ts';

type Operations = Omit<SessionStore, 'kind' | 'ping' | 'close'>;
/** Does one thing to a store; the answer is compared. */
type Run = (store: Operations, scope: Scope, now_ms: number) => Promise<unknown>;
const op = (label: string, run: Run) => ({ label, run, [fc.toStringMethod]: () => label });

const MINUTE_MS = 60_000;

const session_id = fc.constantFrom('s1', 's2', 's3', 's/{4}');
const user_id = fc.constantFrom('ada', 'bob', 'ÇA}');
const messages = fc.array(
  fc
    .record({ n: fc.integer({ min: 1, max: 12 }), text: fc.constantFrom('a', 'b') })
    .map(({ n, text }) => testMessage(n, { content: text })),
  { maxLength: 6 },
);
const record = fc.record({
  session_id,
  user_id,
  title: fc.option(fc.string({ maxLength: 5 }), { nil: null }),
  ttl_seconds: fc.constantFrom(600, 3600),
});
const limit = fc.integer({ min: 1, max: 4 });

const patch = fc.record(
  { title: fc.string({ maxLength: 5 }), ttl_seconds: fc.constantFrom(60, 7200) },
  { requiredKeys: [] },
);
const range = fc.record(
  {
    order: fc.constantFrom('oldest_first' as const, 'newest_first' as const),
    after: fc.integer({ min: 0, max: 8 }),
    before: fc.integer({ min: 1, max: 9 }),
    limit,
  },
  { requiredKeys: ['order', 'limit'] },
);

/** All pages of a list in one. */
async function wholeList(store: Operations, scope: Scope, user: string, size: number, now_ms: number) {
  const all: unknown[] = [];
  for (let after: { last_accessed_at: string; session_id: string } | undefined; ; ) {
    const page = await store.list(scope, user, { limit: size, ...(after ? { after } : {}) }, now_ms);
    all.push(...page);
    after = page.at(-1);
    if (!after) return all;
  }
}

const operation = fc.oneof(
  fc
    .tuple(record, messages)
    .map(([values, list]) =>
      op(`create ${JSON.stringify(values)} with ${list.length}`, (store, scope, now) =>
        store.create(scope, sessionRecord(now, values), list, now),
      ),
    ),
  fc.tuple(record, messages, fc.boolean(), fc.boolean()).map(([values, list, begin, touch]) =>
    op(`append ${list.length} to ${JSON.stringify(values)}, begin ${begin}, touch ${touch}`, (store, scope, now) =>
      store.append(scope, values.session_id, list, now, {
        touch,
        ...(begin ? { begin: sessionRecord(now - MINUTE_MS, values) } : {}),
      }),
    ),
  ),
  fc
    .tuple(session_id, fc.boolean())
    .map(([id, touch]) => op(`get ${id}, touch ${touch}`, (store, scope, now) => store.get(scope, id, now, touch))),
  fc
    .tuple(session_id, patch)
    .map(([id, values]) =>
      op(`update ${id} with ${JSON.stringify(values)}`, (store, scope, now) => store.update(scope, id, values, now)),
    ),
  fc
    .tuple(session_id, range)
    .map(([id, place]) =>
      op(`messages of ${id} ${JSON.stringify(place)}`, (store, scope, now) => store.messages(scope, id, place, now)),
    ),
  // Whether an expired session that was not swept yet counts is open: these two are not told the time.
  session_id.map((id) =>
    op(`sweep and delete ${id}`, async (store, scope, now) => {
      await store.sweep(now, 1000);
      return await store.delete(scope, id);
    }),
  ),
  user_id.map((user) =>
    op(`sweep and erase ${user}`, async (store, scope, now) => {
      await store.sweep(now, 1000);
      return await store.eraseUser(scope, user);
    }),
  ),
);

describe.each(SESSION_BACKENDS)('sessions in $name', ({ available, start }) => {
  if (!available) {
    it.skip('needs redis-server');
    return;
  }
  let backend: RunningBackend;
  beforeAll(async () => {
    backend = await start();
  });
  afterAll(() => backend.remove());

  it('do what the model does, and totals are the sums', { timeout: 60_000 }, async () => {
    const step = fc.record({ operation, minutes_later: fc.constantFrom(0, 0, 1, 5, 30), size: limit });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const scope = newScope();
        const model = new SessionStoreModel();
        let now = Date.now();
        for (const { operation, minutes_later, size } of steps) {
          now += minutes_later * MINUTE_MS;
          const answers = await both(backend.store, model, (store) => operation.run(store, scope, now));
          expect(answers.real, operation.label).toEqual(answers.expected);
          for (const user of ['ada', 'bob', 'ÇA}']) {
            const listed = await both(backend.store, model, (store) => wholeList(store, scope, user, size, now));
            expect(listed.real, `list of ${user} after ${operation.label}`).toEqual(listed.expected);
            const totals = await both(backend.store, model, (store) => store.totals(scope, user, now));
            expect(totals.real, `totals of ${user} after ${operation.label}`).toEqual(totals.expected);
          }
          const users = await both(backend.store, model, (store) => store.users(scope, { limit: 10 }, now));
          expect(users.real, `users after ${operation.label}`).toEqual(users.expected);
        }
      }),
      { numRuns: 40 },
    );
  });
});

async function both<T>(real: Operations, model: Operations, run: (store: Operations) => Promise<T>) {
  return { real: await run(real), expected: await run(model) };
}
