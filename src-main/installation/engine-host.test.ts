import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectionInput } from '../../src-contract/index.ts';
import { NO_TLS } from '../connections/connection-settings.ts';
import type { EngineOptions } from '../engine-options.ts';
import { Logs } from '../observability/logs/logs.ts';
import { defaultConfig } from '../settings/config-schema.ts';
import { EngineHost, type EngineHostOptions } from './engine-host.ts';
import type { HostedEngine } from './engine-maker.ts';

const LOOKS = { color: 'blue', read_only: false, agents: true } as const;
const settings = (database: string) => ({
  database: { host: 'db', port: 5432, database, user: 'ana', password: 'a-long-password', tls: NO_TLS, pool_size: 2 },
  redis: null,
});

type Start = (signal: AbortSignal) => Promise<void>;

/** As a database that never answers, until the start is ended. */
const never: Start = (signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

/** An engine that says what becomes of it, and starts when it is let. */
class FakeEngine {
  readonly name: string;
  readonly services = { transfer: { active: 0 } };
  readonly organisations = {};
  readonly #log: string[];
  readonly #start: Start;

  constructor(name: string, log: string[], start: Start) {
    this.name = name;
    this.#log = log;
    this.#start = start;
  }

  async start({ signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted();
    await this.#start(signal);
    this.#log.push(`${this.name} starts`);
  }

  /** What a stop waits for. */
  stopping: Promise<void> = Promise.resolve();

  async stop(): Promise<void> {
    await this.stopping;
    this.#log.push(`${this.name} stops`);
  }

  async flush(): Promise<void> {}

  async migrate(): Promise<never> {
    throw new Error('not here');
  }
}

describe('the installation', () => {
  let data_dir: string;
  let log: string[];
  let engines: FakeEngine[];
  /** What a start waits for, or fails with, by the name of its database. */
  let starts: Record<string, Start>;
  let host: EngineHost | undefined;
  beforeEach(() => {
    data_dir = mkdtempSync(join(tmpdir(), 'archon-host-'));
    log = [];
    engines = [];
    starts = {};
  });
  afterEach(async () => {
    await host?.stop();
    rmSync(data_dir, { recursive: true, force: true });
  });

  const createEngine = ({ config }: EngineOptions): HostedEngine => {
    const name = config.profile?.settings?.database.database ?? 'local';
    const engine = new FakeEngine(name, log, async (signal) => await starts[name]?.(signal));
    engines.push(engine);
    return engine as unknown as HostedEngine;
  };
  const open = async (options: Partial<EngineHostOptions> & { url?: string } = {}) => {
    const { url = null, logs = new Logs({ level: 'silent' }), ...more } = options;
    const config = { ...defaultConfig(data_dir), 'database.url': url };
    const common = {
      logger: pino({ level: 'silent' }),
      logs,
      kind: 'server' as const,
      env: {},
      createEngine,
      try_again_ms: 1,
    };
    host = new EngineHost({ config, configured_by: url === null ? null : '--database-url', ...common, ...more });
    await host.start();
    return host;
  };
  const add = (to: EngineHost, name: string) => to.profiles.createRemote({ ...LOOKS, name }, settings(name)).profile_id;
  const lastInFile = () => JSON.parse(readFileSync(join(data_dir, 'profiles.json'), 'utf8')).last_profile_id;

  it('starts the other engine before it stops the one that is open', async () => {
    const app = await open();
    const id = add(app, 'one');
    let told = 0;
    app.onSwitched(() => {
      told += 1;
    });
    await app.activate(id);
    await app.activate('local');
    expect(log.slice(0, 4)).toEqual(['local starts', 'one starts', 'local stops', 'local starts']);
    expect(told).toBe(2);
    expect(lastInFile()).toBe('local');
    await app.stop();
    expect(log.slice(4).sort()).toEqual(['local stops', 'one stops']);
  });

  it('serves on while the other starts, refuses a second switch, and says where it is going', async () => {
    const app = await open();
    const id = add(app, 'one');
    const started = Promise.withResolvers<void>();
    starts.one = () => started.promise;
    const switching = app.activate(id);
    expect(app.state).toMatchObject({ active: 'local', switching_to: id });
    expect(app.services).toBe(engines[0]?.services);
    await expect(app.activate(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(lastInFile()).toBe('local');
    started.resolve();
    expect(await switching).toMatchObject({ active: id, switching_to: null });
    expect(app.services).toBe(engines[1]?.services);
  });

  it('gives the other up when an import has begun meanwhile', async () => {
    const app = await open();
    const id = add(app, 'one');
    starts.one = async () => {
      if (engines[0]) engines[0].services.transfer.active = 1;
    };
    await expect(app.activate(id)).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(log).toEqual(['local starts', 'one starts', 'one stops']);
    expect(app.state).toMatchObject({ active: 'local', switching_to: null });
    expect(app.profiles.get(id).last_problem).toBeNull();
  });

  it('ends both when it is stopped in the midst of a switch', async () => {
    const app = await open();
    const id = add(app, 'one');
    const begun = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    starts.one = () => {
      begun.resolve();
      return started.promise;
    };
    const switching = app.activate(id);
    await begun.promise;
    const stopping = app.stop();
    started.resolve();
    await expect(switching).rejects.toMatchObject({ code: 'CONFLICT' });
    await stopping;
    expect(log.sort()).toEqual(['local starts', 'local stops', 'one starts', 'one stops'].sort());
    expect((await open()).active_id).toBe('local');
  });

  it('opens what was open last, and this computer when that cannot be', async () => {
    const app = await open();
    const id = add(app, 'one');
    await app.activate(id);
    await app.stop();
    expect((await open()).active_id).toBe(id);
    await host?.stop();
    starts.one = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    await expect(open()).rejects.toMatchObject({ profile_id: id, code: 'STORAGE_UNAVAILABLE' });
    const again = await open({ fall_back: true });
    expect(again.state).toMatchObject({
      active: 'local',
      fallback: { wanted: id, message: expect.stringContaining('Nothing listens on that port') },
    });
    // Tried again at the next start: it may be back.
    expect(lastInFile()).toBe(id);
    await host?.stop();
    expect((await open({ profile: 'This computer' })).active_id).toBe('local');
  });

  it('opens a profile anew when it is for reading only from now on, and as it was when that fails', async () => {
    const app = await open();
    const id = add(app, 'one');
    await app.activate(id);
    const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
    await app.routes.update(scope, { profile_id: id, read_only: true });
    expect(log.slice(-2)).toEqual(['one stops', 'one starts']);
    let tries = 0;
    starts.one = async () => {
      tries += 1;
      if (tries === 1) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    };
    await expect(app.routes.update(scope, { profile_id: id, read_only: false })).rejects.toThrow('Nothing listens');
    expect(app.profiles.get(id).read_only).toBe(true);
    expect(app.state).toMatchObject({ active: id, switching_to: null, fallback: null });
  });

  it('tells callers to try again while it is opened anew, and readers to come back when it is there', async () => {
    const app = await open();
    const begun = Promise.withResolvers<void>();
    const started = Promise.withResolvers<void>();
    starts.local = () => {
      begun.resolve();
      return started.promise;
    };
    let told = 0;
    app.onSwitched(() => {
      told += 1;
    });
    const restarting = app.restart();
    await begun.promise;
    expect(() => app.services.app).toThrow(expect.objectContaining({ code: 'STORAGE_UNAVAILABLE' }));
    expect(app.archives.exportFile).toBeTypeOf('function');
    await expect(app.restart()).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(told).toBe(0);
    started.resolve();
    await restarting;
    expect(told).toBe(1);
    expect(app.services).toBe(engines[1]?.services);
  });

  it('is open as it was when what it was opened anew for keeps it from starting', async () => {
    const app = await open();
    let tries = 0;
    starts.local = async () => {
      tries += 1;
      if (tries === 1) throw new Error('not with this setting');
    };
    await expect(app.restart()).rejects.toThrow('not with this setting');
    expect(app.state).toMatchObject({ active: 'local', switching_to: null, fallback: null });
    expect(app.services).toBe(engines[2]?.services);
  });

  it('tries until it is open again, and opens no other database unasked', async () => {
    const app = await open();
    const id = add(app, 'one');
    await app.activate(id);
    let tries = 0;
    starts.one = async () => {
      tries += 1;
      if (tries < 5) throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    };
    await expect(app.restart()).rejects.toThrow('Nothing listens');
    expect(() => app.services.app).toThrow(/could not be opened again: gone/);
    await expect.poll(() => app.active_id).toBe(id);
    expect(app.state).toMatchObject({ switching_to: null, fallback: null });
  });

  it('opens this computer instead where that is wanted, and can be stopped while it tries', async () => {
    const app = await open({ fall_back: true });
    const id = add(app, 'one');
    await app.activate(id);
    starts.one = () => Promise.reject(new Error('gone'));
    await expect(app.restart()).rejects.toThrow('gone');
    expect(app.state).toMatchObject({ active: 'local', fallback: { wanted: id } });
    starts.local = () => Promise.reject(new Error('the disk is gone'));
    await expect(app.restart()).rejects.toThrow('the disk is gone');
    expect(() => app.services.app).toThrow(/the disk is gone/);
    await app.stop();
    starts = {};
    expect((await open({ profile: 'local' })).active_id).toBe('local');
  });

  it('gives an opening up when whoever wanted it went away, and when Archon stops', async () => {
    const app = await open();
    const id = add(app, 'one');
    starts.one = never;
    const person = new AbortController();
    const switching = app.activate(id, { signal: person.signal });
    person.abort();
    await expect(switching).rejects.toMatchObject({ code: 'CONFLICT', message: expect.stringContaining('given up') });
    expect(app.state).toMatchObject({ active: 'local', switching_to: null });
    const again = app.activate(id);
    const stopped = expect(again).rejects.toMatchObject({ code: 'CONFLICT', message: 'Archon is stopping.' });
    await app.stop();
    await stopped;
    expect(log.filter((line) => line === 'local stops')).toHaveLength(1);
    expect((await open()).profiles.get(id).last_problem).toBeNull();
  });

  it('lets a password that cannot be read any more be typed again, and none be sent elsewhere', async () => {
    const app = await open();
    const id = add(app, 'one');
    const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
    const connection = (more: object) =>
      connectionInput.parse({ database: { host: 'db', port: 5432, database: 'one', user: 'ana', ...more } });
    const update = (more: object) => app.routes.update(scope, { profile_id: id, connection: connection(more) });
    await expect(update({ host: 'elsewhere' })).rejects.toMatchObject({
      issues: [{ field: 'database.password', message: expect.stringContaining('given for db:5432') }],
    });
    await update({ host: 'elsewhere', password: 'another-password' });
    await app.stop();
    rmSync(join(data_dir, 'secret.key'));
    const again = await open();
    const change = (more: object) => again.routes.update(scope, { profile_id: id, connection: connection(more) });
    await expect(change({ host: 'elsewhere' })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(again.routes.migrations(scope, { profile_id: id })).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('type the password again'),
    });
    await change({ host: 'elsewhere', password: 'typed-again' });
    const kept = again.profiles.get(id);
    expect(kept.kind === 'remote' && again.profiles.connectionOf(kept).database.password).toBe('typed-again');
  });

  it('deletes the folder of a profile once its engine has left it', async () => {
    const app = await open();
    const scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
    const id = add(app, 'one');
    await app.activate(id);
    const folder = app.profiles.folderOf(id);
    mkdirSync(folder, { recursive: true });
    const stopped = Promise.withResolvers<void>();
    const [, one] = engines;
    if (one) one.stopping = stopped.promise;
    await app.activate('local');
    const removing = app.routes.remove(scope, { profile_id: id });
    writeFileSync(join(folder, 'written-at-the-end'), '');
    stopped.resolve();
    await removing;
    expect(log).toContain('one stops');
    expect(existsSync(folder)).toBe(false);
  });

  it('remembers nothing of a command, whether it could open the profile or not', async () => {
    const app = await open();
    const id = add(app, 'one');
    await app.stop();
    const command = { kind: undefined, profile: 'one' } as const;
    expect((await open(command as never)).active_id).toBe(id);
    await host?.stop();
    starts.one = () => Promise.reject(new Error('gone'));
    await expect(open(command as never)).rejects.toThrow('gone');
    const again = await open();
    expect(again.active_id).toBe('local');
    expect(again.profiles.get(id)).toMatchObject({ last_problem: null, last_used_at: null });
  });

  it('leaves profiles alone beside a connection that is configured', async () => {
    const app = await open({ url: 'postgres://ana@db/configured' });
    expect(app.state).toMatchObject({ active: null, configured_by: '--database-url' });
    await expect(app.activate('local')).rejects.toThrow('set by --database-url');
    await app.stop();
    await expect(open({ url: 'postgres://ana@db/configured', profile: 'local' })).rejects.toThrow(/--database-url/);
    // The folder is free again.
    await open();
  });

  it('keeps passwords of profiles out of the log', async () => {
    const logs = new Logs({ level: 'info' });
    const app = await open({ logs });
    await app.activate(add(app, 'one'));
    logs.logger.info({ detail: 'with a-long-password in it' }, 'a-long-password');
    const { items } = await logs.list({ limit: 10 });
    expect(JSON.stringify(items)).not.toContain('a-long-password');
    expect(items.length).toBeGreaterThan(0);
  });
});
