/** Any sequence of operations has the same outcome in a session store and in a model of a few lines. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src-contract/index.ts';
import { ArchonError } from '../../../src-main/errors.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import type { KeyedRequest, SessionStore } from '../../../src-main/storage/sessions/session-store.ts';
import {
  iso,
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

const context = fc.record(
  {
    active_project_id: fc.option(fc.string({ maxLength: 60 }), { nil: null }),
    active_task_ids: fc.array(fc.constantFrom('t1', '#2'), { maxLength: 2 }),
    mentioned_files: fc.array(fc.constantFrom('a.ts', 'a/very/long/path/that/is/longer/than/a/hash.ts'), {
      maxLength: 2,
    }),
    metadata: fc.constantFrom<JsonObject>({}, { list: [], none: {} }, { text: 'x'.repeat(60) }),
  },
  { requiredKeys: [] },
);
const patch = fc.record(
  { title: fc.string({ maxLength: 50 }), ttl_seconds: fc.constantFrom(60, 7200), context },
  { requiredKeys: [] },
);
/** An idempotency key or none; what is asked for is its request. */
const key = fc.constantFrom(undefined, undefined, 'k1', 'k2');
const keyedAs = (operation: string, used: string | undefined, request: unknown): KeyedRequest | undefined =>
  used === undefined ? undefined : { key: used, operation, request_sha256: JSON.stringify(request) };
const range = fc.record(
  {
    order: fc.constantFrom('oldest_first' as const, 'newest_first' as const),
    after: fc.integer({ min: 0, max: 8 }),
    before: fc.integer({ min: 1, max: 9 }),
    limit,
    max_bytes: fc.integer({ min: 0, max: 800 }),
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

/** Yes, no, or an access that many minutes ago. */
const touching = fc.oneof(fc.boolean(), fc.integer({ min: 0, max: 40 }));

const operation = fc.oneof(
  fc
    .tuple(record, messages, key)
    .map(([values, list, used]) =>
      op(`create ${JSON.stringify(values)} with ${list.length}, key ${used}`, (store, scope, now) =>
        store.create(scope, sessionRecord(now, values), list, now, keyedAs('create', used, [values, list])),
      ),
    ),
  fc.tuple(record, messages, fc.boolean(), touching, key).map(([values, list, begin, touch, used]) =>
    op(
      `append ${list.length} to ${JSON.stringify(values)}, begin ${begin}, touch ${touch}, key ${used}`,
      (store, scope, now) =>
        store.append(scope, values.session_id, list, now, {
          touch: typeof touch === 'boolean' ? touch : { accessed_at: iso(now - touch * MINUTE_MS) },
          keyed: keyedAs('append', used, [values, list, begin, touch]),
          ...(begin ? { begin: sessionRecord(now - MINUTE_MS, values) } : {}),
        }),
    ),
  ),
  fc
    .tuple(session_id, fc.boolean())
    .map(([id, touch]) => op(`get ${id}, touch ${touch}`, (store, scope, now) => store.get(scope, id, now, touch))),
  fc
    .tuple(session_id, patch, key, fc.boolean())
    .map(([id, values, used, touch]) =>
      op(`update ${id} with ${JSON.stringify(values)}, key ${used}, touch ${touch}`, (store, scope, now) =>
        store.update(scope, id, values, now, keyedAs('update', used, values), touch),
      ),
    ),
  fc
    .tuple(session_id, range)
    .map(([id, place]) =>
      op(`messages of ${id} ${JSON.stringify(place)}`, (store, scope, now) => store.messages(scope, id, place, now)),
    ),
  fc
    .tuple(session_id, key)
    .map(([id, used]) =>
      op(`delete ${id}, key ${used}`, (store, scope, now) => store.delete(scope, id, now, keyedAs('delete', used, id))),
    ),
  // Whether an expired session that was not swept yet counts is open: erasing is not told the time.
  user_id.map((user) =>
    op(`sweep and erase ${user}`, async (store, scope, now) => {
      await store.sweep(now, 1000);
      return await store.eraseUser(scope, user, now);
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
    const step = fc.record({
      operation,
      /** How many steps ago the same was done, for a repetition in its place. */
      again: fc.option(fc.integer({ min: 1, max: 6 }), { nil: undefined }),
      minutes_later: fc.oneof({ weight: 20, arbitrary: fc.constantFrom(0, 0, 1, 5, 30) }, fc.constant(1500)),
      size: limit,
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 30 }), async (steps) => {
        const scope = newScope();
        const model = new SessionStoreModel();
        let now = Date.now();
        for (const [index, { operation: first, again, minutes_later, size }] of steps.entries()) {
          const operation = steps[index - (again ?? 0)]?.operation ?? first;
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
  return { real: await outcome(run(real)), expected: await outcome(run(model)) };
}

/** What was answered, or the code of the refusal. */
const outcome = <T>(answer: Promise<T>): Promise<T | { refused: string }> =>
  answer.catch((error: unknown) => {
    if (!(error instanceof ArchonError)) throw error;
    return { refused: error.code };
  });
