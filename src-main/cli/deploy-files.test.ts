/** What we ship to run Archon without its desktop app is what Archon takes: its commands, its settings, its files. */
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readDockerfile, textsOf } from '../../tests/support/dockerfile.ts';
import { systemdAvailable, verifyUnits } from '../../tests/support/systemd.ts';
import { appRoot } from '../app-files.ts';
import { checkValue } from '../settings/check-value.ts';
import { CONFIG_NAMES, keyDefinition } from '../settings/describe-key.ts';
import { CONFIG_FILE_VARIABLE, loadConfig, PROFILE_VARIABLE } from '../settings/load-config.ts';
import { buildProgram } from './program.ts';

const folder = join(appRoot, 'resources', 'deploy');
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const place = mkdtempSync(join(tmpdir(), 'archon-deploy-'));
afterAll(() => rmSync(place, { recursive: true }));

const VARIABLES = new Map<string, (typeof CONFIG_NAMES)[number] | undefined>([
  ...CONFIG_NAMES.map((name) => [keyDefinition(name).env, name] as const),
  [CONFIG_FILE_VARIABLE, undefined],
  [PROFILE_VARIABLE, undefined],
]);

/** Whether the words name a command of ours, with nothing left over. */
function isCommand(words: readonly string[]): boolean {
  let command: Command | undefined = buildProgram();
  for (const word of words) command = command?.commands.find((one) => one.name() === word);
  return command !== undefined && command.commands.length === 0;
}

/** Variables of ours that are not, and values that would be refused. */
function wrongSettings(environment: Readonly<Record<string, string>>): string[] {
  return Object.entries(environment).flatMap(([variable, value]) => {
    if (!variable.startsWith('ARCHON_')) return [];
    if (!VARIABLES.has(variable)) return [`${variable} is none of ours`];
    const name = VARIABLES.get(variable);
    if (name === undefined || value === '') return [];
    const checked = checkValue(name, value, appRoot);
    return 'rule' in checked ? [`${variable}: ${checked.rule}`] : [];
  });
}

const isPinned = (image: string): boolean => /^[\w./-]+:[\w.-]*\d+\.\d+[\w.-]*(@sha256:[0-9a-f]{64})?$/.test(image);

describe('the image', () => {
  const stages = readDockerfile(read('Dockerfile'));
  const last = stages.at(-1);
  if (last === undefined) throw new Error('the Dockerfile has no stage');

  it('is made of images of one version, of the Node that Archon runs on', () => {
    const { devDependencies } = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8'));
    expect(stages.length).toBeGreaterThan(1);
    for (const { image } of stages) {
      expect(image).toMatch(/-slim$/);
      expect(isPinned(image), image).toBe(true);
      expect(image.split(':')[1]?.split('-')[0]).toBe(devDependencies.node);
    }
  });

  it('copies what there is, from stages that there are', () => {
    const names = new Set(stages.map(({ name }) => name));
    for (const copy of stages.flatMap((stage) => textsOf(stage, 'COPY'))) {
      const words = copy.split(/\s+/);
      const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
      if (from !== undefined) expect(names, copy).toContain(from);
      else for (const source of words.slice(0, -1)) expect(existsSync(join(appRoot, source)), source).toBe(true);
    }
    expect(stages.flatMap((stage) => textsOf(stage, 'ADD'))).toEqual([]);
  });

  it('gives the builder everything it copies, and no more than that', () => {
    const sent = read('Dockerfile.dockerignore').split('\n');
    const allowed = sent.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
    const copied = stages.flatMap((stage) =>
      textsOf(stage, 'COPY').flatMap((copy) => (copy.startsWith('--from') ? [] : copy.split(/\s+/).slice(0, -1))),
    );
    expect(new Set(allowed)).toEqual(new Set(copied));
    expect(sent.filter((line) => line !== '' && !line.startsWith('#'))[0]).toBe('*');
  });

  it('holds only what runs, which nobody but its user may change the data of', () => {
    const files = last.instructions.map(({ text }) => text).join('\n');
    expect(stages.some((stage) => textsOf(stage, 'RUN').some((run) => run.includes('npm ci --omit=dev')))).toBe(true);
    expect(textsOf(last, 'RUN').join()).not.toContain('npm');
    expect(textsOf(last, 'USER')).toEqual(['archon']);
    expect(files).toContain('useradd --system');
    expect(textsOf(last, 'VOLUME')).toEqual(['/data']);
    // Of what installs, nothing runs scripts, and no lists of packages are left.
    for (const run of stages.flatMap((stage) => textsOf(stage, 'RUN'))) {
      if (run.includes('npm ci')) expect(run).toContain('--ignore-scripts');
      if (run.includes('apt-get install')) {
        expect(run).toContain('--no-install-recommends');
        expect(run).toContain('rm -rf /var/lib/apt/lists/*');
      }
    }
  });

  it('starts a command of ours under a first process, and says how it is', () => {
    const [entry = '[]'] = textsOf(last, 'ENTRYPOINT');
    const words: string[] = JSON.parse(entry);
    expect(words[0]).toMatch(/tini$/);
    expect(words.at(-1)).toBe('/app/bin/archon.js');
    expect(isCommand(JSON.parse(textsOf(last, 'CMD')[0] ?? '[]'))).toBe(true);
    expect(textsOf(last, 'HEALTHCHECK')[0]).toContain('/health');
  });

  it('sets only what Archon knows, and no secret', () => {
    const settings = stages.flatMap((stage) =>
      [...textsOf(stage, 'ENV'), ...textsOf(stage, 'ARG')].flatMap((text) =>
        [...text.matchAll(/(\w+)=(\S*)/g)].map(([, name = '', value = '']) => [name, value] as const),
      ),
    );
    expect(wrongSettings(Object.fromEntries(settings))).toEqual([]);
    expect(settings.filter(([name]) => /KEY|PASSWORD|SECRET|TOKEN|URL/.test(name))).toEqual([]);
  });
});

const service = z.object({
  image: z.string(),
  build: z.object({ context: z.string(), dockerfile: z.string() }).optional(),
  command: z.array(z.string()),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  secrets: z.array(z.string()),
  volumes: z.array(z.string()),
  read_only: z.literal(true),
  restart: z.literal('unless-stopped'),
  security_opt: z.array(z.string()),
  healthcheck: z.union([z.object({ test: z.array(z.string()) }), z.object({ disable: z.literal(true) })]),
  depends_on: z.record(z.string(), z.object({ condition: z.literal('service_healthy') })).default({}),
  mem_limit: z.string(),
  cpus: z.number(),
  networks: z.array(z.string()),
});

const composeFile = z.object({
  services: z.record(z.string(), service),
  networks: z.record(z.string(), z.unknown()),
  volumes: z.record(z.string(), z.unknown()),
  secrets: z.record(z.string(), z.object({ file: z.string() })),
});

/** As compose fills it in without a file of variables: after it was read. */
const readCompose = (source: string) =>
  composeFile.parse(
    JSON.parse(JSON.stringify(parse(source, { merge: true })), (_key, value) =>
      typeof value === 'string' ? value.replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1').replaceAll('$$', '$') : value,
    ),
  );

const OURS = ['server', 'worker', 'ops'];

describe('the compose file', () => {
  const source = read('compose.yaml');
  const compose = readCompose(source);
  const services = Object.entries(compose.services);

  it('has the server, the worker, the ops agent and their stores, of images of one version', () => {
    expect(Object.keys(compose.services)).toEqual([...OURS, 'postgres', 'redis']);
    for (const [name, { image }] of services) expect(isPinned(image), `${name}: ${image}`).toBe(true);
    const { version } = JSON.parse(readFileSync(join(appRoot, 'package.json'), 'utf8'));
    for (const name of OURS) expect(compose.services[name]?.image).toBe(`archon:${version}`);
    expect(compose.services.postgres?.image).toContain('pgvector');
  });

  it('starts commands of ours, with settings of ours', () => {
    for (const name of OURS) {
      const { command = [], environment = {} } = compose.services[name] ?? {};
      expect(isCommand(command), command.join(' ')).toBe(true);
      expect(wrongSettings(environment), name).toEqual([]);
    }
    expect(isCommand(['ops', 'walk'])).toBe(false);
    expect(wrongSettings({ ARCHON_OPS_MOED: 'x', ARCHON_OPS_MODE: 'never' })).toHaveLength(2);
  });

  it('says in .env.example what can be set, and takes all of it', () => {
    const used = new Set([...source.matchAll(/\$\{(\w+):-/g)].map(([, name = '']) => name));
    const example = [...read('.env.example').matchAll(/^#?([A-Z_]+)=(.*)$/gm)];
    expect(new Set(example.map(([, name]) => name))).toEqual(used);
    expect(wrongSettings(Object.fromEntries(example.map(([, name = '', value = '']) => [name, value])))).toEqual([]);
  });

  it('can be reached from this computer alone', () => {
    for (const [name, { ports }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    }
    expect(services.filter(([, { ports }]) => ports.length > 0).map(([name]) => name)).toEqual(['server']);
  });

  it('waits for what each needs, and nothing waits for itself', () => {
    for (const [name, { depends_on }] of services) {
      for (const needed of Object.keys(depends_on)) {
        expect(compose.services[needed]?.healthcheck, `${name} waits for ${needed}`).toHaveProperty('test');
        expect(Object.keys(compose.services[needed]?.depends_on ?? {})).not.toContain(name);
      }
    }
    expect(Object.keys(compose.services.server?.depends_on ?? {})).toEqual(['postgres', 'redis']);
  });

  it('gives nobody more than is needed, and no secret in clear', () => {
    for (const [name, { security_opt, environment, secrets, volumes, networks }] of services) {
      expect(security_opt, name).toContain('no-new-privileges:true');
      for (const secret of secrets) expect(compose.secrets, name).toHaveProperty([secret]);
      for (const volume of volumes) expect(compose.volumes, name).toHaveProperty([volume.split(':')[0] ?? '']);
      for (const network of networks) expect(compose.networks, name).toHaveProperty([network]);
      const secretly = Object.keys(environment).filter((variable) => /PASSWORD|SECRET|_KEY|URL/.test(variable));
      expect(
        secretly.filter((variable) => !variable.endsWith('_FILE')),
        name,
      ).toEqual([]);
    }
    expect(read('.gitignore').split('\n')).toEqual(expect.arrayContaining(['secrets/', '.env']));
  });
});

describe('the script that makes the secrets', () => {
  const script = join(place, 'make-secrets.sh');
  copyFileSync(join(folder, 'make-secrets.sh'), script);
  const run = () => spawnSync('sh', [script], { encoding: 'utf8' });

  it('makes those that the compose file names, which Archon and the stores agree on; once', () => {
    expect(run()).toMatchObject({ status: 0 });
    const made = join(place, 'secrets');
    const { secrets } = readCompose(read('compose.yaml'));
    expect(
      readdirSync(made)
        .map((name) => `./secrets/${name}`)
        .sort(),
    ).toEqual(
      Object.values(secrets)
        .map(({ file }) => file)
        .sort(),
    );
    expect(statSync(made).mode & 0o777).toBe(0o700);
    const { config } = loadConfig({
      env: { [CONFIG_FILE_VARIABLE]: join(made, 'archon.json') },
      flags: {},
      platformDefaults: { data_dir: place, working_dir: place },
    });
    const content = (name: string) => readFileSync(join(made, name), 'utf8');
    expect(new URL(config['database.url'] ?? '')).toMatchObject({
      username: 'archon',
      hostname: 'postgres',
      password: content('postgres_password'),
    });
    expect(new URL(config['redis.url'] ?? '')).toMatchObject({
      hostname: 'redis',
      password: content('redis_password'),
    });
    expect(content('redis.conf')).toContain(`requirepass ${content('redis_password')}\n`);
    expect(config.secret_key).toMatch(/^[0-9a-f]{48}$/);
    const again = run();
    expect(again).toMatchObject({ status: 1, stderr: expect.stringContaining('Nothing was changed') });
    expect(content('archon.json')).toContain(config.secret_key);
  });
});

/** Keys of a section, with all of their values. */
function readUnit(source: string): Map<string, string[]> {
  const keys = new Map<string, string[]>();
  let section = '';
  for (const line of source.split('\n')) {
    if (line === '' || line.startsWith('#')) continue;
    const header = /^\[(\w+)\]$/.exec(line)?.[1];
    if (header !== undefined) {
      section = header;
      continue;
    }
    const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) throw new Error(`no line of a unit: ${line}`);
    const name = `${section}.${key}`;
    keys.set(name, [...(keys.get(name) ?? []), value]);
  }
  return keys;
}

const UNITS = ['archon.service', 'archon-worker.service', 'archon-ops.service'];

describe('the units of systemd', () => {
  it('are these', () => {
    expect(readdirSync(join(folder, 'systemd')).sort()).toEqual([...UNITS].sort());
  });

  it.each(UNITS)('%s starts a command of ours with settings of ours, and may do little else', (name) => {
    const unit = readUnit(read(join('systemd', name)));
    const [start = ''] = unit.get('Service.ExecStart') ?? [];
    const [node, program, ...command] = start.split(' ');
    expect(node).toBe('/usr/bin/node');
    expect(program).toBe('/opt/archon/bin/archon.js');
    expect(isCommand(command), command.join(' ')).toBe(true);
    const environment = (unit.get('Service.Environment') ?? []).map((line) => line.split('=', 2) as [string, string]);
    expect(wrongSettings(Object.fromEntries(environment))).toEqual([]);
    const must: Record<string, string> = {
      User: 'archon',
      NoNewPrivileges: 'true',
      ProtectSystem: 'strict',
      ProtectHome: 'true',
      PrivateTmp: 'true',
      PrivateDevices: 'true',
      CapabilityBoundingSet: '',
      RestrictSUIDSGID: 'true',
      StateDirectory: 'archon',
      Restart: 'on-failure',
      UMask: '0077',
    };
    for (const [key, value] of Object.entries(must)) expect(unit.get(`Service.${key}`), key).toEqual([value]);
    // Node makes machine code while it runs.
    expect(unit.has('Service.MemoryDenyWriteExecute')).toBe(false);
    expect(unit.get('Install.WantedBy')).toEqual(['multi-user.target']);
  });

  it.runIf(systemdAvailable)('are understood by systemd', () => {
    // Archon is not installed here: what is started is there on every computer.
    const files = UNITS.map((name) => {
      const file = join(place, name);
      writeFileSync(file, read(join('systemd', name)).replace('/usr/bin/node', process.execPath));
      return file;
    });
    expect(verifyUnits(files)).toEqual({ status: 0, said: '' });
    const broken = join(place, 'broken.service');
    writeFileSync(broken, read('systemd/archon.service').replace('NoNewPrivileges=true', 'NoNewPrivilege=true'));
    expect(verifyUnits([broken]).said).toContain('NoNewPrivilege');
  });
});
