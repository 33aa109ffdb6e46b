import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mountSmallDisk } from '../../tests/support/small-disk.ts';
import { sqliteMigrationsFolder } from '../app-files.ts';
import { systemClock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import { LocalStore } from '../resilience/local-store.ts';
import { HistoryStore } from '../storage/history-store.ts';
import { defaultConfig } from './config-schema.ts';
import { DeviceSettings, type DeviceSettingsDeps } from './device-settings.ts';
import type { SettingsChange } from './live-settings.ts';
import { revisionOf } from './setting-changes.ts';

const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'ana' };

let folder: string;
let history: HistoryStore;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-device-'));
  history = new HistoryStore(join(folder, 'history.db'), sqliteMigrationsFolder);
});
afterEach(() => {
  history.close();
  rmSync(folder, { recursive: true, force: true });
});

const open = (more: Partial<DeviceSettingsDeps> = {}, data_dir = folder) =>
  new DeviceSettings({
    config: defaultConfig(data_dir),
    history,
    events: new LocalStore(history),
    clock: systemClock,
    logger: pino({ level: 'silent' }),
    ...more,
  });
const text = () => readFileSync(join(folder, 'archon.config.json'), 'utf8');
const keysOf = (log: LocalStore) =>
  log.waitingEvents(10).map(({ event }) => (event.type === 'settings.changed' ? event.payload.keys : []));
const codeOf = (work: () => unknown): string | undefined => {
  try {
    work();
  } catch (error) {
    if (error instanceof ArchonError) return error.code;
    throw error;
  }
  return undefined;
};

describe('settings of a computer', () => {
  it('are in force once they are applied, and told with who changed them', () => {
    const device = open();
    const told: SettingsChange[] = [];
    device.live.onChange((change) => told.push(change));
    const written = device.set(scope, [
      { key: 'backup.keep', value: 3 },
      { key: 'database.statement_timeout_ms', value: 9000 },
    ]);
    expect(device.live.device['backup.keep']).toBe(7);
    written.apply();
    expect(device.live.device).toMatchObject({ 'backup.keep': 3, 'database.statement_timeout_ms': 30_000 });
    expect([device.waits('backup.keep'), device.waits('database.statement_timeout_ms')]).toEqual([false, true]);
    expect(told).toEqual([{ org_id: null, keys: new Set(['backup.keep']), by: 'ana' }]);
    device.restarted();
    expect(device.live.device['database.statement_timeout_ms']).toBe(9000);
    expect(open().live.device['database.statement_timeout_ms']).toBe(9000);
  });

  it('are as before when what they were changed with fails after all', () => {
    const device = open();
    device.set(scope, [{ key: 'backup.keep', value: 3 }]).apply();
    const before = text();
    device.set(scope, [{ key: 'backup.keep', value: 4 }]).takeBack();
    expect(text()).toBe(before);
    expect(device.history.list({ limit: 5 })).toHaveLength(1);
    expect(device.refresh()).toEqual([]);
    expect(device.current['backup.keep']).toBe(3);
    expect(keysOf(new LocalStore(history))).toEqual([['backup.keep']]);
  });

  it('are told in the log of the engine that runs: of one that takes over, and of the one before when that ends', () => {
    const logs = ['one', 'two'].map((name) => {
      const store = new HistoryStore(join(folder, `${name}.db`), sqliteMigrationsFolder);
      return { store, log: new LocalStore(store) };
    });
    const [one, two] = logs;
    if (one === undefined || two === undefined) throw new Error('two logs');
    const device = new DeviceSettings({
      config: defaultConfig(folder),
      history,
      clock: systemClock,
      logger: pino({ level: 'silent' }),
    });
    const set = (value: number) => device.set(scope, [{ key: 'backup.keep', value }]).apply();
    set(2);
    const stopOne = device.recordIn(one.log);
    set(3);
    const stopTwo = device.recordIn(two.log);
    set(4);
    stopTwo();
    set(5);
    stopOne();
    set(6);
    expect([keysOf(one.log).length, keysOf(two.log).length]).toEqual([2, 1]);
    for (const { store } of logs) store.close();
  });

  it('are as before when the history cannot be kept', () => {
    const events = {
      removeEvent: () => {},
      addEvent: () => {
        throw new Error('no room');
      },
    };
    const device = open({ events });
    expect(() => device.set(scope, [{ key: 'backup.keep', value: 3 }])).toThrow('no room');
    expect(existsSync(join(folder, 'archon.config.json'))).toBe(false);
    expect(device.history.list({ limit: 5 })).toEqual([]);
  });

  it('refuse a change that was made on what is not there any more', () => {
    const device = open();
    const revision = revisionOf('backup.keep', undefined);
    device.set(scope, [{ key: 'backup.keep', value: 3, revision }]).apply();
    try {
      device.set({ ...scope, actor: 'ben' }, [{ key: 'backup.keep', value: 4, revision }]);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({
        code: 'SETTINGS_CONFLICT',
        data: { conflicts: [{ key: 'backup.keep', yours: 4, theirs: 3, by: 'ana' }] },
      });
    }
  });

  it('refuse an address that the server would not listen at', () => {
    const device = open();
    expect(() => device.set(scope, [{ key: 'server.host', value: '0.0.0.0' }])).toThrow(/server\.allow_remote/);
    device
      .set(scope, [
        { key: 'server.host', value: '0.0.0.0' },
        { key: 'server.allow_remote', value: true },
      ])
      .apply();
    expect(() => device.set(scope, [{ key: 'server.allow_remote', value: null }])).toThrow(/server\.allow_remote/);
    expect(device.current).toMatchObject({ 'server.host': '0.0.0.0', 'server.allow_remote': true });
  });

  it('hold below what is locked', () => {
    writeFileSync(join(folder, 'archon.config.json'), '{"backup.keep": 3}');
    const base = { ...defaultConfig(folder), 'backup.keep': 5 };
    const locked = new Map([['backup.keep', { kind: 'flag', flag: '--backup-keep' }] as const]);
    const device = open({ config: base, origin: { base, locked } });
    expect(device.current['backup.keep']).toBe(5);
    expect(codeOf(() => device.set(scope, [{ key: 'backup.keep', value: 4 }]))).toBe('CONFLICT');
  });

  it('take over what was set of breakers in an older version, once', () => {
    history.setSetting('resilience.settings', JSON.stringify({ slack: { threshold: 9, enabled: false } }));
    expect(open().current['resilience.slack.threshold']).toBe(9);
    expect(JSON.parse(text())).toEqual({ 'resilience.slack.threshold': 9, 'resilience.slack.enabled': false });
    const device = open();
    device.set(scope, [{ key: 'resilience.slack.threshold', value: null }]).apply();
    expect(open().current['resilience.slack.threshold']).toBe(3);
  });
});

const disk = mountSmallDisk(1);
describe.runIf(disk !== undefined)('settings on a full disk', () => {
  afterEach(() => disk?.remove());

  it('are refused clearly, and nothing of them was changed', () => {
    const data_dir = disk?.path ?? '';
    writeFileSync(join(data_dir, 'archon.config.json'), '{"backup.keep": 3}');
    const device = open({}, data_dir);
    disk?.fill();
    expect(codeOf(() => device.set(scope, [{ key: 'backup.keep', value: 4 }]))).toBe('STORAGE_FULL');
    expect(readFileSync(join(data_dir, 'archon.config.json'), 'utf8')).toBe('{"backup.keep": 3}');
    expect(readdirSync(data_dir).filter((name) => name.endsWith('.tmp'))).toEqual([]);
    expect(device.history.list({ limit: 5 })).toEqual([]);
    disk?.free();
    device.set(scope, [{ key: 'backup.keep', value: 4 }]).apply();
    expect(device.live.device['backup.keep']).toBe(4);
  });
});
