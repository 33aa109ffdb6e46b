/** Settings that are changed while the engine runs: what they do from then on. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { contextInput } from '../../../src-contract/index.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID, type Scope } from '../../../src-main/identity/scope.ts';
import { Logs } from '../../../src-main/observability/logs/logs.ts';
import { HttpServer } from '../../../src-main/server/http-server.ts';
import type { ServerAddress } from '../../../src-main/server/listening.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { LiveSettings } from '../../../src-main/settings/live-settings.ts';
import { publish } from '../../support/delivery-nodes.ts';
import { freePort } from '../../support/free-port.ts';

const OTHER_ORG_ID = '00000000-0000-7000-8000-0000000000b2';
const scope: Scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
const other: Scope = { org_id: OTHER_ORG_ID, actor: 'test' };
const PATIENCE = { timeout: 60_000, interval: 50 };

const data_dir = mkdtempSync(join(tmpdir(), 'archon-effects-'));
const config: Config = { ...defaultConfig(data_dir), 'server.port': 0, 'workers.organisations': [OTHER_ORG_ID] };
const settings = new LiveSettings(config);
const logs = new Logs({ level: 'info' });
let engine: Engine;
let token: string;

const device = (changed: Partial<Config>) => settings.setDevice({ ...settings.device, ...changed });
const organisation = ({ org_id }: Scope, values: Partial<Config>) => settings.setOrganisation(org_id, values);

beforeAll(async () => {
  engine = new Engine({ config, settings, logger: logs.logger, logs, kind: 'server' });
  await engine.start();
  await engine.organisations.ensure(other);
  token = engine.tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID }).token;
});
afterAll(async () => {
  await engine.stop();
  rmSync(data_dir, { recursive: true, force: true });
});
afterEach(() => {
  settings.setDevice(config);
  for (const { org_id } of [scope, other]) settings.setOrganisation(org_id, {});
});

describe('memory', () => {
  it('sessions live as long as their organisation says, new ones and those that are touched', async () => {
    const { sessions } = engine.services;
    const create = async (as: Scope, session_id: string, more: { ttl_seconds?: number } = {}) =>
      (await sessions.create(as, { user_id: 'ana', session_id, ...more })).ttl_seconds;
    expect(await create(scope, 'before')).toBe(3600);
    expect(await create(scope, 'own', { ttl_seconds: 7200 })).toBe(7200);
    organisation(scope, { 'memory.session_ttl_minutes': 5 });
    expect(await create(scope, 'after')).toBe(300);
    expect(await create(other, 'elsewhere')).toBe(3600);
    const touched = await sessions.get(scope, { session_id: 'before', message_limit: 0 });
    expect(touched.ttl_seconds).toBe(300);
    expect(Date.parse(touched.expires_at) - Date.parse(touched.last_accessed_at)).toBe(300_000);
    expect((await sessions.get(scope, { session_id: 'own', message_limit: 0 })).ttl_seconds).toBe(7200);
  });

  it('working memories live as long as their organisation says', async () => {
    organisation(other, { 'memory.working_ttl_days': 7 });
    const days = async (as: Scope) => {
      const content = { text: 'Froze deploys' };
      const made = await engine.services.working.create(as, { user_id: 'ana', memory_type: 'decision', content });
      return (Date.parse(made.expires_at) - Date.parse(made.created_at)) / 86_400_000;
    };
    expect([await days(scope), await days(other)]).toEqual([14, 7]);
  });

  it('the next context has the reserves and the least importance that are set', async () => {
    const { sessions, longterm, context } = engine.services;
    const user_id = 'ben';
    const long = 'We talked about the release train for a while. '.repeat(8);
    const messages = Array.from({ length: 60 }, (_, n) => ({ role: 'user' as const, content: `${n} ${long}` }));
    await sessions.create(scope, { user_id, session_id: 'long-talk', messages });
    for (let n = 0; n < 20; n += 1) {
      const content = { text: `Fact ${n}: ${long}` };
      const importance_score = n < 10 ? 0.2 : 0.9;
      await longterm.create(scope, { user_id, memory_type: 'fact', content, importance_score });
    }
    const assemble = () =>
      context.assemble(
        scope,
        contextInput.parse({ user_id, session_id: 'long-talk', max_tokens: 3000, query: 'release train' }),
      );
    organisation(scope, { 'memory.reserve_session': 1, 'memory.reserve_longterm': 0, 'memory.reserve_working': 0 });
    const talk = await assemble();
    organisation(scope, { 'memory.reserve_session': 0, 'memory.reserve_longterm': 0.7, 'memory.reserve_working': 0 });
    const facts = await assemble();
    expect(talk.sources.longterm.tokens).toBeLessThan(500);
    expect(facts.sources.longterm.tokens).toBeGreaterThan(1200);
    expect(facts.left_out.some(({ reason }) => reason === 'unimportant')).toBe(false);

    organisation(scope, { ...settings.of(scope.org_id), 'memory.longterm_min_importance': 0.5 });
    const important = await assemble();
    const given = important.memories.flatMap(({ memory }) =>
      memory.layer === 'longterm' ? [memory.importance_score] : [],
    );
    expect(given.length).toBeGreaterThan(5);
    expect(Math.min(...given)).toBe(0.9);
    expect(important.left_out.filter(({ reason }) => reason === 'unimportant')).toHaveLength(10);
    expect(important.left_out_count).toBeGreaterThanOrEqual(10);
    const found = await engine.services.search.query(scope, {
      user_id,
      query: 'release train',
      layers: ['longterm'],
      limit: 50,
    });
    expect(found.hits).toHaveLength(20);
  });
});

describe('breakers', () => {
  it('open at the threshold that is set', async () => {
    const { resilience } = engine.services;
    const llm = resilience.dependency('llm');
    const fail = () => llm.run(() => Promise.reject(new Error('away'))).catch(() => {});
    await fail();
    expect(llm.state.state).toBe('closed');
    llm.reset({ by: 'test', reason: 'begin anew' });
    device({ 'resilience.llm.threshold': 1 });
    await fail();
    expect(llm.state.state).toBe('open');
    const until = () => (llm.state.state === 'open' ? Date.parse(llm.state.until) - Date.parse(llm.state.since) : 0);
    device({ 'resilience.llm.reset_seconds': 600 });
    expect(until()).toBe(600_000);
    device({ 'resilience.llm.enabled': false });
    expect(llm.state.state).toBe('closed');
  });
});

describe('workers', () => {
  const hoursAhead = async (as: Scope) => {
    const { next_run_at } = await engine.services.workers.get(as, 'consolidation');
    return next_run_at === null ? null : (Date.parse(next_run_at) - Date.now()) / 3_600_000;
  };

  it('run by the schedule of their organisation', async () => {
    await expect.poll(() => hoursAhead(other), PATIENCE).toBeLessThan(1);
    await expect.poll(() => hoursAhead(scope), PATIENCE).toBeLessThan(1);
    organisation(other, { 'workers.consolidation_schedule': '2d' });
    await expect.poll(() => hoursAhead(other), PATIENCE).toBeGreaterThan(20);
    expect(await hoursAhead(scope)).toBeLessThan(1);
    expect((await engine.services.workers.get(other, 'consolidation')).default_schedule).toEqual({
      kind: 'interval',
      seconds: 172_800,
    });
    organisation(other, { 'workers.consolidation_schedule': 'manual' });
    await expect.poll(() => hoursAhead(other), PATIENCE).toBeNull();
  });

  it('stop and start with the setting', async () => {
    const nodes = async () =>
      (await engine.services.workers.nodes(scope)).items.filter(({ status }) => status === 'live');
    await expect.poll(async () => (await nodes()).length, PATIENCE).toBe(1);
    device({ 'workers.enabled': false });
    await expect.poll(async () => (await nodes()).length, PATIENCE).toBe(0);
    device({ 'workers.enabled': true });
    await expect.poll(async () => (await nodes()).length, PATIENCE).toBe(1);
  });
});

describe('delivery', () => {
  it('waits after the next failure as long as the organisation says', async () => {
    const { delivery } = engine.services;
    const seen: number[] = [];
    delivery.events.subscribe({
      name: 'failing',
      types: ['memory.session.deleted'],
      handle: async (_event, { attempt }) => {
        seen.push(attempt);
        throw new Error('not today');
      },
    });
    await delivery.events.refresh();
    // By default the second attempt would be five minutes later.
    organisation(scope, { 'events.retry_first_seconds': 1, 'events.retry_attempts': 2 });
    await publish(engine.database, scope, ['gone'], { type: 'memory.session.deleted' });
    const letters = async () => (await delivery.deadLetters.list(scope, { limit: 10 })).items;
    await expect.poll(async () => (await letters()).length, PATIENCE).toBe(1);
    expect(seen).toEqual([1, 2]);
    expect((await letters())[0]?.attempt_count).toBe(2);
  });
});

describe('the log', () => {
  it('has the level that is set, unless another was chosen for a while', () => {
    device({ 'log.level': 'debug' });
    expect(logs.level()).toMatchObject({ level: 'debug', configured: 'debug' });
    logs.setLevel('trace', 10);
    device({ 'log.level': 'warn' });
    expect(logs.level()).toMatchObject({ level: 'trace', configured: 'warn' });
    logs.setLevel(null, 0);
    expect(logs.level().level).toBe('warn');
  });
});

describe('the HTTP API', () => {
  const moved: ServerAddress[] = [];
  let server: HttpServer;
  beforeAll(async () => {
    server = new HttpServer({ engine, config, settings, logger: logs.logger, ui_dir: join(data_dir, 'no-ui') });
    server.onMoved((address) => moved.push(address));
    await server.start();
  });
  afterAll(() => server.stop());

  const url = () => server.state.url ?? '';
  const call = (path: string, init: RequestInit = {}) =>
    fetch(url() + path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } });

  it('takes as many requests and as large ones as are set', async () => {
    expect((await call('/api/workers')).status).toBe(200);
    device({ 'server.rate_limit_per_minute': 1 });
    const statuses = [(await call('/api/workers')).status, (await call('/api/workers')).status];
    expect(statuses).toEqual([200, 429]);
    device({ 'server.rate_limit_per_minute': 0, 'server.body_limit_bytes': 1024 });
    const body = JSON.stringify({ user_id: 'ana', query: 'x'.repeat(2000) });
    const large = await call('/api/memory/search', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json' },
    });
    expect(large.status).toBe(413);
  });

  it('shows or hides the user interface', async () => {
    expect(await (await fetch(url())).text()).not.toContain('switched off');
    device({ 'server.ui': false });
    expect(await (await fetch(url())).text()).toContain('switched off');
    expect((await fetch(`${url()}/auth/session`)).status).toBe(404);
  });

  it('answers pages of the origins that are listed, which need a token like everybody', async () => {
    const origin = 'https://agents.example.com';
    const preflight = (from: string) =>
      fetch(`${url()}/api/memory/search`, {
        method: 'OPTIONS',
        headers: { origin: from, 'access-control-request-method': 'POST' },
      });
    expect((await preflight(origin)).status).toBe(405);
    device({ 'server.allowed_origins': [origin] });
    const allowed = await preflight(origin);
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe(origin);
    expect(allowed.headers.get('access-control-allow-headers')).toContain('authorization');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    const stranger = await preflight('https://agents.example.com.evil.test');
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull();
    const answer = await call('/api/workers', { headers: { origin } });
    expect([answer.status, answer.headers.get('access-control-allow-origin')]).toEqual([200, origin]);
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const refused = await fetch(`${url()}/api/workers`, { headers: { origin } });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, origin]);
    const page = await fetch(`${url()}/auth/session`, { headers: { origin } });
    expect(page.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('moves to another port while a request is under way', async () => {
    const before = new URL(url());
    const body = JSON.stringify({ user_id: 'ana', query: 'deploys' });
    const answered = Promise.withResolvers<number | undefined>();
    const half = http.request(`${before.origin}/api/memory/search`, {
      method: 'POST',
      agent: false,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        expect: '100-continue',
      },
    });
    half.on('error', answered.reject);
    half.on('response', (response) => {
      response.resume();
      answered.resolve(response.statusCode);
    });
    const begun = new Promise((resolve) => half.once('continue', resolve));
    half.flushHeaders();
    await begun;

    const port = await freePort();
    moved.length = 0;
    device({ 'server.port': port });
    await expect.poll(() => moved.map((address) => address.port), PATIENCE).toEqual([port]);
    expect(new URL(url()).port).toBe(String(port));
    expect((await call('/api/workers')).status).toBe(200);
    half.end(body);
    expect(await answered.promise).toBe(200);
    await expect(fetch(`${before.origin}/health`)).rejects.toThrow();
  });

  it('stays where it is and says why when it cannot move', async () => {
    const home = await freePort();
    device({ 'server.port': home });
    const before = `http://127.0.0.1:${home}`;
    await expect.poll(() => server.state.url, PATIENCE).toBe(before);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    device({ 'server.port': port });
    await expect.poll(() => server.state.problem, PATIENCE).toContain('taken by another program');
    expect(url()).toBe(before);
    expect((await call('/api/workers')).status).toBe(200);
    await new Promise((resolve) => taken.close(resolve));
    device({ 'server.host': '0.0.0.0' });
    await expect.poll(() => server.state.problem, PATIENCE).toContain('tokens would cross the network in the clear');
    device({ 'server.host': '127.0.0.1' });
    await expect.poll(() => server.state, PATIENCE).toEqual({ url: `http://127.0.0.1:${port}`, problem: null });
  });
});
