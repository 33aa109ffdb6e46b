/** Status, tokens, previews and controls: as agents see them over HTTP, and as a person at this computer does. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../../src-contract/index.ts';
import { type ApiContext, router } from '../../../src-main/api/router.ts';
import { commandLineContext } from '../../../src-main/cli/connection.ts';
import { Engine } from '../../../src-main/engine.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { silentLogger } from '../../support/test-databases.ts';
import { writeClaudeCodeSession } from '../../support/transfer-generators.ts';
import { OTHER_ORG_ID, startTestServer, type TestServer } from './support/test-server.ts';

let server: TestServer;
/** The person at this computer. */
let person: ArchonClient;
const clientOf = (engine: Engine, change: Partial<ApiContext> = {}): ArchonClient =>
  createRouterClient(router, { context: { ...commandLineContext(engine.services, silentLogger), ...change } });
beforeAll(async () => {
  server = await startTestServer();
  person = clientOf(server.engine);
});
afterAll(() => server?.stop());

const post = (path: string, body: object, token?: string) =>
  server.call('POST', path, { body: JSON.stringify(body), ...(token === undefined ? {} : { token }) });

describe('the status', () => {
  it('says what the app runs on; where its data lies only to the person at this computer', async () => {
    const { status, body } = await server.call('GET', '/api/status');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      version: expect.stringMatching(/^\d+\.\d+\.\d+/),
      host: 'server',
      status: 'healthy',
      database: { kind: 'embedded', status: 'healthy', detail: expect.stringContaining('PostgreSQL') },
      sessions: { kind: 'built-in', status: 'healthy' },
      queue_depth: 0,
      events_waiting: expect.any(Number),
      data_dir: null,
    });
    expect(await person.app.status()).toMatchObject({ data_dir: expect.stringContaining('archon-server-') });
    const remote = clientOf(server.engine, { local: false });
    expect(await remote.app.status()).toMatchObject({ data_dir: null });
  });

  it('counts the imports that run or wait, of the own organisation', async () => {
    const { data_dir } = await person.app.status();
    const jobs: string[] = [];
    for (const name of ['one', 'two', 'three']) {
      const path = join(data_dir ?? '', `${name}.jsonl`);
      await writeClaudeCodeSession(path, { messages: 3000 });
      jobs.push((await person.transfer.import({ source: { kind: 'file', path }, user_id: name })).job_id);
    }
    expect((await person.app.status()).queue_depth).toBe(3);
    const stranger = clientOf(server.engine, { scope: { org_id: OTHER_ORG_ID, actor: 'stranger' } });
    expect((await stranger.app.status()).queue_depth).toBe(0);
    for (const job_id of jobs) await person.transfer.cancel({ job_id });
    expect((await person.app.status()).queue_depth).toBe(0);
  });

  it.runIf(postgresAvailable)('tells of a database that is away, and live events go on when it is back', async () => {
    const postgres = await startPostgres({ fsync: 'off' });
    const { data_dir } = await person.app.status();
    const url = await postgres.createDatabase('status');
    const config = { ...defaultConfig(join(data_dir ?? '', 'remote')), 'database.url': url };
    const engine = new Engine({ config, logger: silentLogger });
    await engine.start();
    const client = clientOf(engine);
    const events = await client.events.stream({ types: ['memory.longterm.created'] });
    expect(await client.app.status()).toMatchObject({ status: 'healthy', database: { kind: 'remote' } });
    await postgres.stop('SIGQUIT');
    // What was asked a moment ago is told once more.
    await expect
      .poll(() => client.app.status(), { timeout: 30_000 })
      .toMatchObject({ status: 'unhealthy', database: { status: 'unhealthy' }, sessions: { status: 'healthy' } });
    await expect(client.events.stream({})).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await postgres.restart();
    const fact = await client.longterm.create({ user_id: 'ana', memory_type: 'fact', content: { text: 'Back.' } });
    expect(await events.next()).toMatchObject({ value: { payload: { memory_id: fact.id } } });
    await events.return?.();
    await engine.stop();
    await postgres.remove();
  });
});

describe('tokens', () => {
  it('are listed without their secrets, those of the own organisation only', async () => {
    const { body } = await server.call('GET', '/api/tokens');
    expect(body.items).toEqual([
      { token_id: expect.any(String), name: 'agent', created_at: expect.any(String), revoked_at: null },
    ]);
    const stranger = await server.call('GET', '/api/tokens', { token: server.other_token });
    expect(stranger.body.items.map(({ name }: { name: string }) => name)).toEqual(['stranger']);
  });

  it('are made and revoked by a person, and work until then', async () => {
    const made = await person.app.createToken({ name: 'helper' });
    expect((await server.call('GET', '/api/tokens', { token: made.token })).status).toBe(200);
    const revoked = await person.app.revokeToken({ token_id: made.token_id });
    expect(revoked.revoked_at).toEqual(expect.any(String));
    expect(revoked).not.toHaveProperty('token');
    expect((await server.call('GET', '/api/tokens', { token: made.token })).status).toBe(401);
    expect(await person.app.revokeToken({ token_id: made.token_id })).toEqual(revoked);
  });

  it('cannot be made or revoked by an agent', async () => {
    const { items } = await person.app.tokens();
    const made = await post('/api/tokens', { name: 'sneaky' });
    expect(made.status).toBe(403);
    expect(made.body).toMatchObject({
      code: 'FORBIDDEN',
      message: expect.stringContaining('Only a person may make tokens'),
    });
    expect((await post(`/api/tokens/${items[0]?.token_id}/revoke`, {})).status).toBe(403);
    expect((await person.app.tokens()).items).toEqual(items);
  });

  it('of another organisation are not there', async () => {
    const [theirs] = server.engine.tokens.list().filter(({ org_id }) => org_id === OTHER_ORG_ID);
    await expect(person.app.revokeToken({ token_id: theirs?.token_id ?? '' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    expect((await server.call('GET', '/api/tokens', { token: server.other_token })).status).toBe(200);
  });
});

describe('the demo', () => {
  it('is loaded by a person, once, and not by an agent', async () => {
    expect((await post('/api/demo', {})).status).toBe(403);
    const added = await person.app.loadDemo({});
    expect(added.sessions).toBeGreaterThan(20);
    expect(added.longterm).toBeGreaterThan(50);
    const again = await person.app.loadDemo({});
    expect(again).toMatchObject({ sessions: 0, messages: 0, working: 0, longterm: 0 });
  });
});

describe('the preview of an import', () => {
  const TALK = `${JSON.stringify({ title: 'Boats', messages: [{ role: 'user', content: 'Where is my boat?' }] })}\n`;

  it('shows how an upload begins once it is complete, and keeps it for the import', async () => {
    const begun = await post('/api/memory/import/uploads', { name: 'talk.jsonl', size: TALK.length });
    const source = { kind: 'upload', upload_id: begun.body.upload_id };
    const early = await post('/api/memory/import/preview', { source });
    expect(early.status).toBe(409);
    const form = new FormData();
    form.append('offset', '0');
    form.append('chunk', new Blob([TALK]), 'talk.jsonl');
    await server.call('PUT', `/api/memory/import/uploads/${begun.body.upload_id}`, { body: form });
    const before = await server.rowCounts();
    const { status, body } = await post('/api/memory/import/preview', { source });
    expect(status).toBe(200);
    expect(body).toEqual({
      name: 'talk.jsonl',
      bytes: TALK.length,
      format: 'openai-jsonl',
      needs_user: true,
      conversations: [{ title: 'Boats', started_at: null, messages: [{ role: 'user', text: 'Where is my boat?' }] }],
      archive: null,
      errors: [],
    });
    expect(await server.rowCounts()).toEqual(before);
    expect((await post('/api/memory/import', { source, user_id: 'ana' })).status).toBe(202);
  });

  it('reads files of this computer for the person at it only', async () => {
    const { data_dir } = await person.app.status();
    const path = join(data_dir ?? '', 'local.jsonl');
    writeFileSync(path, TALK);
    expect(await person.transfer.preview({ source: { kind: 'file', path } })).toMatchObject({ name: 'local.jsonl' });
    const refused = await post('/api/memory/import/preview', { source: { kind: 'file', path } });
    expect(refused.status).toBe(403);
  });
});

it('lets agents read and change the memory controls over HTTP, which contexts keep to at once', async () => {
  const patch = (body: object) => server.call('PATCH', '/api/memory/controls', { body: JSON.stringify(body) });
  const assemble = () => post('/api/memory/context', { user_id: 'carla', query: 'boats' });
  expect((await assemble()).body).toMatchObject({ max_tokens: 8000, status_reason: null });
  const set = await patch({ user_id: 'carla', controls: { enabled: false } });
  expect(set.body).toMatchObject({ user_id: 'carla', effective: { enabled: false } });
  expect((await assemble()).body).toMatchObject({ status: 'healthy', status_reason: expect.stringContaining('off') });
  const read = await server.call('GET', '/api/memory/controls?user_id=carla');
  expect(read.body).toEqual(set.body);
  expect((await patch({ controls: { max_tokens: 100 } })).body.data.field).toBe('controls.max_tokens');
});
