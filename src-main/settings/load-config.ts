/** The configuration of a process: a file, then the environment, then flags; what comes later wins. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Config, type ConfigName, defaultConfig } from './config-schema.ts';
import { allowedValues, CONFIG_NAMES, flagName, isPathKey, keyDefinition } from './describe-key.ts';
import { nearestName } from './nearest-name.ts';

/** Name of the configuration file in the data folder. */
export const CONFIG_FILE_NAME = 'archon.config.json';
/** Names the configuration file when there is no `--config`. */
export const CONFIG_FILE_VARIABLE = 'ARCHON_CONFIG';
/** Names the connection profile when there is no `--profile`. */
export const PROFILE_VARIABLE = 'ARCHON_PROFILE';
/** Variables with our prefix that are not configuration keys. */
const OTHER_VARIABLES = [
  CONFIG_FILE_VARIABLE,
  PROFILE_VARIABLE,
  'ARCHON_CHROMIUM',
  'ARCHON_DEMO',
  'ARCHON_ELECTRON',
  'ARCHON_NO_ELECTRON',
  'ARCHON_POSTGRES_BIN',
  'ARCHON_TEST_SKIP_BUILD',
  'ARCHON_TEST_STRICT',
];

/** Where a value comes from. */
export type ConfigSource =
  | { kind: 'default' }
  | { kind: 'file'; path: string }
  | { kind: 'environment'; variable: string }
  | { kind: 'flag'; flag: string };

export interface LoadedConfig {
  config: Config;
  sources: Record<ConfigName, ConfigSource>;
  /** What looks like a mistake but can be lived with; one sentence each. */
  warnings: string[];
  /** The configuration file that was read. */
  file: string | undefined;
}

export interface LoadConfigOptions {
  /** Configuration file of `--config`; it must exist. */
  file?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Values of flags by key; `true` for a flag without a value. */
  flags: Readonly<Partial<Record<ConfigName, string | boolean>>>;
  platformDefaults: { data_dir: string; working_dir: string };
}

/** The configuration cannot be used. Every problem is one line that names the key, its source and what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];

  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** A value somebody wrote, before it is checked. */
interface Given {
  value: unknown;
  source: ConfigSource;
  /** Folder that relative paths are resolved against. */
  base_dir: string;
}

/** As in "server.port (from ARCHON_PORT)". */
export function describeSource(source: ConfigSource): string {
  switch (source.kind) {
    case 'default':
      return 'default';
    case 'file':
      return source.path;
    case 'environment':
      return source.variable;
    case 'flag':
      return source.flag;
  }
}

/**
 * Reads and checks the configuration.
 *
 * The data folder is settled first (flag, environment, `--config` file, the system's place), because the default
 * configuration file lies in it. Throws {@link ConfigError} with every problem there is, secrets left out.
 */
export function loadConfig(options: LoadConfigOptions): LoadedConfig {
  const problems: string[] = [];
  const fromEnvironment = readEnvironment(options);
  const fromFlags = readFlags(options);
  const path = configFilePath(options, fromFlags.get('data_dir') ?? fromEnvironment.given.get('data_dir'));
  const fromFile = path.exists ? readConfigFile(path.file, path.explicit, problems) : new Map<ConfigName, Given>();

  const config = defaultConfig(options.platformDefaults.data_dir) as Record<ConfigName, unknown>;
  const sources = Object.fromEntries(CONFIG_NAMES.map((name) => [name, { kind: 'default' }]));
  for (const name of CONFIG_NAMES) {
    const given = fromFlags.get(name) ?? fromEnvironment.given.get(name) ?? fromFile.get(name);
    if (!given) continue;
    const checked = checkValue(name, given);
    if ('problem' in checked) problems.push(checked.problem);
    else config[name] = checked.value;
    sources[name] = given.source;
  }
  const loaded = config as Config;
  if (problems.length === 0) problems.push(...checkTogether(loaded));
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    config: loaded,
    sources: sources as Record<ConfigName, ConfigSource>,
    warnings: fromEnvironment.warnings,
    file: path.exists ? path.file : undefined,
  };
}

function configFilePath(options: LoadConfigOptions, data_dir: Given | undefined) {
  const { working_dir } = options.platformDefaults;
  const named = options.file ?? (options.env[CONFIG_FILE_VARIABLE] || undefined);
  if (named !== undefined) {
    const file = resolve(working_dir, named);
    if (!existsSync(file)) throw new ConfigError([`There is no configuration file ${file}.`]);
    return { file, explicit: true, exists: true };
  }
  const folder = typeof data_dir?.value === 'string' ? data_dir.value : options.platformDefaults.data_dir;
  const file = join(resolve(working_dir, folder), CONFIG_FILE_NAME);
  return { file, explicit: false, exists: existsSync(file) };
}

function readEnvironment(options: LoadConfigOptions) {
  const given = new Map<ConfigName, Given>();
  const warnings: string[] = [];
  const names = new Map(CONFIG_NAMES.map((name) => [keyDefinition(name).env, name]));
  const known = [...names.keys(), ...OTHER_VARIABLES];
  for (const [variable, value] of Object.entries(options.env)) {
    // An empty variable is how compose files and shells write "not set".
    if (!variable.startsWith('ARCHON_') || value === undefined || value === '') continue;
    const name = names.get(variable);
    if (name) {
      const base_dir = options.platformDefaults.working_dir;
      given.set(name, { value, source: { kind: 'environment', variable }, base_dir });
    } else if (!OTHER_VARIABLES.includes(variable)) {
      warnings.push(`The environment variable ${variable} is not one of ours.${suggestion(variable, known)}`);
    }
  }
  return { given, warnings };
}

function readFlags(options: LoadConfigOptions): Map<ConfigName, Given> {
  const given = new Map<ConfigName, Given>();
  for (const name of CONFIG_NAMES) {
    const value = options.flags[name];
    if (value === undefined) continue;
    const base_dir = options.platformDefaults.working_dir;
    given.set(name, { value, source: { kind: 'flag', flag: flagName(name) }, base_dir });
  }
  return given;
}

/** Keys of a configuration file, dotted or nested. */
function readConfigFile(path: string, explicit: boolean, problems: string[]): Map<ConfigName, Given> {
  const given = new Map<ConfigName, Given>();
  const source: ConfigSource = { kind: 'file', path };
  for (const [key, value] of flatten(parseConfigFile(path))) {
    if (!isConfigName(key)) {
      problems.push(`${key} (from ${path}): there is no such key.${suggestion(key, CONFIG_NAMES)}`);
    } else if (given.has(key)) {
      problems.push(`${key} (from ${path}): is given twice`);
    } else if (key === 'data_dir' && !explicit) {
      problems.push(
        `data_dir (from ${path}): cannot be set in the file that lies in the data folder; use --data-dir or ARCHON_DATA_DIR`,
      );
    } else {
      given.set(key, { value, source, base_dir: dirname(path) });
    }
  }
  return given;
}

function parseConfigFile(path: string): object {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    // The parser's message quotes the text around the fault, which may be a password.
    throw new ConfigError([`${path} is not valid JSON.`]);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw new ConfigError([`${path} must hold a JSON object of configuration keys.`]);
  }
  return parsed;
}

function* flatten(object: object, prefix = ''): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(object)) {
    const name = `${prefix}${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* flatten(value, `${name}.`);
    else yield [name, value];
  }
}

const isConfigName = (name: string): name is ConfigName => (CONFIG_NAMES as string[]).includes(name);

function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest ? ` Did you mean ${nearest}?` : '';
}

/** The value as the key's type, or what is wrong with it. */
function checkValue(name: ConfigName, given: Given): { value: unknown } | { problem: string } {
  const definition = keyDefinition(name);
  const said = definition.secret ? '' : `, not ${shorten(given.value)}`;
  const problem = `${name} (from ${describeSource(given.source)}): must be ${allowedValues(name)}${said}`;
  if (!isRightKind(given.value, definition.default)) return { problem };
  const result = definition.schema.safeParse(given.value);
  if (!result.success) return { problem };
  const isPath = isPathKey(name) && typeof result.data === 'string';
  return { value: isPath ? resolve(given.base_dir, result.data as string) : result.data };
}

/** Text is always tried; otherwise the kind of the default, so that no `null` or `true` is taken for a number. */
function isRightKind(value: unknown, fallback: unknown): boolean {
  if (typeof value === 'string') return Array.isArray(fallback) || value.trim() !== '';
  if (fallback === null || Array.isArray(fallback)) return value === null ? fallback === null : Array.isArray(value);
  return typeof value === typeof fallback;
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

/** Rules over several keys. */
function checkTogether(config: Config): string[] {
  const problems: string[] = [];
  if ((config['server.tls_cert_file'] === null) !== (config['server.tls_key_file'] === null)) {
    problems.push('server.tls_cert_file and server.tls_key_file: HTTPS needs both');
  }
  if ((config['database.ssl_cert_file'] === null) !== (config['database.ssl_key_file'] === null)) {
    problems.push('database.ssl_cert_file and database.ssl_key_file: a client certificate needs both');
  }
  const redis = [
    config['redis.url'] !== null && 'redis.url',
    config['redis.sentinels'].length > 0 && 'redis.sentinels',
    config['redis.cluster_nodes'].length > 0 && 'redis.cluster_nodes',
  ].filter((name) => name !== false);
  if (redis.length > 1) problems.push(`${redis.join(' and ')}: only one of them can be set`);
  if (config['redis.sentinels'].length > 0 && config['redis.sentinel_name'] === null) {
    problems.push('redis.sentinel_name: must be set when redis.sentinels is');
  }
  const shares =
    config['memory.reserve_session'] + config['memory.reserve_longterm'] + config['memory.reserve_working'];
  if (shares > 1.000001) {
    problems.push('memory.reserve_session, memory.reserve_longterm and memory.reserve_working: add up to more than 1');
  }
  return problems;
}
