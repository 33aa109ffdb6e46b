/** A token of another organisation, on every route, with every id of the first: it sees nothing and changes nothing. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contract } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { errorsOf } from '../../../src-main/server/route-errors.ts';
import { listRoutes } from '../../../src-main/server/route-table.ts';
import { callRoute } from './support/http-input.ts';
import { routeSamples, type Sample } from './support/route-samples.ts';
import { type Answer, OTHER_ORG_ID, startTestServer, type TestServer } from './support/test-server.ts';
import { makeWorld, USER, type World } from './support/world.ts';

/**
 * What a stranger gets: nothing there, nothing in the list, something of their own, or a refusal that no token is spared.
 * `endless`: the answer never ends; event-stream.test.ts shows that it tells a stranger nothing.
 */
type Expectation = 'not_found' | 'forbidden' | 'endless' | 'own' | 'free' | ((body: Record<string, unknown>) => void);

const empty =
  (...keys: string[]) =>
  (body: Record<string, unknown>) => {
    for (const key of keys) expect(body[key]).toEqual([]);
  };

const EXPECTED: Record<string, Expectation> = {
  'sessions.create': 'own',
  'sessions.list': empty('items'),
  'sessions.get': 'not_found',
  'sessions.update': 'not_found',
  'sessions.delete': 'not_found',
  'sessions.append': 'not_found',
  'sessions.messages': 'not_found',
  'working.create': 'own',
  'working.createBatch': 'own',
  'working.list': empty('items'),
  'working.get': 'not_found',
  'working.update': 'not_found',
  'working.delete': 'not_found',
  'longterm.create': 'own',
  'longterm.createBatch': 'own',
  'longterm.list': empty('items'),
  'longterm.get': 'not_found',
  'longterm.update': 'not_found',
  'longterm.supersede': 'not_found',
  'longterm.delete': 'not_found',
  'memories.history': 'not_found',
  'memories.bulk': (body) => expect(body).toMatchObject({ changed: [], missing: [expect.any(String)] }),
  'memories.link': 'not_found',
  'memories.unlink': (body) => expect(body).toEqual({ removed: false }),
  'memories.users': empty('items'),
  'memories.erase': (body) => expect(body).toEqual({ sessions: 0, working: 0, longterm: 0 }),
  'search.query': empty('hits'),
  'context.assemble': (body) => {
    empty('messages', 'memories')(body);
    expect(body).toMatchObject({ org_id: OTHER_ORG_ID, memory_block: '' });
  },
  'stats.user': (body) => {
    expect(body).toMatchObject({ org_id: OTHER_ORG_ID, counts: { session: 0, working: 0, longterm: 0 } });
  },
  'transfer.beginUpload': 'free',
  'transfer.sendChunk': 'not_found',
  'transfer.import': 'not_found',
  'transfer.export': 'own',
  'transfer.download': 'not_found',
  'transfer.jobs': empty('items'),
  'transfer.job': 'not_found',
  'transfer.cancel': 'not_found',
  'transfer.pause': 'not_found',
  'transfer.resume': 'not_found',
  'transfer.forget': 'not_found',
  'backups.create': 'forbidden',
  // Files and profiles of this computer, for persons alone.
  'offline.snapshots': 'forbidden',
  'offline.snapshot': 'forbidden',
  'offline.openArchive': 'forbidden',
  'offline.read': 'forbidden',
  'offline.download': 'forbidden',
  'offline.pause': 'forbidden',
  'offline.resume': 'forbidden',
  'offline.cancel': 'forbidden',
  'offline.forget': 'forbidden',
  'offline.compare': 'forbidden',
  'offline.comparisons': 'forbidden',
  'offline.comparison': 'forbidden',
  'offline.forgetComparison': 'forbidden',
  'offline.differences': 'forbidden',
  'health.live': 'free',
  'health.deep': 'free',
  'health.memory': 'free',
  'health.events': 'free',
  // Of the process, whoever asks; they hold no content.
  'metrics.current': 'free',
  'metrics.series': 'free',
  // For persons alone.
  'settings.list': 'forbidden',
  'settings.set': 'forbidden',
  'settings.history': 'forbidden',
  'settings.undo': 'forbidden',
  'settings.export': 'forbidden',
  'settings.import': 'forbidden',
  'settings.schema': 'forbidden',
  'settings.test': 'forbidden',
  'settings.restart': 'forbidden',
  'logs.list': 'forbidden',
  'logs.tail': 'forbidden',
  'logs.components': 'forbidden',
  'logs.level': 'forbidden',
  'logs.setLevel': 'forbidden',
  'logs.diagnosticsContents': 'forbidden',
  'logs.diagnostics': 'forbidden',
  'transfer.preview': 'not_found',
  'events.stream': 'endless',
  'events.list': empty('items'),
  'events.get': 'not_found',
  'events.stats': (body) => expect(body).toMatchObject({ total: 0, types: [], last_id: null }),
  'subscribers.list': empty('items'),
  'deadLetters.list': empty('items'),
  'deadLetters.stats': (body) => expect(body).toMatchObject({ dead: 0, subscribers: [] }),
  'deadLetters.count': (body) => expect(body).toEqual({ count: 0 }),
  'deadLetters.export': (body) => expect(body).toEqual(''),
  'deadLetters.get': 'not_found',
  'deadLetters.replay': 'not_found',
  'deadLetters.replayMany': (body) => expect(body).toMatchObject({ total: 0, actor: 'stranger' }),
  'deadLetters.replays': empty('items'),
  'deadLetters.replayRuns': (body) => {
    for (const run of body.items as { actor: string }[]) expect(run.actor).toBe('stranger');
  },
  'deadLetters.replayRun': 'not_found',
  'deadLetters.cancelReplayRun': 'not_found',
  'deadLetters.discard': (body) => expect(body).toEqual({ discarded: 0, not_taken: 0 }),
  'webhooks.list': empty('items'),
  'webhooks.get': 'not_found',
  'webhooks.create': 'forbidden',
  'webhooks.update': 'forbidden',
  'webhooks.remove': 'forbidden',
  'webhooks.rotateSecret': 'forbidden',
  'webhooks.test': 'forbidden',
  'webhooks.deliveries': 'not_found',
  'controls.get': (body) => {
    expect(body).toMatchObject({ overrides: { enabled: null, max_tokens: null }, effective: { max_tokens: 8000 } });
  },
  'controls.set': 'free',
  'workers.list': (body) => {
    for (const { counts } of body.items as { counts: unknown }[]) expect(counts).toMatchObject({ runs: 0 });
  },
  'workers.get': (body) => expect(body).toMatchObject({ counts: { runs: 0 }, active_runs: [], recent_runs: [] }),
  'workers.runs': empty('items'),
  'workers.pause': 'free',
  'workers.resume': 'free',
  'workers.restart': 'free',
  'workers.cancel': 'free',
  'workers.runNow': 'free',
  'workers.setSchedule': 'free',
  'workers.nodes': empty('items'),
  'workers.health': (body) => expect(body).toMatchObject({ nodes: { live: 0, lost: 0 } }),
  'journal.status': (body) => expect(body).toMatchObject({ database: { waiting: 0 }, refused: 0 }),
  'journal.refused': empty('items'),
  'journal.retry': 'not_found',
  'journal.discard': 'not_found',
  // How the services of the process are, as in its health; of webhooks each organisation sees its own.
  'resilience.list': 'free',
  'resilience.history': empty('items'),
  'resilience.probe': 'forbidden',
  'resilience.reset': 'forbidden',
  'resilience.isolate': 'forbidden',
  'resilience.release': 'forbidden',
  'resilience.update': 'forbidden',
  'secrets.status': 'forbidden',
  'secrets.rotate': 'forbidden',
  'doctor.run': 'forbidden',
  'doctor.fix': 'forbidden',
  'app.status': (body) => expect(body).toMatchObject({ queue_depth: 0, data_dir: null }),
  'app.tokens': (body) => {
    expect((body.items as { name: string }[]).map(({ name }) => name)).toEqual(['stranger']);
  },
  'app.createToken': 'forbidden',
  'app.revokeToken': 'forbidden',
  'app.loadDemo': 'forbidden',
  // Persons alone command the agent; what it saw, did and told is of its organisation.
  'ops.run': 'forbidden',
  'ops.pause': 'forbidden',
  'ops.resume': 'forbidden',
  'opsAlerts.acknowledge': 'forbidden',
  'opsAlerts.unacknowledge': 'forbidden',
  'opsAlerts.note': 'forbidden',
  'opsAlerts.silence': 'forbidden',
  'opsAlerts.endSilence': 'forbidden',
  'opsRules.create': 'forbidden',
  'opsRules.update': 'forbidden',
  'opsRules.remove': 'forbidden',
  'opsActions.run': 'forbidden',
  'opsActions.approve': 'forbidden',
  'opsActions.reject': 'forbidden',
  'opsActions.apply': 'forbidden',
  'opsActions.dismiss': 'forbidden',
  'opsChannels.create': 'forbidden',
  'opsChannels.update': 'forbidden',
  'opsChannels.remove': 'forbidden',
  'opsChannels.test': 'forbidden',
  'opsReports.create': 'forbidden',
  'opsReports.remove': 'forbidden',
  'opsReports.send': 'forbidden',
  'ops.status': (body) => {
    expect(body).toMatchObject({ alerts: { firing: 0, pending: 0 }, approvals: 0, actions_last_hour: 0, paused: null });
  },
  'ops.signals': empty('items'),
  'opsAlerts.list': (body) => expect(body).toMatchObject({ items: [], active: { firing: 0, pending: 0 } }),
  'opsAlerts.get': 'not_found',
  'opsAlerts.silences': empty('items'),
  'opsRules.list': (body) => {
    for (const { origin, firing } of body.items as { origin: string; firing: number }[]) {
      expect([origin, firing]).toEqual(['default', 0]);
    }
  },
  'opsRules.preview': (body) => expect(body).toMatchObject({ count: 0, rounds: 0, firings: [], now: [] }),
  'opsActions.list': empty('items'),
  'opsActions.get': 'not_found',
  'opsActions.remediators': 'free',
  'opsActions.preview': 'free',
  'opsActions.recommendations': empty('items'),
  'opsChannels.list': (body) => {
    for (const { origin, sent_last_hour } of body.items as { origin: string; sent_last_hour: number }[]) {
      expect([origin, sent_last_hour]).toEqual(['settings', 0]);
    }
  },
  'opsChannels.deliveries': empty('items'),
  'opsReports.list': empty('items'),
  'opsReports.get': 'not_found',
  'opsReports.document': 'not_found',
  'profiles.list': 'forbidden',
  'profiles.create': 'forbidden',
  'profiles.update': 'forbidden',
  'profiles.remove': 'forbidden',
  'profiles.environment': 'forbidden',
  'profiles.test': 'forbidden',
  'profiles.migrations': 'forbidden',
  'profiles.activate': 'forbidden',
};

/** Samples that would create are asked last, so that lists and figures are still empty before; those of events first. */
const CREATING = new Set(['own', 'free']);
const turn = (name: string) => (name.startsWith('events.') ? 0 : CREATING.has(String(EXPECTED[name])) ? 2 : 1);
const ROUTES = listRoutes(contract).sort((a, b) => turn(a.name) - turn(b.name));

let server: TestServer;
let world: World;
let before: string;
beforeAll(async () => {
  // Relevance decays with time; with the clock stopped, what is the same looks the same.
  const now_ms = Date.now();
  server = await startTestServer({ now: () => now_ms });
  world = await makeWorld(server);
  before = await everything();
});
afterAll(() => server?.stop());

/** All the first organisation can see of itself. Reading a session or memory by id is left out: it counts as an access. */
async function everything(): Promise<string> {
  const read = async (path: string) => {
    const answer = await server.call('GET', path);
    expect(answer.status, path).toBe(200);
    return answer.body;
  };
  const parts = [
    await read('/api/memory/users'),
    await read(`/api/memory/sessions?user_id=${USER}`),
    await read(`/api/memory/session/${world.session_id}/messages`),
    await read(`/api/memory/working?user_id=${USER}&include_deleted=true&include_expired=true`),
    await read(`/api/memory/longterm?user_id=${USER}&include_deleted=true&include_superseded=true`),
    await read(`/api/memory/${world.longterm_id}/history`),
    await read(`/api/memory/${world.superseded_id}/history`),
    await read(`/api/memory/stats/${USER}`),
    await read('/api/memory/jobs'),
    await read(`/api/memory/controls?user_id=${USER}`),
    await read('/api/tokens'),
    await read('/api/events/dead-letters'),
    await read('/api/events/dead-letters/replays'),
    await read('/api/events/dead-letters/replay-runs'),
    await read('/api/webhooks'),
    await read('/api/workers'),
    await read('/api/journal/refused'),
    await read('/api/resilience/history'),
    await read('/api/ops/alerts'),
    await read('/api/ops/actions'),
    await read('/api/ops/deliveries'),
    await read('/api/ops/reports'),
  ];
  return JSON.stringify(parts, null, 1);
}

/** Valid inputs with the other organisation's ids; where an id is only a filter, without the filters that hide. */
function strangersInput(name: string): Sample {
  const sample = routeSamples(world)[name] ?? {};
  if (name === 'sessions.append') {
    const { user_id: _user, ...rest } = sample;
    return rest;
  }
  if (name === 'search.query') return { user_id: USER, query: 'apples' };
  if (/^(deadLetters|webhooks|logs|ops\w+)\./.test(name)) return sample;
  if (name.endsWith('.list')) return { user_id: USER };
  return sample;
}

function judge(name: string, answer: Answer): void {
  const expected = EXPECTED[name];
  const what = `${name}: ${answer.status} ${JSON.stringify(answer.body)}`;
  if (expected === 'not_found') {
    expect(answer.status, what).toBe(404);
    expect(answer.body.code, what).toBe('NOT_FOUND');
    return;
  }
  if (expected === 'forbidden') {
    expect(answer.status, what).toBe(403);
    expect(answer.body.code, what).toBe('FORBIDDEN');
    return;
  }
  expect(answer.status, what).toBeGreaterThanOrEqual(200);
  expect(answer.status, what).toBeLessThan(300);
  if (typeof expected === 'function') expected(answer.body);
  if (expected === 'own') {
    const made = answer.body.items?.[0] ?? answer.body;
    expect(made.org_id, what).toBe(OTHER_ORG_ID);
  }
}

it('says for every route what a stranger gets', () => {
  expect(Object.keys(EXPECTED).sort()).toEqual(ROUTES.map(({ name }) => name).sort());
});

const ENDING = ROUTES.filter(({ name }) => EXPECTED[name] !== 'endless');

describe.each(ENDING.map((route) => [route.name, route] as const))('%s', (name, route) => {
  it('shows a stranger nothing of the first organisation, nor changes it', async () => {
    const answer = await callRoute(server, route, strangersInput(name), server.other_token);
    judge(name, answer);
    if (answer.status >= 400) expect(errorsOf(route), name).toContain(answer.body.code);
    // Ids come back only where the stranger said them.
    const said = JSON.stringify(strangersInput(name));
    const told = JSON.stringify(answer.body);
    expect(told).not.toContain(LOCAL_ORG_ID);
    for (const id of Object.values(world)) {
      if (!said.includes(id)) expect(told, name).not.toContain(id);
    }
    expect(told).not.toContain('Boskoop apples');
    expect(await everything()).toBe(before);
  });
});

it('keeps the organisations apart on every id that can be swapped', async () => {
  const ids = Object.values(world);
  for (const route of ROUTES.filter(({ path }) => path.includes('{'))) {
    if (['stats.user', 'memories.erase'].includes(route.name) || EXPECTED[route.name] === 'forbidden') continue;
    const parameter = /\{(\w+)\}/.exec(route.path)?.[1] ?? '';
    for (const id of ids) {
      const input = { ...strangersInput(route.name), [parameter]: id };
      const answer = await callRoute(server, route, input, server.other_token);
      expect([400, 404], `${route.name} ${id}: ${JSON.stringify(answer.body)}`).toContain(answer.status);
    }
  }
  expect(await everything()).toBe(before);
});

it('never failed on the way', () => {
  expect(server.logged).toEqual([]);
});
