/** What an installation has open of its data folder, whichever database is open: the lock, the profiles, who may come in. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sqliteMigrationsFolder } from '../app-files.ts';
import type { Clock } from '../clock.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { type SecretBox, secretBoxOf } from '../secrets/secret-box.ts';
import type { Config } from '../settings/config-schema.ts';
import { DeviceSettings } from '../settings/device-settings.ts';
import type { LiveSettings } from '../settings/live-settings.ts';
import type { SettingsOrigin } from '../settings/load-config.ts';
import { HistoryStore } from '../storage/history-store.ts';
import { holdDataFolder } from '../storage/hold-data-folder.ts';
import { ProfileStore } from './profile-store.ts';

export interface InstallationFolder {
  profiles: ProfileStore;
  identity: Identity;
  device: DeviceSettings;
  secrets: SecretBox;
  /** `history.db` of the data folder. */
  history: HistoryStore;
  close(): void;
}

export interface FolderDeps {
  /** What is told of the settings of this computer. */
  settings?: LiveSettings | undefined;
  origin?: SettingsOrigin | undefined;
  /** What locks the master key of secrets. */
  keyring?: Keyring | undefined;
  logger: Logger;
  clock: Clock;
}

/** @throws DataFolderInUseError, DataFolderNotWritableError, SqliteFileError */
export function openInstallationFolder(
  config: Config,
  { settings, origin, keyring, logger, clock }: FolderDeps,
): InstallationFolder {
  const release = holdDataFolder(config.data_dir);
  let history: HistoryStore | undefined;
  try {
    history = new HistoryStore(join(config.data_dir, 'history.db'), sqliteMigrationsFolder, clock);
    const secrets = secretBoxOf(config, { logger: componentLogger(logger, 'identity'), keyring });
    const profiles = openProfiles(config, secrets, clock);
    const identity = createIdentity(history.db, clock, componentLogger(logger, 'identity'));
    const opened = history;
    const device = new DeviceSettings({
      config,
      origin,
      ...(settings ? { live: settings } : {}),
      history,
      clock,
      logger: componentLogger(logger, 'settings'),
    });
    return {
      profiles,
      identity,
      device,
      secrets,
      history: opened,
      close: () => {
        opened.close();
        release();
      },
    };
  } catch (error) {
    history?.close();
    release();
    throw error;
  }
}

/** The profiles of a data folder, which must be held by whoever changes them. */
export function openProfiles({ data_dir }: Config, secrets: SecretBox, clock: Clock): ProfileStore {
  return new ProfileStore({ data_dir, secrets, clock });
}
