/**
 * The installation around engines: it outlives them. Hosts and the HTTP server ask it for what is open at each call.
 *
 * Switching starts the other engine first, then hands over, then stops the one before; a start that fails changes
 * nothing. Which profile is open is written down at the handing over, so that a crash at any moment leaves one that starts.
 */
import { rm } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { MigrationPreview, ProfilesState } from '../../src-contract/index.ts';
import { LOCAL_PROFILE_ID } from '../../src-contract/index.ts';
import type { OpenProfile } from '../app-status.ts';
import { type Clock, isoTime, systemClock } from '../clock.ts';
import { Engine, type EngineOptions } from '../engine.ts';
import { previewOf, upToDate } from '../engine-migrations.ts';
import { ArchonError } from '../errors.ts';
import type { Identity } from '../identity/identity.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { Logs } from '../observability/logs/logs.ts';
import { momentOf } from '../offline/moment.ts';
import type { Offline } from '../offline/offline.ts';
import type { Secrets } from '../secrets/create-secrets.ts';
import type { Keyring } from '../secrets/keyring.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import type { LiveSettings } from '../settings/live-settings.ts';
import type { SettingsOrigin } from '../settings/load-config.ts';
import { CallCount } from './call-count.ts';
import type { Installation } from './installation.ts';
import { type InstallationFolder, openInstallationFolder } from './installation-folder.ts';
import { createParts, placeOfConfigured, placeOfProfile } from './installation-parts.ts';
import { createOffline } from './offline-part.ts';
import { openFailure, ProfileStartError } from './open-failure.ts';
import { configOfProfile, secretsOfProfile } from './profile-config.ts';
import type { StoredProfile } from './profile-file.ts';
import { ProfileRoutes } from './profile-routes.ts';
import type { ProfileStore } from './profile-store.ts';

/** Milliseconds that calls under way have to finish on the engine before; then it is stopped all the same. */
const DRAIN_MS = 5_000;
/** Milliseconds until an engine that was stopped and did not start again is tried once more. */
const TRY_AGAIN_MS = 5_000;

/** What is used of an engine; tests bring others. */
export type HostedEngine = Pick<
  Engine,
  'services' | 'organisations' | 'database' | 'sealedStores' | 'start' | 'stop' | 'flush' | 'migrate'
>;

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
  try_again_ms?: number;
  createEngine?: (options: EngineOptions) => HostedEngine;
}

/** There is a reason to stay with what is open; it says nothing of the other. */
class StayError extends ArchonError {
  constructor(message: string) {
    super('CONFLICT', message);
  }
}

interface Opened {
  engine: HostedEngine;
  /** Null: the configuration sets the connection. */
  profile_id: string | null;
}

type State =
  | { name: 'closed' }
  | { name: 'open'; opened: Opened }
  /** `opened` serves on until the other has started; undefined while one is opened again. */
  | { name: 'switching'; opened: Opened | undefined; to: string | null };

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
  readonly #onSwitched = new Set<() => void>();
  readonly #onReopened = new Set<() => void>();
  readonly #reasonsToStay = new Set<() => string | undefined>();
  #folder: InstallationFolder | undefined;
  #state: State = { name: 'closed' };
  #fallback: ProfilesState['fallback'] = null;
  #secrets: Secrets | undefined;
  /** Ends of engines that were handed over. */
  #ending: Promise<void> = Promise.resolve();
  /** Ends the attempts to open again what would not start. */
  readonly #stopping = new AbortController();

  constructor(options: EngineHostOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logs = options.logs ?? new Logs({ level: 'silent', clock: this.#clock });
    this.#logger = componentLogger(options.logger, 'engine');
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
      const active = this.#opened?.engine.services.transfer.active ?? 0;
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
    const opened = this.#opened;
    if (opened !== undefined) return opened.engine;
    throw new ArchonError('STORAGE_UNAVAILABLE', 'The connection is being opened; try again.', {
      retry_after_seconds: 1,
    });
  }

  /** False for the moment that an engine is opened again. */
  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  get services(): Services {
    return this.engine.services;
  }

  get organisations(): Engine['organisations'] {
    return this.engine.organisations;
  }

  /** The profile that is open; null when the configuration sets the connection, or nothing is open. */
  get active_id(): string | null {
    return this.#opened?.profile_id ?? null;
  }

  /** What the engine that fills a copy works with. */
  forCopies(): { config: Config; secrets: SecretBox } {
    return { config: this.#current, secrets: this.#theFolder.secrets };
  }

  get state(): ProfilesState {
    return {
      active: this.active_id,
      configured_by: this.#options.configured_by,
      switching_to: this.#state.name === 'switching' ? this.#state.to : null,
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

  /** Calls the listener when an engine that was stopped is there again. */
  onReopened(listener: () => void): void {
    this.#onReopened.add(listener);
  }

  /** Calls the listener when another engine has taken over: streams of the one before are to end. */
  onSwitched(listener: () => void): void {
    this.#onSwitched.add(listener);
  }

  /** @param reason why nothing may be switched now, in words; undefined when it may */
  refuseSwitchWhile(reason: () => string | undefined): void {
    this.#reasonsToStay.add(reason);
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
      this.#state = { name: 'open', opened };
      this.#openParts();
      await this.#offline.start();
      // A command looks at one for once.
      const isLasting = this.#options.kind !== undefined;
      if (isLasting && opened.profile_id !== null && this.#fallback === null) this.#remember(opened.profile_id);
    } catch (error) {
      this.#close();
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
      active: () => (this.active_id === null ? undefined : this.profiles.get(this.active_id)),
      config: () => this.#configToCheck(),
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
    if (this.#options.kind !== undefined) this.#secrets?.start();
  }

  /** Of the connection that is open, with the data folder of the installation. */
  #configToCheck(): Config {
    const { active_id } = this;
    if (active_id === null) return this.#current;
    const config = configOfProfile(this.#current, this.profiles.get(active_id), this.profiles);
    return { ...config, data_dir: this.#current.data_dir };
  }

  /** The next start opens it; its database is brought up to the version that a person has confirmed. */
  async prepare(profile_id: string, migrate_to: number | undefined): Promise<void> {
    if (this.#options.config['database.url'] !== null) throw configured(this.#options.configured_by);
    const profile = this.profiles.get(profile_id);
    if (migrate_to !== undefined) {
      const { target } = await this.migrationsOf(profile);
      if (target !== migrate_to) throw new ArchonError('CONFLICT', 'The database changed meanwhile; look again.');
      await this.#create(profile).migrate({ dry_run: false });
    }
    this.profiles.choose(profile_id);
  }

  /**
   * Opens a profile in place of the one that is open.
   *
   * @param options.migrate_to version that a person has confirmed
   * @throws ArchonError CONFLICT while switching or while something runs, or when the configuration sets the connection;
   *   NOT_FOUND; MIGRATIONS_PENDING; what kept it from opening, in words
   */
  async activate(profile_id: string, { migrate_to }: { migrate_to?: number | undefined } = {}): Promise<ProfilesState> {
    const profile = this.profiles.get(profile_id);
    const opened = this.#openToSwitch();
    if (opened.profile_id === profile_id) return this.state;
    this.#refuseToLeave();
    this.#state = { name: 'switching', opened, to: profile_id };
    try {
      // It may be the one that was left a moment ago: nobody opens a database of this computer twice.
      await this.#ending;
      const next = await this.#startProfile(profile, { confirmed: migrate_to, signal: undefined });
      await this.#takeOver(opened, { engine: next, profile_id });
    } catch (error) {
      this.#state = { name: 'open', opened };
      throw this.#told(profile, error);
    }
    this.#fallback = null;
    this.#remember(profile_id);
    this.#goOnWithKeys();
    return this.state;
  }

  /**
   * Stops the engine that is open and starts it anew, for what it reads only at its start. When that fails, `undo` is
   * called and it is started as it was.
   */
  async reopen(undo: () => void): Promise<void> {
    const { engine: before, profile_id } = this.#openToSwitch();
    if (profile_id === null) throw configured(this.#options.configured_by);
    this.#refuseToLeave();
    await this.#leave(before, profile_id);
    try {
      this.#openedAgain({ name: 'open', opened: await this.#startAgain(profile_id) });
    } catch (error) {
      undo();
      this.#openedAgain(
        await this.#startAgain(profile_id).then(
          (opened): State => ({ name: 'open', opened }),
          () => this.#openInstead(profile_id, error),
        ),
      );
      throw this.#told(this.profiles.get(profile_id), error);
    }
  }

  /**
   * Stops the engine that is open and starts it anew: settings that waited for that are in force then. When it does not
   * start, the database of this computer is opened instead, or it is tried again until it does.
   */
  async restart(): Promise<void> {
    const { engine: before, profile_id } = this.#openNow();
    this.#refuseToLeave();
    this.#theFolder.device.restarted();
    await this.#leave(before, profile_id);
    try {
      this.#openedAgain({ name: 'open', opened: await this.#startAgain(profile_id) });
    } catch (error) {
      this.#openedAgain(await this.#openInstead(profile_id, error));
      throw profile_id === null ? error : this.#told(this.profiles.get(profile_id), error);
    }
  }

  #openedAgain(state: State): void {
    this.#state = state;
    if (state.name !== 'open') return;
    for (const listener of this.#onReopened) listener();
  }

  /** @throws what the engine says; StayError when Archon stops meanwhile */
  async #startAgain(profile_id: string | null): Promise<Opened> {
    const { signal } = this.#stopping;
    const engine =
      profile_id === null
        ? await this.#startConfigured(signal)
        : await this.#startProfile(this.profiles.get(profile_id), { confirmed: undefined, signal });
    if (signal.aborted) await engine.stop();
    signal.throwIfAborted();
    return { engine, profile_id };
  }

  /** Better the database of this computer than none at all. It, and one that is configured, are tried until they open. */
  async #openInstead(profile_id: string | null, error: unknown): Promise<State> {
    if (this.#stopping.signal.aborted) return { name: 'closed' };
    if (profile_id === null || profile_id === LOCAL_PROFILE_ID) return this.#openLater(profile_id, error);
    this.#fallback = { wanted: profile_id, message: messageOf(error) };
    try {
      return { name: 'open', opened: await this.#startAgain(LOCAL_PROFILE_ID) };
    } catch (problem) {
      return this.#stopping.signal.aborted ? { name: 'closed' } : this.#openLater(LOCAL_PROFILE_ID, problem);
    }
  }

  /** Callers are told to try again meanwhile: nobody could ask for it while nothing is open. */
  #openLater(profile_id: string | null, error: unknown): State {
    this.#logger.error({ err: error }, 'the engine did not start again; it is tried until it does');
    this.#ending = Promise.all([this.#ending, this.#openUntilStopped(profile_id)]).then(() => {});
    return { name: 'switching', opened: undefined, to: profile_id };
  }

  async #openUntilStopped(profile_id: string | null): Promise<void> {
    const { signal } = this.#stopping;
    const { try_again_ms = TRY_AGAIN_MS } = this.#options;
    while (!signal.aborted) {
      try {
        await delay(try_again_ms, undefined, { signal });
        this.#openedAgain({ name: 'open', opened: await this.#startAgain(profile_id) });
        this.#logger.info('the engine has started again');
        return;
      } catch (error) {
        if (!signal.aborted) this.#logger.warn({ err: error }, 'the engine did not start again');
      }
    }
  }

  /** What opening the profile would change. @throws what keeps it from opening, in words */
  async migrationsOf(profile: StoredProfile): Promise<MigrationPreview> {
    if (this.active_id === profile.profile_id) return upToDate();
    const engine = this.#create(profile);
    try {
      return previewOf(await engine.migrate({ dry_run: true }));
    } catch (error) {
      throw openFailure(error, profile);
    }
  }

  /** Deletes what an engine kept on this computer for a profile that is gone. */
  async removeFolder(profile_id: string): Promise<void> {
    if (profile_id === LOCAL_PROFILE_ID) return;
    await rm(this.profiles.folderOf(profile_id), { recursive: true, force: true });
  }

  /** Ends what is open; safe to call twice. */
  async stop(): Promise<void> {
    this.#stopping.abort(new StayError('Archon is stopping.'));
    const opened = this.#opened;
    // First, so that no switch hands over meanwhile.
    this.#state = { name: 'closed' };
    // While the engine they read from is still there.
    await this.#offline.stop();
    this.#secrets?.stop();
    await this.#ending;
    await opened?.engine.stop();
    this.#close();
  }

  async #openFirst(signal: AbortSignal | undefined): Promise<Opened> {
    const { config, profile: wanted, fall_back = false } = this.#options;
    if (config['database.url'] !== null) {
      if (wanted !== undefined) throw configured(this.#options.configured_by);
      return { engine: await this.#startConfigured(signal), profile_id: null };
    }
    if (this.profiles.damage !== undefined) {
      this.#fallback = { wanted: LOCAL_PROFILE_ID, message: this.profiles.damage };
    }
    const profile = wanted === undefined ? this.profiles.last : this.profiles.named(wanted);
    try {
      const engine = await this.#startProfile(profile, { confirmed: undefined, signal });
      return { engine, profile_id: profile.profile_id };
    } catch (error) {
      signal?.throwIfAborted();
      // The database of this computer speaks for itself: who tells of it knows its errors.
      if (profile.kind === 'local') throw error;
      const told = this.#told(profile, error);
      if (!fall_back) throw new ProfileStartError(profile.profile_id, told);
      this.#logger.error({ err: error, profile: profile.name }, 'the profile could not be opened');
      this.#fallback = { wanted: profile.profile_id, message: messageOf(told) };
      const local = this.profiles.get(LOCAL_PROFILE_ID);
      const engine = await this.#startProfile(local, { confirmed: undefined, signal });
      return { engine, profile_id: LOCAL_PROFILE_ID };
    }
  }

  /** Hands over and ends the one before; when there is a reason to stay by now, the next is given up. */
  async #takeOver(before: Opened, next: Opened): Promise<void> {
    try {
      this.#stopping.signal.throwIfAborted();
      this.#refuseToLeave();
    } catch (error) {
      await next.engine.stop();
      throw error;
    }
    this.#state = { name: 'open', opened: next };
    this.#tellSwitched();
    // Whoever switched need not wait for calls that are still under way.
    this.#ending = Promise.all([this.#ending, this.#end(before.engine)]).then(() => {});
  }

  /** Ends the engine that is open; until another is, callers are told to try again. */
  async #leave(before: HostedEngine, profile_id: string | null): Promise<void> {
    this.#state = { name: 'switching', opened: undefined, to: profile_id };
    this.#tellSwitched();
    await this.#end(before);
  }

  async #end(engine: HostedEngine): Promise<void> {
    try {
      await this.calls.done(engine.services, DRAIN_MS);
      await engine.stop();
    } catch (error) {
      this.#logger.error({ err: error }, 'the engine before did not end in order');
    }
  }

  #tellSwitched(): void {
    for (const listener of this.#onSwitched) listener();
  }

  async #startConfigured(signal: AbortSignal | undefined): Promise<HostedEngine> {
    const engine = this.#engineOf(this.#current, {
      history: this.#theFolder.history,
      place: placeOfConfigured(this.#current),
    });
    await engine.start(signal ? { signal } : {});
    return engine;
  }

  async #startProfile(
    profile: StoredProfile,
    { confirmed, signal }: { confirmed: number | undefined; signal: AbortSignal | undefined },
  ): Promise<HostedEngine> {
    const engine = this.#create(profile, confirmed);
    await engine.start(signal ? { signal } : {});
    return engine;
  }

  /** The configuration as it is set by now. */
  get #current(): Config {
    return this.#theFolder.device.live.device;
  }

  #create(profile: StoredProfile, confirmed?: number): HostedEngine {
    const config = configOfProfile(this.#current, profile, this.profiles);
    this.logs.redaction.hide(secretsOfProfile(config));
    return this.#engineOf(config, {
      profile: () => this.#openProfile(profile.profile_id),
      place: placeOfProfile(profile, () => this.#nameOf(profile)),
      folder_held: profile.kind === 'local',
      ...(profile.kind === 'local' ? { history: this.#theFolder.history } : {}),
      ...(profile.kind === 'copy' ? { moment: momentOf(profile.taken_at) } : {}),
      migrations: profile.kind === 'remote' ? { confirmed, read_only: profile.read_only } : 'apply',
    });
  }

  #engineOf(config: Config, options: Partial<EngineOptions>): HostedEngine {
    const { logger, kind, createEngine = (given) => new Engine(given) } = this.#options;
    const { logs } = this;
    const { identity } = this;
    const { device, secrets } = this.#theFolder;
    return createEngine({
      folder_held: true,
      ...options,
      config,
      device,
      secrets,
      logger,
      logs,
      ...(kind === undefined ? {} : { kind }),
      identity,
      clock: this.#clock,
    });
  }

  /** As it is named now, as long as that can be asked. */
  #nameOf({ profile_id, name }: StoredProfile): string {
    return this.#folder?.profiles.list().find((one) => one.profile_id === profile_id)?.name ?? name;
  }

  /** As it is named now. */
  #openProfile(id: string): OpenProfile {
    const { profile_id, kind, name, color, read_only, agents } = this.profiles.get(id);
    return { profile_id, kind, name, color, read_only, agents };
  }

  #openToSwitch(): Opened {
    const opened = this.#openNow();
    if (opened.profile_id === null) throw configured(this.#options.configured_by);
    return opened;
  }

  #openNow(): Opened {
    if (this.#state.name === 'switching') {
      throw new ArchonError('CONFLICT', 'Another connection is being opened; wait until that is done.');
    }
    if (this.#state.name === 'closed') throw new ArchonError('CONFLICT', 'Archon is stopping.');
    return this.#state.opened;
  }

  #refuseToLeave(): void {
    for (const reason of this.#reasonsToStay) {
      const told = reason();
      if (told !== undefined) throw new StayError(told);
    }
  }

  /** Notes why it could not be opened, and says it in words. */
  #told(profile: StoredProfile, error: unknown): Error {
    const told = openFailure(error, profile);
    const isProblem =
      !(error instanceof StayError) && !(told instanceof ArchonError && told.code === 'MIGRATIONS_PENDING');
    if (isProblem) this.#try(() => this.profiles.failed(profile.profile_id, messageOf(told)));
    return told;
  }

  #remember(profile_id: string): void {
    this.#try(() => this.profiles.opened(profile_id));
  }

  /** What is only remembered must not keep anything from working. */
  #try(write: () => void): void {
    try {
      write();
    } catch (error) {
      this.#logger.warn({ err: error }, 'profiles.json could not be written');
    }
  }

  #close(): void {
    this.#folder?.close();
    this.#folder = undefined;
  }

  get #opened(): Opened | undefined {
    return this.#state.name === 'closed' ? undefined : this.#state.opened;
  }

  get #theFolder(): InstallationFolder {
    if (this.#folder === undefined) throw new Error('the installation is not open: start it first');
    return this.#folder;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const configured = (by: string | null): ArchonError =>
  new ArchonError(
    'CONFLICT',
    `The connection is set by ${by ?? 'database.url'}: remove it there and start Archon again to use connection profiles.`,
  );
