/** Every route of the contract against inputs that must not get through: refused with a reason, nothing written. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract, ERRORS } from '../../../src-contract/index.ts';
import { encodeCursor } from '../../../src-main/memory/cursor.ts';
import { errorsOf } from '../../../src-main/server/route-errors.ts';
import { listRoutes, type Route } from '../../../src-main/server/route-table.ts';
import { hostileInputs } from './support/hostile-inputs.ts';
import { callRoute } from './support/http-input.ts';
import { routeSamples } from './support/route-samples.ts';
import { type Answer, startTestServer, type TestServer } from './support/test-server.ts';
import { makeWorld, USER, type World } from './support/world.ts';

const ROUTES = listRoutes(contract);

let server: TestServer;
let world: World;
beforeAll(async () => {
  server = await startTestServer();
  world = await makeWorld(server);
});
afterAll(() => server?.stop());

const routeNamed = (name: string) => {
  const route = ROUTES.find((candidate) => candidate.name === name);
  if (!route) throw new Error(`no route ${name}`);
  return route;
};

/** A refusal says what, why, and in which field, and is one the route is described with. */
function expectRefusal(answer: Answer, what: string, route: Route): void {
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeGreaterThanOrEqual(400);
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeLessThan(500);
  expect(answer.body.status, what).toBe(answer.status);
  expect(Object.keys(ERRORS), what).toContain(answer.body.code);
  expect(errorsOf(route), what).toContain(answer.body.code);
  expect(answer.body.defined, what).toBe(true);
  expect(answer.body.message.length, what).toBeGreaterThan(0);
}

it('has a sample for every route', () => {
  expect(Object.keys(routeSamples(world)).sort()).toEqual(ROUTES.map(({ name }) => name).sort());
});

describe.each(ROUTES.map((route) => [route.name, route] as const))('%s', (name, route) => {
  it('refuses every spoilt field by its name, and writes nothing', async () => {
    const inputs = hostileInputs(route, routeSamples(world)[name] ?? {});
    const before = await server.rowCounts();
    for (const { what, input, field } of inputs) {
      const answer = await callRoute(server, route, input);
      expectRefusal(answer, `${name}, ${what}`, route);
      expect(answer.body.code, `${name}, ${what}`).toBe('VALIDATION_FAILED');
      const named: string[] = answer.body.data.issues.map((issue: { field: string }) => issue.field);
      const isNamed = named.some((one) => one.startsWith(field) || (one !== 'body' && field.startsWith(one)));
      expect(isNamed, `${name}, ${what}: names ${named.join(', ')} instead of ${field}`).toBe(true);
    }
    expect(await server.rowCounts()).toEqual(before);
  });

  it.runIf(route.method !== 'GET' && !route.takesFile)('refuses a body that is no JSON object', async () => {
    const path = route.path.replaceAll(/\{\w+\}/g, world.longterm_id);
    for (const body of ['{', '[]', 'null', '42', '"x"', '{"a":1}x', '\u0000', '{"a":}', '['.repeat(100_000)]) {
      const answer = await server.call(route.method, path, { body });
      expectRefusal(answer, `${name} with ${body.slice(0, 10)}`, route);
      expect(answer.body.data.field).toBe('body');
    }
  });

  it.runIf(route.method !== 'GET')('refuses a body larger than the limit', async () => {
    const path = route.path.replaceAll(/\{\w+\}/g, world.longterm_id);
    const answer = await server.call(route.method, path, { body: `{"a":"${'x'.repeat(5_000_000)}"}` });
    expect(answer.status).toBe(413);
    expect(answer.body.code).toBe('PAYLOAD_TOO_LARGE');
  });

  it.runIf(name !== 'health.live')('lets nobody in without the right token', async () => {
    const sample = routeSamples(world)[name] ?? {};
    const before = await server.rowCounts();
    for (const token of [null, 'wrong', `${server.token}x`, server.token.slice(0, -1), '']) {
      const answer = await callRoute(server, route, sample, token);
      expect(answer.status, `${name} with ${token}`).toBe(401);
      expect(answer.body.code).toBe('UNAUTHORIZED');
      expect(answer.headers.get('www-authenticate')).toContain('Bearer');
    }
    expect(await server.rowCounts()).toEqual(before);
  });
});

const NOBODYS = '019a0000-0000-7000-8000-00000000dead';

describe('ids that nobody has', () => {
  const ID_FIELDS = ['id', 'session_id', 'job_id', 'upload_id', 'from_id', 'to_id'];
  /** Filters: an unknown id there finds nothing, which is no error. `append` with a user begins the session. */
  const FILTERS = new Set(['working.list', 'longterm.list', 'search.query', 'context.assemble', 'sessions.append']);
  const NEW_IDS = new Set(['sessions.create', 'working.create', 'memories.unlink']);
  /** Refused whatever the id. */
  const ONLY_PERSONS = new Set([
    'settings.undo',
    'webhooks.update',
    'webhooks.remove',
    'webhooks.rotateSecret',
    'webhooks.test',
  ]);

  it('are answered with 404, and nothing is written', async () => {
    const before = await server.rowCounts();
    const samples = routeSamples(world);
    let tried = 0;
    for (const route of ROUTES) {
      if ([FILTERS, NEW_IDS, ONLY_PERSONS].some((names) => names.has(route.name))) continue;
      for (const field of ID_FIELDS.filter((candidate) => candidate in (samples[route.name] ?? {}))) {
        const answer = await callRoute(server, route, { ...samples[route.name], [field]: NOBODYS });
        expect(answer.status, `${route.name} ${field}: ${JSON.stringify(answer.body)}`).toBe(404);
        expect(answer.body.code).toBe('NOT_FOUND');
        tried += 1;
      }
    }
    expect(tried).toBeGreaterThan(12);
    const { user_id: _left, ...append } = samples['sessions.append'] ?? {};
    expect((await callRoute(server, routeNamed('sessions.append'), { ...append, session_id: NOBODYS })).status).toBe(
      404,
    );
    expect(await server.rowCounts()).toEqual(before);
  });

  it('are told apart in bulk changes', async () => {
    const answer = await callRoute(server, routeNamed('memories.bulk'), { ids: [NOBODYS], action: { kind: 'pin' } });
    expect(answer.body).toEqual({ changed: [], missing: [NOBODYS] });
  });
});

describe('times that lie ahead', () => {
  const FUTURE = '2999-01-01T00:00:00.000Z';
  const CASES: [string, (sample: Record<string, unknown>) => Record<string, unknown>, string][] = [
    ['sessions.create', (sample) => ({ ...sample, started_at: FUTURE }), 'started_at'],
    [
      'sessions.create',
      (sample) => ({ ...sample, messages: [{ role: 'user', content: 'x', timestamp: FUTURE }] }),
      'messages[0].timestamp',
    ],
    [
      'sessions.append',
      (sample) => ({ ...sample, messages: [{ role: 'user', content: 'x', timestamp: FUTURE }] }),
      'messages[0].timestamp',
    ],
    ['working.create', (sample) => ({ ...sample, created_at: FUTURE }), 'created_at'],
    ['longterm.create', (sample) => ({ ...sample, created_at: FUTURE }), 'created_at'],
    ['longterm.create', (sample) => ({ ...sample, valid_from: FUTURE }), 'valid_from'],
    ['longterm.supersede', (sample) => ({ ...sample, valid_from: FUTURE }), 'valid_from'],
    ['longterm.list', (sample) => ({ ...sample, as_of: FUTURE }), 'as_of'],
    ['search.query', (sample) => ({ ...sample, as_of: FUTURE }), 'as_of'],
  ];

  it.each(CASES)('are refused: %s (%#)', async (name, change, field) => {
    const before = await server.rowCounts();
    const answer = await callRoute(server, routeNamed(name), change(routeSamples(world)[name] ?? {}));
    expect(answer.status).toBe(400);
    expect(answer.body.data.field).toBe(field);
    expect(await server.rowCounts()).toEqual(before);
  });
});

describe('texts with a meaning elsewhere', () => {
  const NASTY = [
    "'; DROP TABLE archon_working_memory; --",
    "x' OR 1=1 --",
    '$1 $2 %s %n \\',
    "a & b | !c <-> (d:* 'e",
    '& | ! ( ) : * <->',
    "'''''",
    '\\',
    '%_%',
    '"quoted" -minus OR',
    '../../etc/passwd',
    '{{7*7}} <%= 7*7 %>',
    '<script>alert(1)</script>',
    '\u202e\u200d\ufeff',
    '👩‍👩‍👧‍👦'.repeat(50),
    'a'.repeat(200),
    '',
    ' ',
  ];

  it.each(NASTY)('are nothing but text in searches, filters and names: %j', async (text) => {
    const search = await callRoute(server, routeNamed('search.query'), { user_id: USER, query: text });
    expect(search.status, JSON.stringify(search.body)).toBe(200);
    const context = await callRoute(server, routeNamed('context.assemble'), { user_id: USER, query: text });
    expect(context.status, JSON.stringify(context.body)).toBe(200);
    expect((await callRoute(server, routeNamed('working.list'), { user_id: USER, text })).status).toBe(200);
    expect((await callRoute(server, routeNamed('longterm.list'), { user_id: USER, text })).status).toBe(200);
    expect((await callRoute(server, routeNamed('memories.users'), { search: text.slice(0, 200) })).status).toBe(200);
    expect(await server.rowCounts()).toHaveProperty('archon_working_memory');
  });

  it.each(NASTY.filter((text) => text.trim() !== ''))('are stored as they are: %j', async (text) => {
    const made = await callRoute(server, routeNamed('working.create'), {
      user_id: 'nasty',
      memory_type: 'action',
      content: { text },
      metadata: { text },
      tags: [text.trim().slice(0, 99).toWellFormed()],
    });
    expect(made.status, JSON.stringify(made.body)).toBe(201);
    const read = await callRoute(server, routeNamed('working.get'), { id: made.body.id });
    expect(read.body.content).toEqual({ text });
    expect(read.body.metadata).toEqual({ text });
  });

  it('can be very long: 1 MB to search with, to assemble with, and as one message', async () => {
    const words = 'apples and pears from the north '.repeat(32_768);
    const search = await callRoute(server, routeNamed('search.query'), { user_id: USER, query: words });
    expect(search.status).toBe(200);
    const begun = { session_id: 'long', user_id: 'long', messages: [{ role: 'user', content: words }] };
    expect((await callRoute(server, routeNamed('sessions.append'), begun)).status).toBe(201);
    const input = { user_id: 'long', session_id: 'long', query: words, max_tokens: 2000 };
    const context = await callRoute(server, routeNamed('context.assemble'), input);
    expect(context.status).toBe(200);
    expect(context.body.total_tokens).toBeLessThanOrEqual(2000);
  });
});

describe('bodies of 5 MB that are wrong a million times', () => {
  const many = (count: number, text: string) => Array.from({ length: count }, () => text).join(',');
  const unknown = Array.from({ length: 400_000 }, (_, index) => `"k${index}":0`).join(',');
  const working = `"user_id":"u","memory_type":"action","content":{"text":"x"}`;
  const CASES: [string, string, string, string][] = [
    ['search.query', `{"user_id":"u","query":"q","memory_type":[${many(1_000_000, '"x"')}]}`, 'memory_type', ''],
    ['search.query', `{"user_id":"u","query":"q","layers":[${many(1_000_000, '0')}]}`, 'layers', ''],
    ['memories.bulk', `{"ids":[${many(1000, '"x"')}],"action":{"kind":"pin"}}`, 'ids[0]', ' (and 19 more)'],
    ['memories.bulk', `{"ids":["x"],"action":{"kind":"pin"},${unknown}}`, 'ids[0]', ' (and 400000 more)'],
    [
      'working.createBatch',
      `{"items":[${many(450, `{${working},"tags":[${many(3000, '""')}]}`)}]}`,
      'items[0].tags[0]',
      ' (and 19 more)',
    ],
    ['working.create', `{${working},"metadata":{"list":[${many(2_400_000, '0')}]}}`, 'metadata', ''],
    ['working.create', `{${working},"metadata":{"list":[${many(1_600_000, '[]')}],"\\u0061":1}}`, 'metadata', ''],
    ['working.create', `{${working},"metadata":{${unknown}}}`, 'metadata', ''],
    ['working.create', `{${working},"${'k'.repeat(4_000_000)}":0}`, `${'k'.repeat(200)}…`, ''],
    ['working.create', `{"\\u0061":${'['.repeat(2_000_000)}${']'.repeat(2_000_000)}}`, 'body', ''],
  ];

  it.each(CASES)('are refused in a few words: %s (%#)', async (name, body, field, more) => {
    const answer = await server.call('POST', routeNamed(name).path, { body });
    expectRefusal(answer, name, routeNamed(name));
    expect(answer.body.data.field).toBe(field);
    expect(answer.body.message.endsWith(more), answer.body.message.slice(0, 500)).toBe(true);
    expect(JSON.stringify(answer.body).length).toBeLessThan(10_000);
  });
});

describe('cursors', () => {
  const PLACE = { sort: 'newest', key: '2026-01-01T00:00:00Z', id: NOBODYS, at: '2026-01-01T00:00:00Z' };
  const LISTS = ['working.list', 'longterm.list', 'sessions.messages', 'sessions.list', 'memories.users'];
  const firstPage = async (name: string) => {
    const keys =
      name === 'sessions.messages'
        ? { session_id: world.session_id }
        : name === 'memories.users'
          ? {}
          : { user_id: USER };
    const answer = await callRoute(server, routeNamed(name), { ...keys, limit: 1 });
    expect(answer.body.items).toHaveLength(1);
    return { keys, cursor: answer.body.next_cursor as string };
  };

  it.each(LISTS)('of %s are refused when they were tampered with', async (name) => {
    const { keys, cursor } = await firstPage(name);
    const flipped = [...cursor].map((letter, index) =>
      index === Math.floor(cursor.length / 2) ? (letter === 'A' ? 'B' : 'A') : letter,
    );
    const tampered = [
      flipped.join(''),
      cursor.slice(0, -1),
      `${cursor}A`,
      cursor.slice(1),
      'x',
      "' OR 1=1 --",
      Buffer.from('{"created_at":"2026-01-01T00:00:00Z","id":"x"}').toString('base64url'),
      Buffer.from(JSON.stringify({ __proto__: 1 })).toString('base64url'),
    ];
    for (const bad of tampered) {
      const answer = await callRoute(server, routeNamed(name), { ...keys, cursor: bad });
      expect(answer.status, `${name} ${bad}: ${JSON.stringify(answer.body)}`).toBe(400);
      expect(answer.body.code).toBe('CURSOR_INVALID');
    }
  });

  it('of one list do not fit another', async () => {
    for (const name of LISTS) {
      const { cursor } = await firstPage(name);
      for (const other of LISTS.filter((one) => one !== name)) {
        const { keys } = await firstPage(other);
        const answer = await callRoute(server, routeNamed(other), { ...keys, cursor });
        expect(answer.body.code, `${name} in ${other}`).toBe('CURSOR_INVALID');
      }
    }
  });

  it.each([
    ['working.list', 'working', { sort: 'newest', key: 5 }],
    ['working.list', 'working', { sort: 'score', key: '2026-01-01T00:00:00Z' }],
    ['working.list', 'working', { sort: 'score', key: 1e300 }],
    ['longterm.list', 'longterm', { sort: 'newest', key: '0000-01-01T00:00:00Z' }],
    ['longterm.list', 'longterm', { sort: 'newest', at: '0000-01-01T00:00:00Z' }],
    ['memories.users', 'users', { user: 'a\u0000b' }],
    ['memories.users', 'users', { user: '' }],
    ['sessions.list', 'sessions', { last_accessed_at: '2026-01-01T00:00:00Z', session_id: 'a\u0000b' }],
    ['sessions.messages', 'messages', { seq: -1, order: 'oldest_first' }],
  ])('that somebody made up are refused: %s %j %j', async (name, list, forged) => {
    const { keys } = await firstPage(name);
    const place = list === 'working' || list === 'longterm' ? PLACE : {};
    const cursor = encodeCursor(list, { ...place, ...forged } as Record<string, string | number>);
    const sort = 'sort' in forged ? { sort: forged.sort } : {};
    const answer = await callRoute(server, routeNamed(name), { ...keys, ...sort, cursor });
    expect(answer.body).toMatchObject({ status: 400, code: 'CURSOR_INVALID' });
  });

  it('are answered with a page or refused, whatever they say', async () => {
    const time = fc.constantFrom(
      '2026-01-01T00:00:00Z',
      '0000-01-01T00:00:00Z',
      '9999-12-31T23:59:59.999Z',
      '+012026-01-01',
      'x',
    );
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('a\u0000b', USER, NOBODYS, ''));
    const number = fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger());
    const value = fc.oneof(time, text, number, fc.jsonValue());
    const position = fc.oneof(
      fc.record(
        {
          sort: fc.constantFrom('newest', 'oldest', 'score', 'x'),
          key: value,
          id: fc.oneof(fc.uuid(), value),
          at: fc.oneof(time, value),
        },
        { requiredKeys: [] },
      ),
      fc.record({ user: value }),
      fc.record({ seq: value, order: fc.constantFrom('oldest_first', 'newest_first') }),
      fc.record({ last_accessed_at: fc.oneof(time, value), session_id: value }),
      fc.jsonValue(),
    );
    const list = fc.constantFrom(
      ...(['working', 'longterm', 'messages', 'sessions', 'users'] as const).map(
        (one, at) => [one, LISTS[at] ?? ''] as const,
      ),
    );
    const sort = fc.constantFrom('newest', 'oldest', 'score');
    let pages = 0;
    await fc.assert(
      fc.asyncProperty(list, position, sort, async ([own, name], forged, order) => {
        const { keys } = await firstPage(name);
        const sorted = name.endsWith('.list') && name !== 'sessions.list' ? { sort: order } : {};
        const cursor = encodeCursor(own, forged as Record<string, string | number>);
        if (cursor.length > 2000) return;
        const answer = await callRoute(server, routeNamed(name), { ...keys, ...sorted, cursor });
        if (answer.status === 200) pages += 1;
        else expect(answer.body, Buffer.from(cursor, 'base64url').toString()).toMatchObject({ code: 'CURSOR_INVALID' });
      }),
      { numRuns: 500 },
    );
    expect(pages).toBeGreaterThan(0);
  });
});

it('never failed on the way: no answer was a 5xx', () => {
  expect(server.logged).toEqual([]);
});
