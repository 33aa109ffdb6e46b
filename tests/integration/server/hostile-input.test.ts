/** Every route of the contract against inputs that must not get through: refused with a reason, nothing written. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract, ERRORS } from '../../../src-contract/index.ts';
import { listRoutes } from '../../../src-main/server/route-table.ts';
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

/** A refusal says what, why, and in which field. */
function expectRefusal(answer: Answer, what: string): void {
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeGreaterThanOrEqual(400);
  expect(answer.status, `${what}: ${JSON.stringify(answer.body)}`).toBeLessThan(500);
  expect(answer.body.status, what).toBe(answer.status);
  expect(Object.keys(ERRORS), what).toContain(answer.body.code);
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
      expectRefusal(answer, `${name}, ${what}`);
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
      expectRefusal(answer, `${name} with ${body.slice(0, 10)}`);
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

describe('ids that nobody has', () => {
  const NOBODYS = '019a0000-0000-7000-8000-00000000dead';
  const ID_FIELDS = ['id', 'session_id', 'job_id', 'upload_id', 'from_id', 'to_id'];
  /** Filters: an unknown id there finds nothing, which is no error. `append` with a user begins the session. */
  const FILTERS = new Set(['working.list', 'longterm.list', 'search.query', 'context.assemble', 'sessions.append']);
  const NEW_IDS = new Set(['sessions.create', 'working.create', 'memories.unlink']);

  it('are answered with 404, and nothing is written', async () => {
    const before = await server.rowCounts();
    const samples = routeSamples(world);
    let tried = 0;
    for (const route of ROUTES) {
      if (FILTERS.has(route.name) || NEW_IDS.has(route.name)) continue;
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

describe('cursors', () => {
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
    const { cursor } = await firstPage('sessions.messages');
    const answer = await callRoute(server, routeNamed('working.list'), { user_id: USER, cursor });
    expect(answer.body.code).toBe('CURSOR_INVALID');
  });
});

it('never failed on the way: no answer was a 5xx', () => {
  expect(server.logged).toEqual([]);
});
