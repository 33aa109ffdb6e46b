/** What an installation has open of its data folder, whichever database is open: the lock, the profiles, who may come in. */
import { join } from 'node:path';
import type { Logger } from 'pino';
import { sqliteMigrationsFolder } from '../app-files.ts';
import type { Clock } from '../clock.ts';
import { createIdentity, type Identity } from '../identity/identity.ts';
import { SecretBox } from '../identity/secret-box.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import type { Config } from '../settings/config-schema.ts';
import { HistoryStore } from '../storage/history-store.ts';
import { holdDataFolder } from '../storage/hold-data-folder.ts';
import { ProfileStore } from './profile-store.ts';

export interface InstallationFolder {
  profiles: ProfileStore;
  identity: Identity;
  close(): void;
}

/** @throws DataFolderInUseError, DataFolderNotWritableError, SqliteFileError */
export function openInstallationFolder(config: Config, logger: Logger, clock: Clock): InstallationFolder {
  const release = holdDataFolder(config.data_dir);
  let history: HistoryStore | undefined;
  try {
    history = new HistoryStore(join(config.data_dir, 'history.db'), sqliteMigrationsFolder, clock);
    const profiles = openProfiles(config, clock);
    const identity = createIdentity(history.db, clock, componentLogger(logger, 'identity'));
    const opened = history;
    return {
      profiles,
      identity,
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
export function openProfiles(config: Config, clock: Clock): ProfileStore {
  const { data_dir } = config;
  const secrets = new SecretBox({ data_dir, passphrase: config.secret_key });
  return new ProfileStore({ data_dir, secrets, clock });
}
