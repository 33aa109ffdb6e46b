/**
 * The settings a process of `archon worker` works by: what is set in the organisations over its configuration. Nobody tells
 * it of changes, so it looks every few seconds; what was read last holds while the database is away.
 */
import type { Logger } from 'pino';
import { KnownRows } from './settings/known-rows.ts';
import type { LiveSettings } from './settings/live-settings.ts';
import type { SettingsOrigin } from './settings/load-config.ts';
import { OrganisationSettings } from './settings/organisation-settings.ts';
import type { Database } from './storage/database.ts';

const LOOK_EVERY_MS = 5000;
/** It keeps nothing on the disk: any number of these processes may have one data folder. */
const NOWHERE = { getSetting: () => undefined, writeSetting: async () => {} };

export interface WorkerSettingsDeps {
  live: LiveSettings;
  origin: SettingsOrigin | undefined;
  database: Database;
  organisations(): Iterable<string>;
  logger: Logger;
}

export class WorkerSettings {
  readonly #deps: WorkerSettingsDeps;
  readonly #organisation: OrganisationSettings;
  #timer: NodeJS.Timeout | undefined;
  #looking: Promise<void> | undefined;
  #isAway = false;

  constructor(deps: WorkerSettingsDeps) {
    const { live, origin, database, organisations, logger } = deps;
    this.#deps = deps;
    this.#organisation = new OrganisationSettings({
      database,
      known: new KnownRows({ kept_as: 'organisation_settings', history: NOWHERE, logger }),
      live,
      device: { lockedBy: (key) => origin?.locked.get(key) },
      organisations,
      hide: () => {},
      logger,
    });
  }

  async start(): Promise<void> {
    await this.#look();
    this.#timer = setInterval(() => {
      // A database that does not answer takes longer than that: looks must not pile up meanwhile.
      this.#looking ??= this.#look().finally(() => {
        this.#looking = undefined;
      });
    }, LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#looking;
  }

  async #look(): Promise<void> {
    const { organisations, logger } = this.#deps;
    try {
      for (const org_id of organisations()) await this.#organisation.refresh({ org_id, actor: 'archon' });
      this.#isAway = false;
    } catch (error) {
      if (!this.#isAway) logger.warn({ err: error }, 'settings could not be read; what was read last holds');
      this.#isAway = true;
    }
  }
}
