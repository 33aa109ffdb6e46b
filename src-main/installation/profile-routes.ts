/** The routes of connection profiles, on the installation. */
import type { ConnectionStep, Outputs, ParsedInputs, Profile } from '../../src-contract/index.ts';
import { LOCAL_PROFILE_ID } from '../../src-contract/index.ts';
import { type ParsedConnectionInput, settingsOf } from '../connections/connection-input.ts';
import { type ConnectionSettings, withoutSecrets } from '../connections/connection-settings.ts';
import { testConnection } from '../connections/connection-test.ts';
import { connectionOf, connectionsOf } from '../connections/environment.ts';
import { ArchonError, assertNever, invalidField } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import { SecretUnreadableError } from '../secrets/secret-errors.ts';
import type { EngineHost } from './engine-host.ts';
import { openFailure } from './open-failure.ts';
import type { StoredProfile } from './profile-file.ts';
import { folderBytes, keepsUnsent } from './profile-folder.ts';

type In = ParsedInputs['profiles'];
type Out = Outputs['profiles'];
type Env = Readonly<Record<string, string | undefined>>;

export class ProfileRoutes {
  readonly #host: EngineHost;
  readonly #env: Env;

  /** @param env of the process: other programs' variables may name connections */
  constructor(host: EngineHost, env: Env) {
    this.#host = host;
    this.#env = env;
  }

  async list(): Promise<Out['list']> {
    const { profiles, state } = this.#host;
    return { items: await Promise.all(profiles.list().map((profile) => this.#shown(profile))), state };
  }

  async create(_scope: Scope, { connection, ...looks }: In['create']): Promise<Out['create']> {
    const settings =
      'from_environment' in connection ? connectionOf(this.#env, connection.from_environment) : settingsOf(connection);
    return await this.#shown(this.#host.profiles.createRemote(looks, settings));
  }

  async update(_scope: Scope, { profile_id, connection, ...change }: In['update']): Promise<Out['update']> {
    const { profiles } = this.#host;
    const before = profiles.get(profile_id);
    const settings = connection && this.#changed(connection, before);
    if (settings !== undefined) this.#refuseWhileInUse(profile_id, 'What connects it can be changed');
    const after = profiles.update(profile_id, given(change), settings);
    // What may be written is decided when an engine starts.
    if (after.read_only !== before.read_only && this.#isInUse(profile_id)) {
      const undo = () => void profiles.update(profile_id, { read_only: before.read_only });
      try {
        await this.#host.reopen(undo);
      } catch (error) {
        if (profiles.get(profile_id).read_only !== before.read_only) undo();
        throw error;
      }
    }
    return await this.#shown(profiles.get(profile_id));
  }

  async remove(_scope: Scope, { profile_id }: In['remove']): Promise<Out['remove']> {
    const { profiles } = this.#host;
    this.#refuseWhileInUse(profiles.get(profile_id).profile_id, 'It can be removed');
    const removed = profiles.remove(profile_id);
    // Sessions and writes that only this computer has are not thrown away with an address.
    await this.#host.removeFolder(profile_id, { unless: (folder) => removed.kind !== 'copy' && keepsUnsent(folder) });
    return { profile_id };
  }

  environment(): Out['environment'] {
    const items = connectionsOf(this.#env).map(({ variable, redis_variable, settings }) => ({
      variable,
      redis_variable,
      connection: withoutSecrets(settings),
    }));
    return { items };
  }

  test(_scope: Scope, { profile_id, connection }: In['test'], signal?: AbortSignal): Out['test'] {
    const profile = profile_id === undefined ? undefined : this.#host.profiles.get(profile_id);
    const settings =
      connection === undefined
        ? profile && this.#settingsOf(profile)
        : profile === undefined
          ? settingsOf(connection)
          : this.#changed(connection, profile);
    if (settings !== undefined) {
      return testConnection(settings, {
        read_only: profile?.read_only ?? false,
        ...(signal === undefined ? {} : { signal }),
      }) as Out['test'];
    }
    if (profile === undefined) throw invalidField('connection', 'or profile_id says what to test');
    return this.#testHere(profile) as Out['test'];
  }

  async migrations(_scope: Scope, { profile_id }: In['migrations']): Promise<Out['migrations']> {
    return await this.#host.migrationsOf(this.#host.profiles.get(profile_id));
  }

  async activate(
    _scope: Scope,
    { profile_id, migrate_to }: In['activate'],
    signal?: AbortSignal,
  ): Promise<Out['activate']> {
    return await this.#host.activate(profile_id, { migrate_to, signal });
  }

  /** A database of this computer: there is no way to it that could be looked at. */
  async *#testHere(profile: StoredProfile): AsyncGenerator<ConnectionStep, void> {
    const common = { step: 'latency' as const, advice: null, took_ms: null };
    if (!this.#isInUse(profile.profile_id)) {
      yield { ...common, state: 'skipped', detail: 'It lies on this computer and opens when it is needed.' };
      return;
    }
    yield { ...common, state: 'running', detail: null };
    const { components } = await this.#host.services.health.deep();
    const database = components.find(({ component }) => component === 'database');
    const isWell = database?.status === 'healthy';
    yield {
      ...common,
      state: isWell ? 'ok' : 'failed',
      detail: database?.detail ?? 'It does not answer.',
      advice: isWell ? null : 'Run the doctor: it says what is wrong with the data folder.',
      took_ms: database?.latency_ms ?? null,
    };
  }

  /** Undefined for a database of this computer. @throws ArchonError CONFLICT when its secrets cannot be read */
  #settingsOf(profile: StoredProfile): ConnectionSettings | undefined {
    if (profile.kind !== 'remote') return undefined;
    try {
      return this.#host.profiles.connectionOf(profile);
    } catch (error) {
      throw openFailure(error, profile);
    }
  }

  /** A connection as it is changed. Secrets that cannot be read any more do not keep others from taking their place. */
  #changed(connection: ParsedConnectionInput, profile: StoredProfile): ConnectionSettings {
    if (profile.kind !== 'remote') return settingsOf(connection);
    try {
      return settingsOf(connection, this.#host.profiles.connectionOf(profile));
    } catch (error) {
      if (!(error instanceof SecretUnreadableError)) throw error;
      refuseKept('database.password', connection.database, profile.database);
      if (connection.redis !== null) refuseKept('redis.password', connection.redis, profile.redis);
      return settingsOf(connection);
    }
  }

  #isInUse(profile_id: string): boolean {
    const { active, switching_to } = this.#host.state;
    return profile_id === active || profile_id === switching_to;
  }

  #refuseWhileInUse(profile_id: string, what: string): void {
    if (profile_id !== LOCAL_PROFILE_ID && this.#isInUse(profile_id)) {
      throw new ArchonError('CONFLICT', `${what} only while it is not open: open another profile first.`);
    }
  }

  async #shown(profile: StoredProfile): Promise<Profile> {
    const { profile_id, name, color, read_only, agents, created_at, last_used_at, last_problem } = profile;
    const problem = last_problem && { at: last_problem.at, message: last_problem.message };
    const common = { profile_id, name, color, read_only, agents, created_at, last_used_at, last_problem: problem };
    switch (profile.kind) {
      case 'local':
        return { kind: 'local', ...common };
      case 'remote':
        return { kind: 'remote', ...common, connection: shownConnection(profile) };
      case 'copy': {
        const bytes = await folderBytes(this.#host.profiles.folderOf(profile_id));
        return { kind: 'copy', ...common, source: profile.source, taken_at: profile.taken_at, bytes };
      }
      default:
        return assertNever(profile);
    }
  }
}

/** @throws ArchonError VALIDATION_FAILED when the input means a password that is kept and cannot be read */
function refuseKept(field: string, input: object, kept: { sealed_password: string | null } | null): void {
  const isGiven = 'url' in input || ('password' in input && input.password !== undefined);
  if (isGiven || kept === null || kept.sealed_password === null) return;
  throw invalidField(field, 'cannot be read with the key of this installation: type it again');
}

/** Without opening its secrets, which may not be possible. */
function shownConnection({ database, redis }: Extract<StoredProfile, { kind: 'remote' }>) {
  const closed = <T extends { sealed_password: string | null; tls: { sealed_key: string | null } }>(part: T) => ({
    ...part,
    password: part.sealed_password,
    tls: { ...part.tls, key_pem: part.tls.sealed_key },
  });
  return withoutSecrets({
    database: closed(database) as unknown as ConnectionSettings['database'],
    redis: redis && (closed(redis) as unknown as NonNullable<ConnectionSettings['redis']>),
  });
}

/** What was given of a change. */
function given<T extends object>(change: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined)) as never;
}
