import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CONFIG_FILE_NAME, ConfigError, damagedFiles, type LoadConfigOptions, loadConfig } from './load-config.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-config-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const load = (options: Partial<LoadConfigOptions> = {}) =>
  loadConfig({ env: {}, flags: {}, platformDefaults: { data_dir: folder, working_dir: folder }, ...options });

const writeConfig = (content: unknown, name = CONFIG_FILE_NAME) => {
  const path = join(folder, name);
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
};

function problems(options: Partial<LoadConfigOptions> = {}): readonly string[] {
  try {
    load(options);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

describe('where values come from', () => {
  it('uses the defaults and the data folder of the system when nothing is said', () => {
    const { config, sources, file, warnings } = load();
    expect(config.data_dir).toBe(folder);
    expect(config['server.port']).toBe(8181);
    expect(sources['server.port']).toEqual({ kind: 'default' });
    expect(file).toBeUndefined();
    expect(warnings).toEqual([]);
  });

  it('lets the environment win over the file, and a flag over both', () => {
    const path = writeConfig({ 'server.port': 1001, 'server.host': 'file.example', 'log.level': 'warn' });
    const { config, sources } = load({
      env: { ARCHON_PORT: '1002', ARCHON_HOST: 'env.example' },
      flags: { 'server.port': '1003' },
    });
    expect(config['server.port']).toBe(1003);
    expect(config['server.host']).toBe('env.example');
    expect(config['log.level']).toBe('warn');
    expect(sources['server.port']).toEqual({ kind: 'flag', flag: '--server-port' });
    expect(sources['server.host']).toEqual({ kind: 'environment', variable: 'ARCHON_HOST' });
    expect(sources['log.level']).toEqual({ kind: 'file', path });
  });

  it('reads dotted and nested keys of a file', () => {
    writeConfig({
      server: { port: 9000, allow_remote: true },
      'redis.sentinels': ['a:1', 'b:2'],
      redis: { sentinel_name: 'x' },
    });
    const { config } = load();
    expect(config['server.port']).toBe(9000);
    expect(config['server.allow_remote']).toBe(true);
    expect(config['redis.sentinels']).toEqual(['a:1', 'b:2']);
  });

  it('takes text for every kind of value, as the environment gives it', () => {
    const { config } = load({
      env: {
        ARCHON_ALLOW_REMOTE: 'yes',
        ARCHON_REDIS_CLUSTER_NODES: 'a:1, b:2,',
        ARCHON_RESERVE_SESSION: '0.25',
        ARCHON_DATABASE_URL: 'postgres://u:p@db/archon',
      },
    });
    expect(config['server.allow_remote']).toBe(true);
    expect(config['redis.cluster_nodes']).toEqual(['a:1', 'b:2']);
    expect(config['memory.reserve_session']).toBe(0.25);
    expect(config['database.url']).toBe('postgres://u:p@db/archon');
  });

  it('takes an empty variable as one that is not set', () => {
    expect(load({ env: { ARCHON_PORT: '', ARCHON_DATABASE_URL: '' } }).config['server.port']).toBe(8181);
  });

  it('looks for the file in the data folder that flags or environment name', () => {
    mkdirSync(join(folder, 'a'));
    writeConfig({ 'server.port': 7001 }, join('a', CONFIG_FILE_NAME));
    expect(load({ env: { ARCHON_DATA_DIR: 'a' } }).config).toMatchObject({
      'server.port': 7001,
      data_dir: join(folder, 'a'),
    });
    expect(load({ flags: { data_dir: 'a' } }).config['server.port']).toBe(7001);
  });

  it('takes the file of --config, then of ARCHON_CONFIG, and the data folder from it', () => {
    mkdirSync(join(folder, 'etc'));
    const file = writeConfig({ data_dir: 'data', 'server.port': 7002 }, join('etc', 'archon.json'));
    writeConfig({ 'server.port': 7003 }, 'other.json');
    const { config } = load({ file, env: { ARCHON_CONFIG: 'other.json' } });
    expect(config['server.port']).toBe(7002);
    expect(config.data_dir).toBe(join(folder, 'etc', 'data'));
    expect(load({ env: { ARCHON_CONFIG: 'other.json' } }).config['server.port']).toBe(7003);
  });

  it('resolves paths where they are written: in the file against the file, elsewhere against the working folder', () => {
    mkdirSync(join(folder, 'etc'));
    const file = writeConfig({ 'server.tls_cert_file': 'cert.pem' }, join('etc', 'archon.json'));
    const { config } = load({ file, flags: { 'server.tls_key_file': 'key.pem' } });
    expect(config['server.tls_cert_file']).toBe(join(folder, 'etc', 'cert.pem'));
    expect(config['server.tls_key_file']).toBe(join(folder, 'key.pem'));
  });
});

describe('the file in the data folder', () => {
  it('may hold keys of a newer version: they are told of and kept', () => {
    writeConfig({ server: { prot: 1, port: 9000 }, $schema: './archon.config.schema.json' });
    const { config, warnings } = load();
    expect(config['server.port']).toBe(9000);
    expect(warnings).toEqual([expect.stringContaining('server.prot')]);
    expect(warnings[0]).toContain('Did you mean server.port?');
  });

  it('is put aside when it is no JSON, and that is told until it was followed up', () => {
    const path = writeConfig('{"server.port": 90');
    const { config, warnings, file } = load();
    expect(config['server.port']).toBe(8181);
    expect(file).toBeUndefined();
    expect(existsSync(path)).toBe(false);
    const [aside = ''] = damagedFiles(folder);
    expect(readFileSync(aside, 'utf8')).toBe('{"server.port": 90');
    expect(warnings).toEqual([expect.stringContaining(aside)]);
    expect(load().warnings).toEqual([]);
    writeConfig({});
    utimesSync(path, new Date(), new Date(Date.now() + 60_000));
    expect(damagedFiles(folder)).toEqual([]);
  });

  it('comes before a file that is named, which locks what it says', () => {
    const path = writeConfig({ 'server.port': 9001, 'log.level': 'warn', 'log.files': 3 });
    const file = writeConfig({ 'log.level': 'error' }, 'other.json');
    const { config, origin, sources } = load({ file, env: { ARCHON_PORT: '9002' } });
    expect(config).toMatchObject({ 'server.port': 9002, 'log.level': 'error', 'log.files': 3 });
    expect(origin.base).toMatchObject({ 'server.port': 9002, 'log.level': 'error', 'log.files': 5 });
    expect(Object.fromEntries(origin.locked)).toEqual({
      'server.port': { kind: 'environment', variable: 'ARCHON_PORT' },
      'log.level': { kind: 'file', path: file },
    });
    expect(sources['log.files']).toEqual({ kind: 'file', path });
    expect(load({ file: path }).origin.locked.size).toBe(3);
  });
});

describe('what is refused', () => {
  it('names the key, its source and what is allowed', () => {
    expect(problems({ env: { ARCHON_PORT: 'eighty' } })).toEqual([
      'server.port (from ARCHON_PORT): must be a whole number from 0 to 65535, not "eighty"',
    ]);
    expect(problems({ flags: { 'server.port': '70000' } })[0]).toContain('server.port (from --server-port): must be');
    expect(problems({ flags: { 'log.level': 'loud' } })[0]).toContain(
      'must be one of silent, error, warn, info, debug, trace',
    );
    expect(problems({ env: { ARCHON_REDIS_TLS: 'perhaps' } })[0]).toContain('must be true or false');
    expect(problems({ env: { ARCHON_RESERVE_SESSION: '2' } })[0]).toContain('must be a number from 0 to 1');
  });

  it('says everything that is wrong at once', () => {
    const path = writeConfig({ 'server.port': -1 });
    const found = problems({ env: { ARCHON_LOG_LEVEL: 'loud' } });
    expect(found).toHaveLength(2);
    expect(found[0]).toContain(`server.port (from ${path})`);
  });

  it.each([null, true, [], {}, '', '  '])('does not take %j in a file for a number', (value) => {
    writeConfig({ 'server.body_limit_bytes': value });
    expect(JSON.stringify(value) === '{}' ? ['server.body_limit_bytes'] : problems()).toHaveLength(1);
  });

  it('never repeats a secret', () => {
    const found = problems({ env: { ARCHON_DATABASE_URL: 'mysql://root:hunter2@db' } });
    expect(found).toEqual([
      'database.url (from ARCHON_DATABASE_URL): must be a URL that begins with postgres:// or postgresql://',
    ]);
    const file = writeConfig('{"redis.password": "hunter2" oops', 'other.json');
    expect(problems({ file }).join()).toContain('is not valid JSON');
    expect(problems({ file }).join()).not.toContain('hunter2');
  });

  it('refuses unknown keys of a file that was named and suggests the nearest', () => {
    const file = writeConfig({ server: { prot: 1 }, bananas: 1, __proto__x: 1 }, 'other.json');
    const found = problems({ file });
    expect(found[0]).toContain('server.prot');
    expect(found[0]).toContain('Did you mean server.port?');
    expect(found[1]).not.toContain('Did you mean');
  });

  it('refuses a key given both dotted and nested', () => {
    writeConfig({ 'server.port': 1, server: { port: 2 } });
    expect(problems()[0]).toContain('is given twice');
  });

  it('refuses files that are not there, not JSON or not an object', () => {
    expect(problems({ file: 'missing.json' })[0]).toContain(join(folder, 'missing.json'));
    writeConfig('[]');
    expect(problems()[0]).toContain('must hold a JSON object');
  });

  it('refuses a data folder set by the file that lies in it', () => {
    writeConfig({ data_dir: '/elsewhere' });
    expect(problems()[0]).toContain('use --data-dir or ARCHON_DATA_DIR');
  });

  it('warns of variables with our prefix that mean nothing', () => {
    const { warnings } = load({ env: { ARCHON_PROT: '1', ARCHON_DEMO: '1', PATH: '/bin' } });
    expect(warnings).toEqual(['The environment variable ARCHON_PROT is not one of ours. Did you mean ARCHON_PORT?']);
  });

  it.each([
    [{ 'server.tls_cert_file': 'a.pem' }, 'HTTPS needs both'],
    [{ 'database.ssl_key_file': 'a.pem' }, 'a client certificate needs both'],
    [{ 'redis.url': 'redis://a', 'redis.cluster_nodes': ['b:1'] }, 'only one of them can be set'],
    [{ 'redis.url': 'redis://a', 'redis.sentinels': ['b:1'], 'redis.sentinel_name': 'x' }, 'only one of them'],
    [{ 'redis.sentinels': ['b:1'] }, 'redis.sentinel_name: must be set'],
    [{ 'memory.reserve_session': 0.9 }, 'add up to more than 1'],
  ])('refuses values that do not fit together: %j', (content, message) => {
    writeConfig(content);
    expect(problems()).toHaveLength(1);
    expect(problems()[0]).toContain(message);
  });
});
