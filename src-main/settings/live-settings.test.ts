import { expect, test } from 'vitest';
import { defaultConfig } from './config-schema.ts';
import { followDevice, LiveSettings, type SettingsChange } from './live-settings.ts';

const ORG = '00000000-0000-7000-8000-000000000001';

test('an organisation has its own settings over those of the computer, and each change is told once', () => {
  const settings = new LiveSettings(defaultConfig('/data'));
  const told: SettingsChange[] = [];
  const stop = settings.onChange((change) => told.push(change));
  settings.setOrganisation(ORG, { 'memory.session_ttl_minutes': 5 });
  expect(settings.of(ORG)['memory.session_ttl_minutes']).toBe(5);
  expect(settings.device['memory.session_ttl_minutes']).toBe(60);
  settings.setDevice({ ...settings.device, 'log.level': 'debug' });
  expect(settings.of(ORG)['log.level']).toBe('debug');
  expect(settings.of(ORG)['memory.session_ttl_minutes']).toBe(5);
  settings.setDevice({ ...settings.device });
  settings.setOrganisation(ORG, {});
  expect(settings.of(ORG)['memory.session_ttl_minutes']).toBe(60);
  stop();
  settings.setOrganisation(ORG, { 'memory.session_ttl_minutes': 7 });
  expect(told).toEqual([
    { org_id: ORG, keys: new Set(['memory.session_ttl_minutes']) },
    { org_id: null, keys: new Set(['log.level']) },
    { org_id: ORG, keys: new Set(['memory.session_ttl_minutes']) },
  ]);
});

test('a listener that throws keeps neither the others nor the change', () => {
  const settings = new LiveSettings(defaultConfig('/data'));
  const faults: unknown[] = [];
  const told: SettingsChange[] = [];
  settings.reportFaults((error) => faults.push(error));
  settings.onChange(() => {
    throw new Error('no');
  });
  settings.onChange((change) => told.push(change));
  settings.setDevice({ ...settings.device, 'log.level': 'debug' });
  expect(settings.device['log.level']).toBe('debug');
  expect([faults, told.length]).toEqual([[new Error('no')], 1]);
});

test('settings of a profile follow the computer, but for what is the own of the profile', () => {
  const computer = new LiveSettings(defaultConfig('/data'));
  const profile = new LiveSettings({ ...computer.device, data_dir: '/data/profiles/1', 'backup.interval_hours': 0 });
  const stop = followDevice(computer, profile);
  computer.setDevice({ ...computer.device, 'log.level': 'debug', 'backup.interval_hours': 12 }, 'ana');
  expect(profile.device).toMatchObject({
    'log.level': 'debug',
    'backup.interval_hours': 0,
    data_dir: '/data/profiles/1',
  });
  stop();
  computer.setDevice({ ...computer.device, 'log.level': 'info' });
  expect(profile.device['log.level']).toBe('debug');
});
