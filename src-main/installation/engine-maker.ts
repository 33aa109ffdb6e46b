/** Makes the engine of a profile, or of the connection that the configuration sets; none is started here. */
import type { Logger } from 'pino';
import type { OpenProfile } from '../app-status.ts';
import type { Clock } from '../clock.ts';
import { Engine } from '../engine.ts';
import type { EngineOptions } from '../engine-options.ts';
import type { Logs } from '../observability/logs/logs.ts';
import { momentOf } from '../offline/moment.ts';
import type { Config } from '../settings/config-schema.ts';
import type { InstallationFolder } from './installation-folder.ts';
import { placeOfConfigured, placeOfProfile } from './installation-parts.ts';
import { configOfProfile, secretsOfProfile } from './profile-config.ts';
import type { StoredProfile } from './profile-file.ts';

/** What is used of an engine; tests bring others. */
export type HostedEngine = Pick<
  Engine,
  'services' | 'organisations' | 'database' | 'sealedStores' | 'start' | 'stop' | 'flush' | 'migrate'
>;

export interface EngineMakerDeps {
  /** What is open of the data folder by now. */
  folder(): InstallationFolder;
  /** Undefined when nothing of it is open. */
  profiles(): readonly StoredProfile[] | undefined;
  logger: Logger;
  logs: Logs;
  /** Without one no workers run: a command is over before they could do anything. */
  kind?: 'server' | 'desktop' | undefined;
  clock: Clock;
  createEngine?: ((options: EngineOptions) => HostedEngine) | undefined;
}

export class EngineMaker {
  readonly #deps: EngineMakerDeps;

  constructor(deps: EngineMakerDeps) {
    this.#deps = deps;
  }

  /** Of the connection that the configuration sets. */
  configured(): HostedEngine {
    return this.#make(this.#current, { history: this.#folder.history, place: placeOfConfigured(this.#current) });
  }

  /** @param confirmed version of the database that a person has seen and wanted */
  ofProfile(profile: StoredProfile, confirmed?: number): HostedEngine {
    const config = configOfProfile(this.#current, profile, this.#folder.profiles);
    this.#deps.logs.redaction.hide(secretsOfProfile(config));
    return this.#make(config, {
      profile: () => this.#openProfile(profile.profile_id),
      place: placeOfProfile(profile, () => this.#nameOf(profile)),
      ...(profile.kind === 'local' ? { history: this.#folder.history } : {}),
      ...(profile.kind === 'copy' ? { moment: momentOf(profile.taken_at) } : {}),
      migrations: profile.kind === 'remote' ? { confirmed, read_only: profile.read_only } : 'apply',
      // Copies and remote ones have a folder of their own, which other processes may have too.
      folder_held: profile.kind === 'local',
    });
  }

  /** For checks: of what is open, with the data folder of the installation. */
  configToCheck(profile: StoredProfile | undefined): Config {
    const current = this.#current;
    if (profile === undefined) return current;
    const config = configOfProfile(current, profile, this.#folder.profiles);
    return { ...config, data_dir: current.data_dir };
  }

  #make(config: Config, options: Partial<EngineOptions>): HostedEngine {
    const { logger, logs, kind, clock, createEngine = (given) => new Engine(given) } = this.#deps;
    const { identity, device, secrets } = this.#folder;
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
      clock,
    });
  }

  /** As it is named now, as long as that can be asked. */
  #nameOf({ profile_id, name }: StoredProfile): string {
    return this.#deps.profiles()?.find((one) => one.profile_id === profile_id)?.name ?? name;
  }

  /** As it is named now. */
  #openProfile(id: string): OpenProfile {
    const { profile_id, kind, name, color, read_only, agents } = this.#folder.profiles.get(id);
    return { profile_id, kind, name, color, read_only, agents };
  }

  /** The configuration as it is set by now. */
  get #current(): Config {
    return this.#folder.device.live.device;
  }

  get #folder(): InstallationFolder {
    return this.#deps.folder();
  }
}
