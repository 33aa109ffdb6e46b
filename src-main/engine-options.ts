/** What an engine is made with, and what it is while it runs. */
import type { Logger } from 'pino';
import type { OpenProfile } from './app-status.ts';
import type { Clock } from './clock.ts';
import type { MigrationPolicy } from './engine-migrations.ts';
import type { Identity } from './identity/identity.ts';
import type { Organisations } from './identity/organisations.ts';
import type { Logs } from './observability/logs/logs.ts';
import type { DatabasePlace, SealedStore } from './secrets/sealed-store.ts';
import type { SecretBox } from './secrets/secret-box.ts';
import type { Services } from './services.ts';
import type { Config } from './settings/config-schema.ts';
import type { DeviceSettings } from './settings/device-settings.ts';
import type { LiveSettings } from './settings/live-settings.ts';
import type { SettingsOrigin } from './settings/load-config.ts';
import type { OrganisationSettings } from './settings/organisation-settings.ts';
import type { Database } from './storage/database.ts';
import type { HistoryStore } from './storage/history-store.ts';

export interface EngineOptions {
  config: Config;
  /** What holds while it runs; without them the configuration does, unchanged. */
  settings?: LiveSettings;
  logger: Logger;
  clock?: Clock;
  /**
   * The time memory is read and written at, when it is another than now: a copy shows the moment it was taken at, so that
   * nothing in it expires or fades while somebody looks at it.
   */
  moment?: Clock;
  /** What the logger writes, for those who want to read it. Without it nothing of it is kept. */
  logs?: Logs;
  /** What of the configuration is locked, and what holds without the file of the data folder. */
  origin?: SettingsOrigin | undefined;
  /** The settings of this computer, when they outlive the engine; without them those of the data folder. */
  device?: DeviceSettings | undefined;
  /** What lets callers in, when it outlives the engine; without it the data folder's own. */
  identity?: Identity;
  /** Of the data folder, when whoever made the engine has it open: two of them would wait for each other's locks. */
  history?: HistoryStore;
  /** The data folder is held by whoever made the engine. */
  folder_held?: boolean;
  /** The connection profile that is open; it may be renamed meanwhile. */
  profile?: () => OpenProfile | null;
  /** Which database it is of those this computer may work on; without it the one of this computer. */
  place?: DatabasePlace;
  /** What a start may change of the database. */
  migrations?: MigrationPolicy;
  /**
   * What it is the engine of. Without one no workers and no ops agent run in it: a command is over before they could do
   * anything. `ops`: of `archon ops run`, which leaves workers and delivery to the servers beside it.
   */
  kind?: 'server' | 'desktop' | 'ops';
  /** Of the installation; without it, of the data folder alone. */
  secrets?: SecretBox;
}

/** What is there while it runs. */
export interface RunningEngine {
  services: Services;
  organisations: Organisations;
  organisationSettings: OrganisationSettings;
  identity: Identity;
  database: Database;
  /** Where its database keeps sealed secrets. */
  sealedStores: readonly SealedStore[];
  /** What writes a moment after its caller was answered. */
  writeBehind: readonly { flush(): Promise<void> }[];
}
