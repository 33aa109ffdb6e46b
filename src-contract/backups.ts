/** Backups of the data folder Archon runs on. */
import { z } from 'zod';
import { base } from './base.ts';
import { instant } from './primitives.ts';

export const backup = z.object({
  name: z.string().describe('File name in the folder `backups` of the data folder.'),
  bytes: z.int().min(0),
  created_at: instant,
  parts: z.array(z.string()).describe('What is in it, under the names of the data folder.'),
});

export const backupsContract = {
  create: base
    .route({
      method: 'POST',
      path: '/api/backups',
      tags: ['backups'],
      successStatus: 201,
      summary: 'Back up the embedded database, the built-in sessions and the local history; answers when it is done',
      description:
        'The file stays in the data folder; it cannot be downloaded. Only for tokens of the organisation of this computer, as it holds the memory of every organisation.',
    })
    .input(z.strictObject({}))
    .output(backup),
};
