import { existsSync, readdirSync } from 'node:fs';
import { type Check, type CheckFinding, ok, warning } from './check.ts';

const NAME = 'connections';

/** Named only: nobody asked to connect to them. */
export const profilesCheck: Check = {
  key: 'profiles',
  name: NAME,
  run: async ({ profiles, config: { data_dir } }) => {
    const all = (await profiles?.()) ?? [];
    const named = all.length === 0 ? [] : [ok(NAME, all.map(({ name, kind }) => `${name} (${kind})`).join(', '))];
    return [...named, ...putAside(data_dir)];
  },
};

/** A file that could not be read was put aside under this name, so that nothing of it is lost. */
function putAside(data_dir: string): CheckFinding[] {
  if (!existsSync(data_dir)) return [];
  const names = readdirSync(data_dir).filter((name) => name.startsWith('profiles.json.damaged-'));
  if (names.length === 0) return [];
  return [
    warning(
      'damaged connections',
      `a file of connection profiles that could not be read was put aside: ${names.join(', ')}`,
      'Add the connections again, or mend the file and put it back as profiles.json while Archon is stopped; then remove it.',
    ),
  ];
}
