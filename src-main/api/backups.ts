import { ArchonError } from '../errors.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { os } from './base.ts';

export const backupsRouter = os.backups.router({
  create: os.backups.create.handler(async ({ context }) => {
    if (context.scope.org_id !== LOCAL_ORG_ID) {
      throw new ArchonError('FORBIDDEN', 'Only a token of the organisation of this computer may make a backup.');
    }
    return await context.services.backups.make();
  }),
});
