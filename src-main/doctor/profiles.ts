import { type Check, ok } from './check.ts';

const NAME = 'connections';

/** Named only: nobody asked to connect to them. */
export const profilesCheck: Check = {
  key: 'profiles',
  name: NAME,
  run: async ({ profiles }) => {
    const all = (await profiles?.()) ?? [];
    if (all.length === 0) return [];
    return [ok(NAME, all.map(({ name, kind }) => `${name} (${kind})`).join(', '))];
  },
};
