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
  problem: z.string().nullable().describe('Why the key cannot be used, and what to do; null when it can.'),
  key_made_at: instant.nullable(),
  older_keys: z.int().min(0).describe('Keys before it that are kept until nothing is sealed with them.'),
  rotate_refused: z.string().nullable().describe('Why no new key can be made here, and what to do instead.'),
  kept: z.array(
    z.object({
      where: z.string(),
      count: z.int().min(0),
      unreadable: z.int().min(0),
      problem: z.string().nullable().describe('Why it could not be looked at, as when a database is away.'),
    }),
  ),
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
    .input(
      z.strictObject({
        key_file: z
          .boolean()
          .default(false)
          .describe(
            'Keep the new key in a file of the data folder also where there is a keyring, for a server to read.',
          ),
      }),
    )
    .output(secretsStatus),
};
