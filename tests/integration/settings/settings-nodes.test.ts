/** Settings of an organisation whose nodes share a PostgreSQL server. */
import { safe } from '@orpc/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { SecretBox } from '../../../src-main/secrets/secret-box.ts';
import { loadConfig } from '../../../src-main/settings/load-config.ts';
import { WorkerEngine } from '../../../src-main/worker-engine.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type SettingsNode, startSettingsNode } from '../../support/settings-node.ts';
import { silentLogger } from '../../support/test-databases.ts';

const PASSPHRASE = 'the same on all of the nodes';

describe.runIf(postgresAvailable)('settings of two nodes', () => {
  let postgres: PostgresServer;
  let ana: SettingsNode;
  let ben: SettingsNode;
  let database_url: string;
  beforeAll(async () => {
    postgres = await startPostgres();
    database_url = await postgres.createDatabase('archon');
    const env = { ARCHON_SECRET_KEY: PASSPHRASE };
    ana = await startSettingsNode({ name: 'ana', database_url, env });
    ben = await startSettingsNode({ name: 'ben', database_url, env });
  });
  afterAll(async () => {
    await ana?.stop();
    await ben?.stop();
    await postgres?.remove();
  });

  it('are known on the other as soon as they are changed', async () => {
    await ana.set({ key: 'memory.session_ttl_minutes', value: 7 }, { key: 'llm.api_key', value: 'sk-shared-secret' });
    await expect.poll(() => ben.inForce('memory.session_ttl_minutes')).toBe(7);
    expect(ben.inForce('llm.api_key')).toBe('sk-shared-secret');
    await ben.client.controls.set({ controls: { enabled: false } });
    await expect.poll(() => ana.inForce('memory.enabled')).toBe(false);
    await ben.client.controls.set({ controls: { enabled: null } });
  });

  it('are followed by a process that only runs workers, except what its own configuration says', async () => {
    const { config, origin } = loadConfig({
      env: { ARCHON_DATABASE_URL: database_url, ARCHON_EVENTS_RETRY_ATTEMPTS: '2' },
      flags: {},
      platformDefaults: { data_dir: ana.data_dir, working_dir: ana.data_dir },
    });
    const workers = new WorkerEngine({ config, origin, database_url, logger: silentLogger });
    await workers.start({ signal: new AbortController().signal });
    const inForce = () => workers.settings.of(LOCAL_ORG_ID);
    expect(inForce()['memory.session_ttl_minutes']).toBe(7);
    expect(inForce()['llm.api_key']).toBeNull();
    await ana.set({ key: 'workers.tombstone_days', value: 3 }, { key: 'events.retry_attempts', value: 4 });
    await expect.poll(() => inForce()['workers.tombstone_days'], { timeout: 30_000 }).toBe(3);
    expect(inForce()['events.retry_attempts']).toBe(2);
    await workers.stop();
  });

  it('of a computer are its own', async () => {
    await ana.set({ key: 'log.level', value: 'debug' });
    expect(await ben.setting('log.level')).toMatchObject({ value: 'info', is_set: false });
  });

  it('are not lost when two people save at once: the second is told of both values', async () => {
    const key = 'events.retry_attempts';
    const { revision } = await ana.setting(key);
    const saves = await Promise.all([
      safe(ana.client.settings.set({ changes: [{ key, value: 5, revision }] })),
      safe(ben.client.settings.set({ changes: [{ key, value: 6, revision }] })),
    ]);
    const lost = saves.filter(({ error }) => error !== null);
    expect(lost).toHaveLength(1);
    const isAnasLost = saves[0].error !== null;
    const [yours, theirs, by] = isAnasLost ? [5, 6, 'ben'] : [6, 5, 'ana'];
    expect(lost[0]?.error).toMatchObject({
      code: 'SETTINGS_CONFLICT',
      data: { conflicts: [{ key, yours, theirs, by, at: expect.any(String) }] },
    });
    const second = isAnasLost ? ana : ben;
    await second.set({ key, value: yours, revision: (await second.setting(key)).revision });
    expect(await ana.setting(key)).toMatchObject({ value: yours });
  });

  it('are encrypted with another key by what rotates it', async () => {
    const { organisationSettings } = ana.engine;
    const old = new SecretBox({ data_dir: ana.data_dir, passphrase: PASSPHRASE });
    const again = (sealed: string, place: string) => old.seal(old.open(sealed, place), place);
    const before = await ana.setting('llm.api_key');
    expect(await organisationSettings.reseal(again)).toEqual({ count: 1, unreadable: 0 });
    expect((await ana.setting('llm.api_key')).revision).not.toBe(before.revision);
    expect(ana.inForce('llm.api_key')).toBe('sk-shared-secret');
    const other = new SecretBox({ data_dir: ana.data_dir, passphrase: 'another passphrase of ours' });
    const cannot = (sealed: string, place: string) => other.open(sealed, place);
    expect(await organisationSettings.reseal(cannot)).toEqual({ count: 1, unreadable: 1 });
    expect(ana.inForce('llm.api_key')).toBe('sk-shared-secret');
  });

  it('hold as they were last known while the database is away, and cannot be changed', async () => {
    await ana.set({ key: 'memory.working_ttl_days', value: 9 });
    await postgres.stop('SIGQUIT');
    try {
      expect(ana.inForce('memory.working_ttl_days')).toBe(9);
      const { items, notices } = await ana.client.settings.list({});
      expect(items.find(({ key }) => key === 'memory.working_ttl_days')).toMatchObject({ value: 9, is_set: true });
      expect(notices.join()).toContain('as they were last known');
      const { error } = await safe(
        ana.client.settings.set({ changes: [{ key: 'memory.working_ttl_days', value: 10 }] }),
      );
      expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
      await ana.set({ key: 'resilience.slack.threshold', value: 4 });
      expect(ana.engine.settings.of(LOCAL_ORG_ID)['resilience.slack.threshold']).toBe(4);
    } finally {
      await postgres.restart();
    }
    await expect
      .poll(async () => (await safe(ana.setting('memory.working_ttl_days'))).data?.value, { timeout: 30_000 })
      .toBe(9);
  });
});
