/** From one database to another and back while everything runs. One PostgreSQL server for all of it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isQueued } from '../../../src-contract/index.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import {
  asAgent,
  type Installed,
  newDataFolder,
  plain,
  removeDataFolder,
  startInstalled,
} from './support/installed.ts';

const CLOSED = { database: { host: '127.0.0.1', port: 1, user: 'ana', database: 'archon' } };

describe.skipIf(!postgresAvailable)('connection profiles', () => {
  const data_dir = newDataFolder();
  let postgres: PostgresServer;
  let app: Installed;
  let agent: string;
  let remote_id: string;
  beforeAll(async () => {
    copyTemplate(data_dir);
    postgres = await startPostgres({ fsync: 'off' });
    app = await startInstalled(data_dir);
    agent = app.host.tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID }).token;
  });
  afterAll(async () => {
    await app?.stop();
    await postgres?.remove();
    removeDataFolder(data_dir);
  });
  const fact = (text: string) => app.person.longterm.create({ user_id: 'ana', memory_type: 'fact', content: { text } });
  const longterm = async () => (await app.person.longterm.list({ user_id: 'ana' })).items;
  const texts = async () => (await longterm()).map(({ content }) => content.text);
  const profile = async () => (await app.person.app.status({})).profile;

  it('begin with this computer', async () => {
    expect(await profile()).toMatchObject({ profile_id: 'local', kind: 'local', read_only: false, agents: true });
    await fact('Local: Ana sails.');
    await app.person.sessions.create({ session_id: 'here', user_id: 'ana' });
  });

  it('do not migrate a remote database before somebody has seen what that does', async () => {
    const connection = plain(await postgres.createDatabase('one'));
    const made = await app.person.profiles.create({ name: 'One', connection });
    remote_id = made.profile_id;
    const preview = await app.person.profiles.migrations({ profile_id: remote_id });
    expect(preview.current).toBe(0);
    expect(preview.pending).toHaveLength(preview.target);
    expect(preview.pending[0]?.sql).toContain('CREATE TABLE');
    await expect(app.person.profiles.activate({ profile_id: remote_id })).rejects.toMatchObject({
      code: 'MIGRATIONS_PENDING',
      data: preview,
    });
    await expect(
      app.person.profiles.activate({ profile_id: remote_id, migrate_to: preview.target - 1 }),
    ).rejects.toMatchObject({ code: 'MIGRATIONS_PENDING' });
    expect(await profile()).toMatchObject({ profile_id: 'local' });
    expect((await app.person.profiles.migrations({ profile_id: remote_id })).current).toBe(0);
  });

  it('take over without a restart, with data apart; agents and browsers stay logged in', async () => {
    const { target } = await app.person.profiles.migrations({ profile_id: remote_id });
    const opened = await app.host.browserSessions.open(app.host.tokens.list()[0]?.token_id ?? '');
    const stream = await fetch(`${app.url}/api/events/stream?user_id=ana`, {
      headers: { authorization: `Bearer ${agent}` },
    });
    expect(stream.status).toBe(200);
    expect(await app.person.profiles.activate({ profile_id: remote_id, migrate_to: target })).toMatchObject({
      active: remote_id,
      switching_to: null,
    });
    // It ends in order, so that the reader comes back.
    await stream.text();
    expect(await profile()).toMatchObject({ profile_id: remote_id, kind: 'remote', name: 'One' });
    expect(await texts()).toEqual([]);
    expect((await app.person.sessions.list({ user_id: 'ana' })).items).toEqual([]);
    await fact('Remote: Ana climbs.');
    await app.person.sessions.create({ session_id: 'there', user_id: 'ana' });
    expect(await asAgent(app.url, agent, '/api/memory/search', { user_id: 'ana', query: 'climbs' })).toMatchObject({
      status: 200,
      body: { hits: [{ memory: { content: { text: 'Remote: Ana climbs.' } } }] },
    });
    const cookie = `archon_session_${new URL(app.url).port}=${opened?.cookie}`;
    const session = await fetch(`${app.url}/auth/session`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    expect(await session.json()).toMatchObject({ authenticated: true });
    await app.person.profiles.activate({ profile_id: 'local' });
    expect(await texts()).toEqual(['Local: Ana sails.']);
    expect((await app.person.sessions.list({ user_id: 'ana' })).items).toMatchObject([{ session_id: 'here' }]);
  });

  it('keep the key of one that is closed, whatever it is called, and take the new one when it is opened', async () => {
    await app.person.profiles.activate({ profile_id: remote_id });
    const hook = await app.person.webhooks.create({ name: 'hook', url: 'https://example.com/', enabled: false });
    const box = async () => {
      const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
      const [row] = await app.host.engine.database.withScope(scope, (tx) =>
        tx.sql<{ secret_box: string }>('SELECT secret_box FROM archon_webhooks WHERE id = $1', [hook.id]),
      );
      return row?.secret_box;
    };
    const before = await box();
    await app.person.profiles.update({ profile_id: remote_id, name: 'Uno' });
    await app.person.profiles.activate({ profile_id: 'local' });
    const rotated = await app.person.secrets.rotate({});
    expect(rotated).toMatchObject({ older_keys: 1, kept: [{ where: 'Webhooks', count: 0 }, {}, {}, {}] });
    await app.person.profiles.activate({ profile_id: remote_id });
    await expect.poll(box, { timeout: 10_000 }).not.toBe(before);
    const { kept, older_keys } = await app.person.secrets.status({});
    expect(kept[0]).toEqual({ where: 'Webhooks (Uno)', count: 1, unreadable: 0, problem: null });
    expect(older_keys).toBe(1);
    await app.person.profiles.update({ profile_id: remote_id, name: 'One' });
    expect((await app.person.secrets.status({})).kept[0]).toMatchObject({ where: 'Webhooks (One)' });
    await app.person.webhooks.remove({ id: hook.id });
    await app.person.profiles.activate({ profile_id: 'local' });
  });

  it('stay where they are when the other cannot be opened, and say why', async () => {
    const { profile_id } = await app.person.profiles.create({ name: 'Closed', connection: CLOSED });
    await expect(app.person.profiles.activate({ profile_id })).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
      message: expect.stringMatching(/"Closed" could not be opened: Nothing listens on that port\. Check the port/),
    });
    expect(await texts()).toEqual(['Local: Ana sails.']);
    const { items, state } = await app.person.profiles.list({});
    expect(state).toMatchObject({ active: 'local', switching_to: null, fallback: null });
    expect(items.find((one) => one.profile_id === profile_id)?.last_problem?.message).toContain('Nothing listens');
    await app.person.profiles.remove({ profile_id });
  });

  it('are not left while an import runs', async () => {
    const source = join(data_dir, 'long.jsonl');
    const line = (n: number) => JSON.stringify({ messages: [{ role: 'user', content: `Line ${n} of a long story.` }] });
    writeFileSync(source, Array.from({ length: 3000 }, (_, n) => line(n)).join('\n'));
    const job = await app.person.transfer.import({
      source: { kind: 'file', path: source },
      format: 'openai-jsonl',
      user_id: 'cy',
    });
    await expect(app.person.profiles.activate({ profile_id: remote_id })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringMatching(/Imports or exports are running/),
    });
    expect((await app.person.profiles.list({})).state.active).toBe('local');
    await app.person.transfer.cancel({ job_id: job.job_id });
    await expect.poll(() => app.host.services.transfer.active).toBe(0);
  });

  it('are switched one at a time', async () => {
    const [first, second] = await Promise.allSettled([
      app.person.profiles.activate({ profile_id: remote_id }),
      app.person.profiles.activate({ profile_id: remote_id }),
    ]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } });
    expect((await profile())?.profile_id).toBe(remote_id);
  });

  it('are changed while they are open, but for what connects them; another cannot have their name', async () => {
    const { update, create, remove } = app.person.profiles;
    await update({ profile_id: remote_id, name: 'Uno', color: 'red' });
    expect(await profile()).toMatchObject({ name: 'Uno', color: 'red' });
    await expect(update({ profile_id: remote_id, connection: CLOSED })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(remove({ profile_id: remote_id })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(create({ name: 'uno', connection: CLOSED })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('serve agents only where they allow it', async () => {
    await app.person.profiles.update({ profile_id: remote_id, agents: false });
    expect(await asAgent(app.url, agent, '/api/memory/longterm?user_id=ana')).toMatchObject({
      status: 403,
      body: { message: expect.stringMatching(/"Uno", does not serve agents/) },
    });
    expect((await asAgent(app.url, agent, '/health/deep')).status).toBe(200);
    await app.person.profiles.update({ profile_id: remote_id, agents: true });
    expect((await asAgent(app.url, agent, '/api/memory/longterm?user_id=ana')).status).toBe(200);
  });

  it('for reading only change nothing, and everything can be read', async () => {
    await app.person.profiles.update({ profile_id: remote_id, read_only: true });
    expect(await profile()).toMatchObject({ profile_id: remote_id, read_only: true });
    await expect(fact('Not this.')).rejects.toMatchObject({
      code: 'READ_ONLY',
      message: expect.stringContaining('"Uno"'),
    });
    await expect(app.person.sessions.create({ session_id: 'x', user_id: 'ana' })).rejects.toMatchObject({
      code: 'READ_ONLY',
    });
    expect(await texts()).toEqual(['Remote: Ana climbs.']);
    const change = (key: string, value: number | string) => app.person.settings.set({ changes: [{ key, value }] });
    for (const [key, value] of [
      ['memory.working_ttl_days', 9],
      ['workers.cleanup_schedule', '2h'],
    ] as const) {
      await expect(change(key, value)).rejects.toMatchObject({ code: 'READ_ONLY' });
    }
    // What is of this computer can be set all the same.
    const [keep] = (await change('backup.keep', 3)).items;
    expect(keep).toMatchObject({ value: 3, source: { kind: 'device' } });
    await app.person.settings.undo({
      id: (await app.person.settings.history({ scope: 'device', limit: 1 })).items[0]?.id ?? '',
      scope: 'device',
    });
    const before = await counts();
    const context = await app.person.context.assemble({ user_id: 'ana', query: 'climbs', session_id: 'there' });
    expect(JSON.stringify(context)).toContain('Ana climbs');
    expect((await app.person.search.query({ user_id: 'ana', query: 'climbs' })).hits).toHaveLength(1);
    expect((await app.person.sessions.get({ session_id: 'there' })).session_id).toBe('there');
    await app.person.health.deep({});
    await app.person.workers.list({});
    await app.person.deadLetters.list({});
    expect(await counts()).toEqual(before);
    await expect(
      app.host.services.longterm.create({ org_id: LOCAL_ORG_ID, actor: 'test' }, {
        user_id: 'ana',
        memory_type: 'fact',
        content: { text: 'No.' },
        tags: [],
      } as never),
    ).rejects.toThrow();
    await app.person.profiles.update({ profile_id: remote_id, read_only: false });
    await fact('Remote: Ana reads.');
    expect(await texts()).toHaveLength(2);
  });

  it('keep writes that wait for one database from every other', async () => {
    await postgres.stop();
    expect(isQueued(await fact('Remote: Ana waits.'))).toBe(true);
    await app.person.profiles.activate({ profile_id: 'local' });
    expect((await app.person.journal.status({})).database.waiting).toBe(0);
    expect(await texts()).toEqual(['Local: Ana sails.']);
    await postgres.restart();
    await app.person.profiles.activate({ profile_id: remote_id });
    await expect.poll(texts, { timeout: 20_000 }).toContain('Remote: Ana waits.');
    await app.person.profiles.activate({ profile_id: 'local' });
    expect(await texts()).toEqual(['Local: Ana sails.']);
    await app.person.profiles.activate({ profile_id: remote_id });
  });

  const counts = async () => {
    const events = (await app.person.events.stats({})).total;
    const { last_accessed_at } = await app.person.sessions.get({ session_id: 'there', track_access: false });
    const reads = (await longterm()).map(({ access_count }) => access_count);
    return { events, last_accessed_at, reads };
  };

  it('are opened again at the next start; one that cannot be makes room for this computer where that is wanted', async () => {
    await app.stop();
    app = await startInstalled(data_dir);
    expect((await profile())?.profile_id).toBe(remote_id);
    await app.stop();
    await postgres.stop();
    await expect(startInstalled(data_dir)).rejects.toMatchObject({
      name: 'ArchonError',
      profile_id: remote_id,
      message: expect.stringMatching(/"Uno" could not be opened/),
    });
    app = await startInstalled(data_dir, { fall_back: true });
    const { state } = await app.person.profiles.list({});
    expect(state).toMatchObject({ active: 'local', fallback: { wanted: remote_id } });
    expect(await texts()).toEqual(['Local: Ana sails.']);
    await postgres.restart();
    await app.person.profiles.activate({ profile_id: remote_id });
    expect((await app.person.profiles.list({})).state.fallback).toBeNull();
  });

  it('are nothing beside a connection that is configured', async () => {
    await app.stop();
    const url = `${await postgres.createDatabase('two')}`;
    app = await startInstalled(data_dir, { configured_by: 'ARCHON_DATABASE_URL' }, { 'database.url': url });
    expect(await profile()).toBeNull();
    expect((await app.person.profiles.list({})).state).toMatchObject({
      active: null,
      configured_by: 'ARCHON_DATABASE_URL',
    });
    await expect(app.person.profiles.activate({ profile_id: 'local' })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('ARCHON_DATABASE_URL'),
    });
    expect(readFileSync(join(data_dir, 'profiles.json'), 'utf8')).toContain(`"last_profile_id": "${remote_id}"`);
  });
});
