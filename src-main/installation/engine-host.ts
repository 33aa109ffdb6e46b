/**
 * The installation around engines: it outlives them. Hosts and the HTTP server ask it for what is open at each call.
 *
 * Which profile is open is written down at the handing over, so that a crash at any moment leaves one that starts.
 */
import { rm } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { MigrationPreview, ProfilesState } from '../../src-contract/index.ts';
import { LOCAL_PROFILE_ID } from '../../src-contract/index.ts';
import { type Clock, isoTime, systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { previewOf, upToDate } from '../engine-migrations.ts';
import type { EngineOptions } from '../engine-options.ts';
import { ArchonError } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { Logs } from '../observability/logs/logs.ts';
import type { Offline } from '../offline/offline.ts';
import type { Secrets } from '../secrets/create-secrets.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import type { LiveSettings } from '../settings/live-settings.ts';
import type { SettingsOrigin } from '../settings/load-config.ts';
import { CallCount } from './call-count.ts';
import { EngineMaker, type HostedEngine } from './engine-maker.ts';
import { EngineSeat, type Opened, type ProfileId, type StartOptions } from './engine-seat.ts';
import type { Installation } from './installation.ts';
import { type InstallationFolder, openInstallationFolder } from './installation-folder.ts';
import { createParts } from './installation-parts.ts';
import { createOffline } from './offline-part.ts';
import { openFailure, ProfileStartError } from './open-failure.ts';
import { OpeningNotes } from './opening-notes.ts';
import type { StoredProfile } from './profile-file.ts';
import { ProfileRoutes } from './profile-routes.ts';
import type { ProfileStore } from './profile-store.ts';

export interface EngineHostOptions {
  config: Config;
  /** What is told of the settings of this computer. */
  settings?: LiveSettings;
  /** What of the configuration is locked, and what holds without the file of the data folder. */
  origin?: SettingsOrigin | undefined;
  logger: Logger;
  logs?: Logs;
  /** Without one no workers run: a command is over before they could do anything. */
  kind?: 'server' | 'desktop';
  /** What locks the master key of secrets. */
  keyring?: Keyring | undefined;
  /** Of the process: other programs' variables may name connections. */
  env: Readonly<Record<string, string | undefined>>;
  /** What sets `database.url`, such as `ARCHON_DATABASE_URL`; null when nothing does. */
  configured_by: string | null;
  /** The profile to open, by name or id, instead of the one that was open last. */
  profile?: string | undefined;
  /** Opens the embedded database when the profile that was open last cannot be; otherwise the start fails. */
  fall_back?: boolean;
  clock?: Clock;
  /** Milliseconds that tests make small. */
  try_again_ms?: number;
  createEngine?: (options: EngineOptions) => HostedEngine;
}

export class EngineHost {
  /** What the API reaches of it; parts are added by whoever makes them. */
  readonly installation: Installation = {};
  readonly calls = new CallCount();
  readonly routes: ProfileRoutes;
  readonly #options: EngineHostOptions;
  readonly #clock: Clock;
  readonly #logs: Logs;
  readonly #logger: Logger;
  readonly #offline: Offline;
  readonly #maker: EngineMaker;
  readonly #seat: EngineSeat;
  readonly #notes: OpeningNotes;
  #folder: InstallationFolder | undefined;
  #fallback: ProfilesState['fallback'] = null;
  #secrets: Secrets | undefined;

  constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logs = options.logs ?? new Logs({ level: 'silent', clock: this.#clock });
    this.#logger = componentLogger(options.logger, 'engine');
    this.#maker = new EngineMaker({
      folder: () => this.#theFolder,
      profiles: () => this.#folder?.profiles.list(),
      logger: options.logger,
      logs: this.#logs,
      kind: options.kind,
      clock: this.#clock,
      createEngine: options.createEngine,
    });
    this.#seat = new EngineSeat({
      start: (profile_id, start) => this.#startEngine(profile_id, start),
      insteadOf: (profile_id, error) => this.#insteadOf(profile_id, error),
      calls: this.calls,
      logger: this.#logger,
      try_again_ms: options.try_again_ms,
    });
    this.#notes = new OpeningNotes({ profiles: () => this.profiles, logger: this.#logger });
    this.routes = new ProfileRoutes(this, options.env);
    this.installation.profiles = this.routes;
    this.installation.restartEngine = async () => {
      await this.restart();
      return { restarted_at: isoTime(this.#clock.now()) };
    };
    this.#offline = createOffline(this, this.#clock, options.logger);
    this.installation.offline = this.#offline;
    this.refuseSwitchWhile(() =>
      this.#offline.active === 0 ? undefined : 'A snapshot is being made: wait for it, pause it or cancel it first.',
    );
    // Work of one database must not go on in another, nor end halfway.
    this.refuseSwitchWhile(() => {
      const active = this.services.transfer.active;
      return active === 0 ? undefined : 'Imports or exports are running: wait for them or cancel them first.';
    });
  }

  get config(): Config {
    return this.#options.config;
  }

  get logs(): Logs {
    return this.#logs;
  }

  get profiles(): ProfileStore {
    return this.#theFolder.profiles;
  }

  get identity(): Identity {
    return this.#theFolder.identity;
  }

  get tokens(): Identity['tokens'] {
    return this.identity.tokens;
  }

  get browserSessions(): Identity['browserSessions'] {
    return this.identity.browserSessions;
  }

  get loginCodes(): Identity['loginCodes'] {
    return this.identity.loginCodes;
  }

  /** The engine that is open now. @throws ArchonError STORAGE_UNAVAILABLE for the moment that one is opened again */
  get engine(): HostedEngine {
    return this.#seat.engine;
  }

  /** Of the engine that is open now; while there is none, each call of them says so. */
  get services(): Services {
    return this.#seat.services;
  }

  get organisations(): Engine['organisations'] {
    return this.engine.organisations;
  }

  /** The profile that is open; null when the configuration sets the connection, or nothing is open. */
  get active_id(): ProfileId {
    return this.#seat.profile_id;
  }

  /** What the engine that fills a copy works with. */
  forCopies(): { config: Config; secrets: SecretBox } {
    const { device, secrets } = this.#theFolder;
    return { config: device.live.device, secrets };
  }

  get state(): ProfilesState {
    return {
      active: this.active_id,
      configured_by: this.#options.configured_by,
      switching_to: this.#seat.switching_to,
      fallback: this.#fallback,
    };
  }

  /** The files of exports of the open profile, and of snapshots: they are asked for by id alike. */
  get archives(): Pick<Services['transfer'], 'exportFile'> {
    const offline = this.#offline;
    return {
      exportFile: (scope, id) =>
        offline.has(scope, id) ? offline.archiveFile(scope, id) : this.services.transfer.exportFile(scope, id),
    };
  }

  /** Calls the listener when another engine has taken over: streams of the one before are to end. */
  onSwitched(listener: () => void): void {
    this.#seat.onSwitched(listener);
  }

  /** @param reason why nothing may be switched now, in words; undefined when it may */
  refuseSwitchWhile(reason: () => string | undefined): void {
    this.#seat.reasons.add(reason);
  }

  /**
   * Takes the data folder and opens what the configuration sets, else the profile that is wanted.
   *
   * @throws what the folder or the engine says; ArchonError MIGRATIONS_PENDING, NOT_FOUND
   */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    this.openFolder();
    try {
      if (this.profiles.damage !== undefined) this.#logger.error(this.profiles.damage);
      const opened = await this.#openFirst(signal);
      this.#seat.take(opened);
      this.#openParts();
      await this.#offline.start();
      if (this.#isLasting && opened.profile_id !== null && this.#fallback === null) {
        this.#notes.opened(opened.profile_id);
      }
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Takes the data folder and opens nothing: for whoever only looks after profiles. */
  openFolder(): void {
    const { config, settings, origin, keyring, logger } = this.#options;
    this.#folder = openInstallationFolder(config, { settings, origin, keyring, logger, clock: this.#clock });
  }

  /** The doctor and the secrets, on whichever engine is open. */
  #openParts(): void {
    const { device, secrets: box } = this.#theFolder;
    const parts = createParts({
      box,
      engine: () => this.engine,
      profiles: () => this.profiles,
      active: () => this.#activeProfile,
      config: () => this.#maker.configToCheck(this.#activeProfile),
      device: () => device,
      clock: this.#clock,
      logger: this.#options.logger,
    });
    Object.assign(this.installation, parts);
    this.#secrets = parts.secrets;
    this.#goOnWithKeys();
  }

  /** A change of keys goes on with what is open now. A command is over before it could. */
  #goOnWithKeys(): void {
    if (this.#isLasting) this.#secrets?.start();
  }

  /** The next start opens it; its database is brought up to the version that a person has confirmed. */
  async prepare(profile_id: string, migrate_to: number | undefined): Promise<void> {
    this.#refuseConfigured();
    const profile = this.profiles.get(profile_id);
    if (migrate_to !== undefined) {
      const { target } = await this.migrationsOf(profile);
      if (target !== migrate_to) throw new ArchonError('CONFLICT', 'The database changed meanwhile; look again.');
      await this.#maker.ofProfile(profile).migrate({ dry_run: false });
    }
    this.profiles.choose(profile_id);
  }

  /**
   * Opens a profile in place of the one that is open.
   *
   * @param options.migrate_to version that a person has confirmed
   * @param options.signal gives it up, as long as the other has not started
   * @throws ArchonError CONFLICT while switching or while something runs, when it was given up, or when the configuration
   *   sets the connection; NOT_FOUND; MIGRATIONS_PENDING; what kept it from opening, in words
   */
  async activate(
    profile_id: string,
    { migrate_to, signal }: { migrate_to?: number | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<ProfilesState> {
    const profile = this.profiles.get(profile_id);
    this.#refuseConfigured();
    if (this.#seat.settled.profile_id === profile_id) return this.state;
    const onOpened = () => {
      this.#fallback = null;
      this.#notes.opened(profile_id);
    };
    try {
      await this.#seat.switchTo(profile_id, { confirmed: migrate_to, signal, onOpened });
    } catch (error) {
      throw this.#notes.failed(profile, error);
    }
    this.#goOnWithKeys();
    return this.state;
  }

  /**
   * Stops the engine of the profile that is open and starts it anew, for what it reads only at its start. When that
   * fails, `undo` is called and it is started as it was.
   */
  async reopen(undo: () => void): Promise<void> {
    this.#refuseConfigured();
    await this.#openAnew({ undo });
  }

  /** Stops the engine that is open and starts it anew: settings that waited for that are in force then. */
  async restart(): Promise<void> {
    const { device } = this.#theFolder;
    const before = device.live.device;
    await this.#openAnew({ prepare: () => device.restarted(), undo: () => device.live.setDevice(before) });
  }

  async #openAnew(how: { prepare?: () => void; undo: () => void }): Promise<void> {
    const { profile_id } = this.#seat.settled;
    try {
      await this.#seat.openAnew(how);
    } catch (error) {
      throw profile_id === null ? error : this.#notes.failed(this.profiles.get(profile_id), error);
    }
  }

  /** What opening the profile would change. @throws what keeps it from opening, in words */
  async migrationsOf(profile: StoredProfile): Promise<MigrationPreview> {
    if (this.active_id === profile.profile_id) return upToDate();
    await this.#seat.left();
    try {
      const engine = this.#maker.ofProfile(profile);
      return previewOf(await engine.migrate({ dry_run: true }));
    } catch (error) {
      throw openFailure(error, profile);
    }
  }

  /**
   * Deletes what an engine kept on this computer for a profile that is gone.
   *
   * @param options.unless asked once no engine works in the folder any more
   */
  async removeFolder(profile_id: string, { unless }: { unless(folder: string): boolean }): Promise<void> {
    if (profile_id === LOCAL_PROFILE_ID) return;
    await this.#seat.left();
    const folder = this.profiles.folderOf(profile_id);
    if (!unless(folder)) await rm(folder, { recursive: true, force: true });
  }

  /** Ends what is open; safe to call twice. */
  async stop(): Promise<void> {
    const opened = await this.#seat.leave();
    // While the engine they read from is still there.
    await this.#offline.stop();
    await this.#seat.close();
    this.#secrets?.stop();
    await opened?.engine.stop();
    this.#close();
  }

  async #openFirst(signal: AbortSignal | undefined): Promise<Opened> {
    const { config, profile: wanted, fall_back = false } = this.#options;
    const begin = signal === undefined ? {} : { signal };
    if (config['database.url'] !== null) {
      if (wanted !== undefined) throw configured(this.#options.configured_by);
      return await this.#seat.start(null, begin);
    }
    if (this.profiles.damage !== undefined) {
      this.#fallback = { wanted: LOCAL_PROFILE_ID, message: this.profiles.damage };
    }
    const profile = wanted === undefined ? this.profiles.last : this.profiles.named(wanted);
    try {
      return await this.#seat.start(profile.profile_id, begin);
    } catch (error) {
      signal?.throwIfAborted();
      // The database of this computer speaks for itself: who tells of it knows its errors.
      if (profile.kind === 'local') throw error;
      // A command looks at one for once.
      const told = this.#isLasting ? this.#notes.failed(profile, error) : openFailure(error, profile);
      if (!fall_back) throw new ProfileStartError(profile.profile_id, told);
      this.#logger.error({ err: error, profile: profile.name }, 'the profile could not be opened');
      this.#fallback = { wanted: profile.profile_id, message: told.message };
      return await this.#seat.start(LOCAL_PROFILE_ID, begin);
    }
  }

  async #startEngine(profile_id: ProfileId, { confirmed, signal }: StartOptions): Promise<HostedEngine> {
    const engine =
      profile_id === null ? this.#maker.configured() : this.#maker.ofProfile(this.profiles.get(profile_id), confirmed);
    await engine.start({ signal });
    return engine;
  }

  /** Better the database of this computer than none at all, where that is wanted. */
  #insteadOf(profile_id: ProfileId, error: unknown): string | undefined {
    if (!this.#options.fall_back || profile_id === null || profile_id === LOCAL_PROFILE_ID) return undefined;
    this.#fallback = { wanted: profile_id, message: openFailure(error, this.profiles.get(profile_id)).message };
    return LOCAL_PROFILE_ID;
  }

  #refuseConfigured(): void {
    const { config, configured_by } = this.#options;
    if (config['database.url'] !== null) throw configured(configured_by);
  }

  /** A command looks at a profile for once; what becomes of it is not remembered. */
  get #isLasting(): boolean {
    return this.#options.kind !== undefined;
  }

  get #activeProfile(): StoredProfile | undefined {
    return this.active_id === null ? undefined : this.profiles.get(this.active_id);
  }

  #close(): void {
    this.#folder?.close();
    this.#folder = undefined;
  }

  get #theFolder(): InstallationFolder {
    if (this.#folder === undefined) throw new Error('the installation is not open: start it first');
    return this.#folder;
  }
}

const configured = (by: string | null): ArchonError =>
  new ArchonError(
    'CONFLICT',
    `The connection is set by ${by ?? 'database.url'}: remove it there and start Archon again to use connection profiles.`,
  );
