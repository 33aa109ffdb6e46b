import type { Logger } from 'pino';
import type { Clock } from './clock.ts';
import type { Closers } from './engine-stores.ts';
import { CONTROL_KEYS, controlsOf, overridesOf } from './memory/control-settings.ts';
import { type ControlsBase, MemoryControlSettings } from './memory/memory-controls.ts';
import type { CacheObserver } from './memory/memory-observer.ts';
import type { MemorySettings, MemorySettingsOf } from './memory/memory-settings.ts';
import type { DatabasePlace } from './secrets/sealed-store.ts';
import type { SecretBox } from './secrets/secret-box.ts';
import type { Config, ConfigName } from './settings/config-schema.ts';
import type { DeviceSettings } from './settings/device-settings.ts';
import { KnownRows } from './settings/known-rows.ts';
import type { LiveSettings, SettingsReader } from './settings/live-settings.ts';
import { OrganisationSettings } from './settings/organisation-settings.ts';
import { EVERYBODY } from './settings/setting-rows.ts';
import type { Database } from './storage/database.ts';
import type { HistoryStore } from './storage/history-store.ts';

/** The part of the configuration that memory works by. */
export function memorySettings(config: Readonly<Config>): MemorySettings {
  return {
    working_ttl_days: config['memory.working_ttl_days'],
    session_ttl_seconds: config['memory.session_ttl_minutes'] * 60,
    relevance_half_life_days: config['memory.relevance_half_life_days'],
    importance_half_life_days: config['memory.importance_half_life_days'],
    search_language: config['memory.search_language'],
    reserves: {
      session: config['memory.reserve_session'],
      working: config['memory.reserve_working'],
      longterm: config['memory.reserve_longterm'],
    },
    longterm_min_importance: config['memory.longterm_min_importance'],
  };
}

export const memorySettingsOf =
  (settings: SettingsReader): MemorySettingsOf =>
  ({ org_id }) =>
    memorySettings(settings.of(org_id));
export interface OrganisationSettingsSources {
  live: LiveSettings;
  database: Database;
  history: HistoryStore;
  device: DeviceSettings;
  organisations(): Iterable<string>;
  secrets: SecretBox;
  place: DatabasePlace | undefined;
  hide(secrets: string[]): void;
  clock: Clock;
  logger: Logger;
  observer: CacheObserver;
  closers: Closers;
}

/** The settings that are in the database, and the controls of memory among them; both remembered on this computer. */
export function openOrganisationSettings(sources: OrganisationSettingsSources) {
  const { live, database, history, device, organisations, secrets, place, hide, clock, logger, observer, closers } =
    sources;
  const knownControls = new KnownRows({ kept_as: 'memory_controls', history, logger });
  const known = new KnownRows({ kept_as: 'organisation_settings', history, logger });
  closers.push(() => known.flush());
  closers.push(() => knownControls.flush());
  const organisation = new OrganisationSettings({
    live,
    database,
    known,
    device,
    secrets,
    place,
    organisations,
    hide,
    logger,
  });
  for (const org_id of organisations()) organisation.recall(org_id);
  const controls = new MemoryControlSettings({
    database,
    clock,
    known: knownControls,
    observer,
    base: () => controlsBase(device.current, (key) => device.lockedBy(key) !== undefined),
    onChanged: (scope) => organisation.refresh(scope),
  });
  const refresh = async (org_ids: readonly string[]) => {
    for (const org_id of org_ids) {
      const scope = { org_id, actor: 'archon' };
      await Promise.all([controls.refresh(scope), organisation.refresh(scope)]);
    }
  };
  return { controls, organisation, refresh };
}

/** What files say of the controls of memory, and what flags and variables fix. */
export function controlsBase(config: Readonly<Config>, isLocked: (key: ConfigName) => boolean): ControlsBase {
  const locked = CONTROL_KEYS.filter(isLocked);
  const rows = locked.map((key) => ({ user_id: EVERYBODY, key, value: config[key] }));
  return { inherited: controlsOf(config), locked: overridesOf(rows, EVERYBODY) };
}
