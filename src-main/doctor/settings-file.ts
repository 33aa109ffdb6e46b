/** The settings of this computer, in the file that people may write by hand. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_NAMES } from '../settings/describe-key.ts';
import { CONFIG_FILE_NAME } from '../settings/load-config.ts';
import { nearestName } from '../settings/nearest-name.ts';
import { type Check, type CheckFinding, failed, messageOf, ok, warning } from './check.ts';

const NAME = 'settings file';

export const settingsFileCheck: Check = {
  key: 'settings_file',
  name: NAME,
  run: async ({ config: { data_dir } }) => {
    const path = join(data_dir, CONFIG_FILE_NAME);
    return [existsSync(path) ? look(path) : ok(NAME, 'none; the defaults hold'), ...putAside(data_dir)];
  },
};

function look(path: string): CheckFinding {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    // What the parser says quotes the text around the fault, which may be a password.
    const why = error instanceof SyntaxError ? 'is not valid JSON' : `cannot be read: ${messageOf(error)}`;
    return failed(NAME, `${path} ${why}`, 'Correct it, or move it away: then the defaults hold.');
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return failed(NAME, `${path} holds no JSON object`, 'Write the settings as members of one object.');
  }
  const unknown = [...namesOf(content)].filter((name) => !CONFIG_NAMES.some((known) => known === name));
  if (unknown.length === 0) return ok(NAME, path);
  return warning(
    NAME,
    `${path} has keys that this version does not know: ${unknown.map(withSuggestion).join(', ')}`,
    'They are kept and have no effect. Correct the spelling, remove them, or update Archon when a newer one wrote them.',
  );
}

function* namesOf(content: object, prefix = ''): Generator<string> {
  for (const [key, value] of Object.entries(content)) {
    const name = `${prefix}${key}`;
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield* namesOf(value, `${name}.`);
    else yield name;
  }
}

function withSuggestion(name: string): string {
  const nearest = nearestName(name, CONFIG_NAMES);
  return nearest === undefined ? name : `${name} (${nearest}?)`;
}

/** Files that could not be read were put aside under this name, so that nothing of them is lost. */
function putAside(data_dir: string): CheckFinding[] {
  if (!existsSync(data_dir)) return [];
  const names = readdirSync(data_dir).filter((name) => name.startsWith(`${CONFIG_FILE_NAME}.damaged-`));
  if (names.length === 0) return [];
  return [
    warning(
      'damaged settings',
      `a settings file that could not be read was put aside: ${names.join(', ')}`,
      'Take what you need from it into the settings, then remove it.',
    ),
  ];
}
