/**
 * `profiles.json` of the data folder.
 *
 * Members and kinds of profile that a newer version wrote are kept as they are: whoever goes back to it finds them again.
 */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { instant, LOCAL_PROFILE_ID, labelText, profileColor, sslMode } from '../../src-contract/index.ts';

const FILE_NAME = 'profiles.json';
const VERSION = 1;

const looks = {
  name: labelText,
  color: profileColor,
  read_only: z.boolean(),
  agents: z.boolean(),
  created_at: instant,
  last_used_at: instant.nullable(),
  last_problem: z.looseObject({ at: instant, message: z.string() }).nullable(),
};
const tls = z.looseObject({
  mode: sslMode,
  ca_pem: z.string().nullable(),
  cert_pem: z.string().nullable(),
  sealed_key: z.string().nullable(),
});
const storedDatabase = z.looseObject({
  host: z.string(),
  port: z.int(),
  database: z.string(),
  user: z.string(),
  sealed_password: z.string().nullable(),
  tls,
  pool_size: z.int(),
});
const storedRedis = z.looseObject({
  host: z.string(),
  port: z.int(),
  db: z.int(),
  username: z.string().nullable(),
  sealed_password: z.string().nullable(),
  tls,
  key_prefix: z.string(),
});
export const storedProfile = z.discriminatedUnion('kind', [
  z.looseObject({ kind: z.literal('local'), profile_id: z.literal(LOCAL_PROFILE_ID), ...looks }),
  z.looseObject({
    kind: z.literal('remote'),
    profile_id: z.uuid(),
    ...looks,
    database: storedDatabase,
    redis: storedRedis.nullable(),
  }),
  z.looseObject({ kind: z.literal('copy'), profile_id: z.uuid(), ...looks, source: z.string(), taken_at: instant }),
]);
export type StoredProfile = z.infer<typeof storedProfile>;
export type StoredTls = z.infer<typeof tls>;
export type StoredDatabase = z.infer<typeof storedDatabase>;
export type StoredRedis = z.infer<typeof storedRedis>;

const file = z.looseObject({
  version: z.int(),
  last_profile_id: z.string(),
  profiles: z.array(z.looseObject({ kind: z.string(), profile_id: z.string() })),
});

export interface ProfileFileContent {
  last_profile_id: string;
  profiles: StoredProfile[];
  /** Members of the file and profiles that this version does not know. */
  others: { members: Record<string, unknown>; profiles: unknown[] };
}

/** What is in the file; `damage` says that it was put aside, and where it is. */
export interface ReadProfileFile {
  content: ProfileFileContent | undefined;
  damage: string | undefined;
}

/** @param stamp tells files that were put aside apart, such as the time */
export function readProfileFile(data_dir: string, stamp: string): ReadProfileFile {
  const path = join(data_dir, FILE_NAME);
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      return { content: undefined, damage: undefined };
    }
    throw error;
  }
  const content = parse(text);
  if (content !== undefined) return { content, damage: undefined };
  const aside = `${path}.damaged-${stamp}`;
  renameSync(path, aside);
  const damage = `The file of the connection profiles was damaged. It was put aside as ${aside}; add the connections again, or mend it and put it back.`;
  return { content: undefined, damage };
}

function parse(text: string): ProfileFileContent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  const read = file.safeParse(json);
  if (!read.success) return undefined;
  const { last_profile_id, profiles, ...members } = read.data;
  const known: StoredProfile[] = [];
  const others: unknown[] = [];
  for (const one of profiles) {
    const parsed = storedProfile.safeParse(one);
    if (parsed.success) known.push(parsed.data);
    // One of ours that cannot be read is damage; what a newer version wrote need not be ours.
    else if (members.version > VERSION || !['local', 'remote', 'copy'].includes(one.kind)) others.push(one);
    else return undefined;
  }
  return { last_profile_id, profiles: known, others: { members, profiles: others } };
}

/** Writes it whole: a crash leaves what was there before, or this. */
export function writeProfileFile(data_dir: string, content: ProfileFileContent): void {
  const { last_profile_id, profiles, others } = content;
  const json = { version: VERSION, ...others.members, last_profile_id, profiles: [...profiles, ...others.profiles] };
  const path = join(data_dir, FILE_NAME);
  const draft = `${path}.${process.pid}`;
  const written = openSync(draft, 'w', 0o600);
  try {
    writeSync(written, `${JSON.stringify(json, null, 2)}\n`);
    fsyncSync(written);
  } finally {
    closeSync(written);
  }
  renameSync(draft, path);
  syncFolder(dirname(path));
}

/** Else the name may still be the old file's after a crash. Windows cannot, and need not. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
