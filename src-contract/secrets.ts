/** Routes of the secrets that are kept on this computer and in the database: how they are protected. Never the secrets. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant } from './primitives.ts';

export const secretsStatus = z.object({
  protection: z
    .enum(['keyring', 'basic', 'key_file', 'passphrase'])
    .describe(
      '`keyring`: the key is locked by the keyring of the system; `basic`: the system has none, so whoever can read the files of this user can read them; `key_file`: in a file only its owner may read; `passphrase`: made from `secret_key`.',
    ),
  detail: z.string().describe('The same in words, and what to do to be safer.'),
  key_made_at: instant.nullable(),
  kept: z.array(z.object({ where: z.string(), count: z.int().min(0), unreadable: z.int().min(0) })),
});
export type SecretsStatus = z.infer<typeof secretsStatus>;

const TAGS = ['secrets'];
const PERSON = 'For a person at the desktop app, the command line or logged in with a browser; not for an agent.';

export const secretsContract = {
  status: base
    .route({
      method: 'GET',
      path: '/api/secrets',
      tags: TAGS,
      summary: 'How secrets are protected, and how many there are',
      description: PERSON,
    })
    .output(secretsStatus),
  rotate: base
    .route({
      method: 'POST',
      path: '/api/secrets/rotate',
      tags: TAGS,
      summary: 'Make a new master key and encrypt every secret with it',
      description: `${PERSON} What is interrupted goes on at the next start; secrets stay readable throughout.`,
    })
    .input(z.strictObject({}))
    .output(secretsStatus),
};
