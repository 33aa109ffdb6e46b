/** A setting as the API tells it. */
import type { Setting, SettingSource, SettingValue } from '../../src-contract/index.ts';
import type { Config, ConfigName } from './config-schema.ts';
import { keyDefinition } from './describe-key.ts';
import { type DeviceSettings, lockedMessage } from './device-settings.ts';
import { revisionOf, told } from './setting-changes.ts';
import { EVERYBODY, type SettingRow } from './setting-rows.ts';

/** What is to be seen of settings at a moment. */
export interface SettingsView {
  device: DeviceSettings;
  rows: readonly SettingRow[];
  /** The values of rows, of everybody and of the user. */
  everybody: ReadonlyMap<ConfigName, unknown>;
  own: ReadonlyMap<ConfigName, unknown>;
  /** Set for the settings of a user. */
  user_id: string | undefined;
}

export function presentSetting(name: ConfigName, view: SettingsView): Setting {
  const definition = keyDefinition(name);
  const { device } = view;
  const stored = storedOf(name, view);
  const locked = device.lockedBy(name);
  const shown = (value: unknown): SettingValue => (definition.secret ? null : told(name, value));
  const { key, section } = { key: name, section: definition.section };
  if (section === null) throw new Error(`${name} is no setting`);
  return {
    key,
    section,
    title: definition.title,
    help: definition.help,
    kind: definition.kind,
    scope: definition.scope,
    env: definition.env,
    default: shown(definition.default),
    value: shown(settingValueOf(name, view)),
    inherited: shown(inheritedOf(name, view)),
    is_set: stored !== undefined,
    source: sourceOf(name, view),
    locked: locked ? lockedMessage(name, locked) : null,
    waits: definition.scope === 'device' && device.waits(name),
    needs_restart: definition.needs_restart,
    risk: definition.risk,
    revision: revisionOf(name, stored),
  };
}

/** What is set in the scope that is looked at, as it is kept; undefined when nothing is. */
export function storedOf(name: ConfigName, { device, rows, user_id }: SettingsView): unknown {
  const { scope } = keyDefinition(name);
  if (scope === 'device') return device.own(name);
  const of = scope === 'user' ? (user_id ?? EVERYBODY) : EVERYBODY;
  return rows.find((row) => row.key === name && row.user_id === of)?.value;
}

function settingValueOf(name: ConfigName, view: SettingsView): unknown {
  const { device, everybody, own } = view;
  const computer = device.current[name];
  if (device.lockedBy(name) || keyDefinition(name).scope === 'device') return computer;
  return own.get(name) ?? everybody.get(name) ?? computer;
}

function inheritedOf(name: ConfigName, { device, everybody, user_id }: SettingsView): unknown {
  const base: Config = keyDefinition(name).scope === 'device' ? device.base : device.current;
  if (user_id === undefined || device.lockedBy(name)) return base[name];
  return everybody.get(name) ?? base[name];
}

function sourceOf(name: ConfigName, { device, everybody, own, user_id }: SettingsView): SettingSource {
  const locked = device.lockedBy(name);
  if (locked) return locked;
  if (keyDefinition(name).scope === 'device') return device.isOwn(name) ? { kind: 'device' } : { kind: 'default' };
  if (user_id !== undefined && own.has(name)) return { kind: 'user' };
  if (everybody.has(name)) return { kind: 'org' };
  return device.isOwn(name) ? { kind: 'file', path: device.path } : { kind: 'default' };
}
