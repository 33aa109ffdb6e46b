/** What the doctor can ask of the command line: of the server that runs, else of what lies in the data folder. */
import { systemClock } from '../clock.ts';
import type { DoctorHost } from '../doctor/check.ts';
import { createSecrets } from '../secrets/create-secrets.ts';
import { secretBoxOf } from '../secrets/secret-box.ts';
import { answers, readServerFile } from '../server/server-file.ts';
import { type CommandContext, withConnection } from './command.ts';
import { CLI_SCOPE, serverClient } from './connection.ts';
import { connectionToCheck } from './profile-to-open.ts';

export function doctorHost(context: CommandContext): DoctorHost {
  const { config, sources } = context.loaded;
  return {
    ...connectionToCheck(config, context.profile),
    secrets: async () => {
      const file = readServerFile(config.data_dir);
      if (file && (await answers(file))) return await serverClient(file).secrets.status({});
      // How the key is; what it sealed is in a database that is not opened for this.
      const box = secretBoxOf(config, { logger: context.logger });
      return await createSecrets({ box, stores: () => [], clock: systemClock, logger: context.logger }).status(
        CLI_SCOPE,
      );
    },
    backUp: async () => {
      let name = '';
      await withConnection(context, async ({ client }) => {
        ({ name } = await client.backups.create({}));
        return 'ok';
      });
      return name;
    },
    isLocked: (name) => sources[name].kind !== 'default' && sources[name].kind !== 'file',
  };
}
