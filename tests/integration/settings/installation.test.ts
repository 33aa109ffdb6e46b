/** Settings of a computer whose engine lies inside an installation, as in `archon serve` and the desktop app. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { CLI_SCOPE } from '../../../src-main/cli/connection.ts';
import { type Installed, newDataFolder, removeDataFolder, startInstalled } from '../profiles/support/installed.ts';

const TIME_LIMIT = 'database.statement_timeout_ms';

describe('settings of an installation', () => {
  const data_dir = newDataFolder();
  let app: Installed;
  beforeAll(async () => {
    app = await startInstalled(data_dir);
  });
  afterAll(async () => {
    await app?.stop();
    removeDataFolder(data_dir);
  });
  const setting = async (key: string) => (await app.person.settings.list({})).items.find((each) => each.key === key);
  const threshold = async () =>
    (await app.person.resilience.list({})).items.find(({ name }) => name === 'redis')?.threshold;
  const timeLimit = async () => {
    const [row] = await app.host.engine.database.withScope(CLI_SCOPE, (tx) =>
      tx.sql<{ statement_timeout: string }>('SHOW statement_timeout'),
    );
    return row?.statement_timeout;
  };
  const keysTold = async () =>
    (await app.person.events.list({ types: ['settings.changed'] })).items.map(({ payload }) => payload);

  it('are changed while its database is open, in force at once, and told as events', async () => {
    await app.person.settings.set({ changes: [{ key: 'resilience.redis.threshold', value: 4 }] });
    expect(await threshold()).toBe(4);
    await app.person.resilience.update({ service: 'redis', threshold: 6 });
    expect(await setting('resilience.redis.threshold')).toMatchObject({ value: 6, source: { kind: 'device' } });
    const { items } = await app.person.settings.history({ scope: 'device' });
    expect(items.map(({ changes }) => changes[0]?.after)).toEqual([6, 4]);
    const told = { keys: ['resilience.redis.threshold'] };
    await expect.poll(keysTold).toEqual([told, told]);
  });

  it('are changed together with those of the organisation, or not at all', async () => {
    const both = (value: number) => [
      { key: 'memory.working_ttl_days', value },
      { key: 'backup.keep', value },
    ];
    await app.person.settings.set({ changes: both(9) });
    expect([(await setting('memory.working_ttl_days'))?.value, (await setting('backup.keep'))?.value]).toEqual([9, 9]);
    await expect(app.person.settings.set({ changes: both(0) })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect([(await setting('memory.working_ttl_days'))?.value, (await setting('backup.keep'))?.value]).toEqual([9, 9]);
  });

  it('that wait are in force once the engine was restarted', async () => {
    await app.person.settings.set({ changes: [{ key: TIME_LIMIT, value: 9000 }] });
    expect([(await setting(TIME_LIMIT))?.waits, await timeLimit()]).toEqual([true, '30s']);
    const waited = vi.spyOn(app.host.calls, 'enter');
    await app.person.settings.restart({});
    // It would wait for itself.
    expect(waited).not.toHaveBeenCalled();
    waited.mockRestore();
    expect([(await setting(TIME_LIMIT))?.waits, await timeLimit()]).toEqual([false, '9s']);
    expect(await threshold()).toBe(6);
    await app.person.settings.set({ changes: [{ key: 'resilience.redis.threshold', value: null }] });
    expect(await threshold()).toBe(5);
  });
});
