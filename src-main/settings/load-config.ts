/**
 * The configuration of a process: the file in the data folder, then a file that is named, then the environment, then
 * flags; what comes later wins. What people set while Archon runs is in the first, or comes right after it.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Clock, systemClock } from '../clock.ts';
import { checkTogether, checkValue, describeMisfit } from './check-value.ts';
import { CONFIG_FILE_NAME, contentOf, type ParsedFile, putAside, readConfigFile } from './config-file.ts';
import { type Config, type ConfigName, defaultConfig } from './config-schema.ts';
import { CONFIG_NAMES, flagName, keyDefinition } from './describe-key.ts';
import { nearestName } from './nearest-name.ts';

export { CONFIG_FILE_NAME } from './config-file.ts';
/** Names the configuration file when there is no `--config`. */
export const CONFIG_FILE_VARIABLE = 'ARCHON_CONFIG';
/** Variables with our prefix that are not configuration keys. */
const OTHER_VARIABLES = [
  CONFIG_FILE_VARIABLE,
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
  /** The configuration file that was read: the one that was named, else the one in the data folder. */
  file: string | undefined;
  /** What settings stand on that people change. */
  origin: SettingsOrigin;
}

/** What holds without the file of the data folder, and what nobody can change but where it is set. */
export interface SettingsOrigin {
  base: Config;
  locked: ReadonlyMap<ConfigName, ConfigSource>;
}

export interface LoadConfigOptions {
  /** Configuration file of `--config`; it must exist. */
  file?: string | undefined;
  env: Readonly<Record<string, string | undefined>>;
  /** Values of flags by key; `true` for a flag without a value. */
  flags: Readonly<Partial<Record<ConfigName, string | boolean>>>;
  platformDefaults: { data_dir: string; working_dir: string };
  clock?: Clock;
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
  const named = namedFile(options);
  const fromNamed = named === undefined ? new Map<ConfigName, Given>() : readNamedFile(named, problems);
  const locked = new Map([...fromNamed, ...fromEnvironment.given, ...fromFlags]);
  const own = ownFile(options, locked.get('data_dir'), named);
  const fromOwn = own.path === undefined ? noContent() : readOwnFile(own.path, problems, options.clock ?? systemClock);

  const base = defaultConfig(options.platformDefaults.data_dir);
  const config = { ...base };
  const sources = Object.fromEntries(CONFIG_NAMES.map((name) => [name, { kind: 'default' }]));
  for (const name of CONFIG_NAMES) {
    const given = locked.get(name) ?? fromOwn.given.get(name);
    if (!given) continue;
    const checked = checkValue(name, given.value, given.base_dir);
    if ('rule' in checked) problems.push(`${name} (from ${describeSource(given.source)}): ${checked.rule}`);
    else {
      Object.assign(config, { [name]: checked.value });
      if (locked.has(name)) Object.assign(base, { [name]: checked.value });
    }
    sources[name] = given.source;
  }
  if (problems.length === 0) problems.push(...checkTogether(config).map(describeMisfit));
  if (problems.length > 0) throw new ConfigError(problems);
  return {
    config,
    sources: sources as Record<ConfigName, ConfigSource>,
    warnings: [...fromEnvironment.warnings, ...fromOwn.warnings],
    file: named ?? (fromOwn.exists ? own.path : undefined),
    origin: { base, locked: new Map([...locked].map(([name, { source }]) => [name, source])) },
  };
}

/** The file of `--config`, or of the variable. */
function namedFile(options: LoadConfigOptions): string | undefined {
  const named = options.file ?? (options.env[CONFIG_FILE_VARIABLE] || undefined);
  if (named === undefined) return undefined;
  const file = resolve(options.platformDefaults.working_dir, named);
  if (!existsSync(file)) throw new ConfigError([`There is no configuration file ${file}.`]);
  return file;
}

/** The file in the data folder, unless that is the one that was named. */
function ownFile(
  options: LoadConfigOptions,
  data_dir: Given | undefined,
  named: string | undefined,
): { path: string | undefined } {
  const { working_dir, data_dir: fallback } = options.platformDefaults;
  const folder =
    typeof data_dir?.value === 'string' ? resolve(data_dir.base_dir, data_dir.value) : resolve(working_dir, fallback);
  const path = join(folder, CONFIG_FILE_NAME);
  return { path: path === named ? undefined : path };
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

/** Keys of the file that was named. It is the administrator's: what is wrong in it ends the start. */
function readNamedFile(path: string, problems: string[]): Map<ConfigName, Given> {
  const parsed = readFile(path);
  if (parsed.kind === 'damaged') throw new ConfigError([`${path} is not valid JSON.`]);
  const { given, unknown } = keysOf(path, parsed, problems);
  for (const key of unknown) {
    problems.push(`${key} (from ${path}): there is no such key.${suggestion(key, CONFIG_NAMES)}`);
  }
  return given;
}

interface OwnContent {
  given: Map<ConfigName, Given>;
  warnings: string[];
  exists: boolean;
}

const noContent = (): OwnContent => ({ given: new Map(), warnings: [], exists: false });

/**
 * Keys of the file in the data folder. A newer version may have written ones we do not know: they stay. One that is no
 * JSON is put aside, so that Archon can start and nothing of it is lost.
 */
function readOwnFile(path: string, problems: string[], clock: Clock): OwnContent {
  const parsed = readFile(path);
  if (parsed.kind === 'none') return noContent();
  if (parsed.kind === 'damaged') return { ...noContent(), warnings: [rescue(path, clock)] };
  const { given, unknown } = keysOf(path, parsed, problems);
  if (given.delete('data_dir')) {
    problems.push(
      `data_dir (from ${path}): cannot be set in the file that lies in the data folder; use --data-dir or ARCHON_DATA_DIR`,
    );
  }
  const warnings = unknown.map(
    (key) => `${key} (from ${path}): there is no such key; it is kept as it is.${suggestion(key, CONFIG_NAMES)}`,
  );
  return { given, warnings, exists: true };
}

function rescue(path: string, clock: Clock): string {
  try {
    return `${path} is not valid JSON. It was put aside as ${putAside(path, clock)}, and the defaults hold.`;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return `${path} is not valid JSON, and could not be put aside (${reason}). The defaults hold.`;
  }
}

/** Files that were put aside and that nobody has followed up yet: nothing was saved or written by hand since. */
export function damagedFiles(data_dir: string): string[] {
  const since_ms = statSync(join(data_dir, CONFIG_FILE_NAME), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  try {
    return readdirSync(data_dir)
      .filter((name) => name.startsWith(`${CONFIG_FILE_NAME}.damaged-`))
      .map((name) => join(data_dir, name))
      .filter((path) => (statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0) > since_ms);
  } catch {
    return []; // No folder: nothing was ever kept in it.
  }
}

function readFile(path: string): ParsedFile {
  try {
    return readConfigFile(path);
  } catch (error) {
    throw new ConfigError([`${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`]);
  }
}

function keysOf(path: string, parsed: ParsedFile, problems: string[]) {
  if (parsed.kind !== 'object') throw new ConfigError([`${path} must hold a JSON object of configuration keys.`]);
  const { given, unknown, twice } = contentOf(parsed.members);
  for (const key of twice) problems.push(`${key} (from ${path}): is given twice`);
  const source: ConfigSource = { kind: 'file', path };
  const base_dir = dirname(path);
  const keys = new Map([...given].map(([name, value]): [ConfigName, Given] => [name, { value, source, base_dir }]));
  return { given: keys, unknown };
}

export function suggestion(name: string, candidates: Iterable<string>): string {
  const nearest = nearestName(name, candidates);
  return nearest ? ` Did you mean ${nearest}?` : '';
}
