/** Files that hold secrets: nobody else may read them. */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { KEY_FILE_NAME } from '../secrets/key-file.ts';
import { SERVER_FILE_NAME } from '../server/server-file.ts';
import { CONFIG_NAMES, keyDefinition } from '../settings/describe-key.ts';
import { CONFIG_FILE_NAME } from '../settings/load-config.ts';
import { type Check, ok, warning } from './check.ts';

const NAME = 'private files';
/** Connections to databases, with their secrets sealed. */
const PROFILES_FILE_NAME = 'profiles.json';

export const filesCheck: Check = {
  key: 'files',
  name: NAME,
  run: async ({ config: { data_dir } }) => {
    const open = process.platform === 'win32' ? [] : openFiles(data_dir);
    if (open.length === 0) return [ok(NAME, 'only this user can read the files that hold secrets')];
    const names = open.join(', ');
    return [
      warning(NAME, `others can read ${names}`, `chmod 600 ${open.map((name) => join(data_dir, name)).join(' ')}`, {
        fix_id: 'files.mode',
        label: 'Close them to others',
        confirm: null,
        apply: async () => {
          for (const name of open) chmodSync(join(data_dir, name), 0o600);
          return `Only this user can read ${names} now. If others may have read them, make new secrets.`;
        },
      }),
    ];
  },
};

function openFiles(data_dir: string): string[] {
  const names = [KEY_FILE_NAME, SERVER_FILE_NAME, PROFILES_FILE_NAME];
  if (holdsSecrets(join(data_dir, CONFIG_FILE_NAME))) names.push(CONFIG_FILE_NAME);
  return names.filter((name) => {
    const mode = statSync(join(data_dir, name), { throwIfNoEntry: false })?.mode ?? 0;
    return (mode & 0o077) !== 0;
  });
}

/** By the names in it, nested ones too: a file that is no JSON may hold a secret as well. */
function holdsSecrets(path: string): boolean {
  try {
    const text = readFileSync(path, 'utf8');
    return CONFIG_NAMES.some((name) => {
      if (!keyDefinition(name).secret) return false;
      return text.includes(`"${name}"`) || text.includes(`"${name.split('.').at(-1)}"`);
    });
  } catch {
    return false;
  }
}
