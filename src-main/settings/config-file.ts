/**
 * A configuration file: JSON whose keys are dotted or nested. It is people's own: what is changed in it is changed where
 * it stands, and everything else is kept, keys we do not know and digits we could not hold among it.
 */
import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import type { Clock } from '../clock.ts';
import { isoTime } from '../clock.ts';
import type { ConfigName } from './config-schema.ts';
import { CONFIG_NAMES } from './describe-key.ts';

/** Name of the configuration file in the data folder. */
export const CONFIG_FILE_NAME = 'archon.config.json';
/** For editors; it says nothing to us. */
const SCHEMA_KEY = '$schema';

type JsonMembers = Record<string, unknown>;

/** `damaged`: it is no JSON. */
export type ParsedFile =
  | { kind: 'none' }
  | { kind: 'damaged' }
  | { kind: 'not_an_object' }
  | { kind: 'object'; members: JsonMembers };

/** What a file says of keys. */
export interface FileContent {
  given: Map<ConfigName, unknown>;
  unknown: string[];
  twice: string[];
}

/** @throws what the file system says, except that there is no file */
export function readConfigFile(path: string): ParsedFile {
  if (!existsSync(path)) return { kind: 'none' };
  return parseConfigText(readFileSync(path, 'utf8'));
}

export function parseConfigText(text: string): ParsedFile {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text.replace(/^\uFEFF/, ''));
  } catch {
    return { kind: 'damaged' };
  }
  return isMembers(parsed) ? { kind: 'object', members: parsed } : { kind: 'not_an_object' };
}

export function contentOf(members: JsonMembers): FileContent {
  const content: FileContent = { given: new Map(), unknown: [], twice: [] };
  for (const [key, value] of flatten(members)) {
    if (key === SCHEMA_KEY) continue;
    if (!isConfigName(key)) content.unknown.push(key);
    else if (content.given.has(key)) content.twice.push(key);
    else content.given.set(key, value);
  }
  return content;
}

function* flatten(members: JsonMembers, prefix = ''): Generator<[string, unknown]> {
  for (const [key, value] of Object.entries(members)) {
    const name = `${prefix}${key}`;
    if (isMembers(value)) yield* flatten(value, `${name}.`);
    else yield [name, value];
  }
}

const isMembers = (value: unknown): value is JsonMembers =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export const isConfigName = (name: string): name is ConfigName => (CONFIG_NAMES as string[]).includes(name);

/** Members of ECMAScript that the types do not know yet. https://tc39.es/proposal-json-parse-with-source/ */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: unknown, context: { source: string }) => unknown): unknown;
  rawJSON(text: string): unknown;
  isRawJSON(value: unknown): boolean;
};

/** The text with keys set, or removed where the value is undefined. */
export function editConfigText(text: string, changes: Iterable<readonly [ConfigName, unknown]>): string {
  const root = json.parse(text.replace(/^\uFEFF/, ''), (_key, value, { source }) =>
    typeof value === 'number' ? json.rawJSON(source) : value,
  );
  if (!isMembers(root)) throw new Error('a configuration file holds an object');
  for (const [key, value] of changes) setMember(root, key, value);
  return `${JSON.stringify(root, null, 2)}\n`;
}

function setMember(root: JsonMembers, key: string, value: unknown): void {
  const place = placeOf(root, key);
  if (value !== undefined) (place?.members ?? root)[place?.key ?? key] = value;
  else if (place) delete place.members[place.key];
}

/** Where the key stands already. */
function placeOf(members: JsonMembers, key: string): { members: JsonMembers; key: string } | undefined {
  if (Object.hasOwn(members, key)) return { members, key };
  for (const [name, inner] of Object.entries(members)) {
    if (!key.startsWith(`${name}.`) || !isMembers(inner) || json.isRawJSON(inner)) continue;
    const place = placeOf(inner, key.slice(name.length + 1));
    if (place) return place;
  }
  return undefined;
}

/** Written whole or not at all. A link stays a link, and the file keeps who may read it. */
export function writeConfigFile(path: string, text: string): void {
  const target = existsSync(path) ? realpathSync(path) : path;
  const mode = existsSync(target) ? statSync(target).mode & 0o777 : 0o600;
  // Whoever took the right to write away meant it, though a rename would get around it.
  if ((mode & 0o200) === 0) throw Object.assign(new Error(`${path} is read-only`), { code: 'EACCES' });
  const draft = `${target}.${process.pid}.tmp`;
  try {
    const file = openSync(draft, 'w', mode);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(draft, target);
  } catch (error) {
    rmSync(draft, { force: true });
    throw error;
  }
  syncFolder(dirname(target));
}

/** So that the new name outlives a power cut; not every system can. */
function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch {
    // The file itself is written.
  }
}

/** Moves a damaged file out of the way, for somebody to look at. @returns where it is now */
export function putAside(path: string, clock: Clock): string {
  const stem = `${path}.damaged-${isoTime(clock.now()).replaceAll(/[:.]/g, '-')}`;
  let aside = stem;
  for (let number = 2; existsSync(aside); number += 1) aside = `${stem}-${number}`;
  renameSync(path, aside);
  return aside;
}
