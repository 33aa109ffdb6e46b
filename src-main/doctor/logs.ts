import { accessSync, constants, existsSync } from 'node:fs';
import { logsFolder } from '../observability/logs/create-logs.ts';
import { type Check, failed, ok } from './check.ts';

const NAME = 'logs';

export const logsCheck: Check = {
  key: 'logs',
  name: NAME,
  run: async ({ config }) => {
    const folder = logsFolder(config.data_dir);
    if (!existsSync(folder)) return [ok(NAME, 'none yet')];
    try {
      accessSync(folder, constants.W_OK | constants.X_OK);
      return [ok(NAME, folder)];
    } catch {
      return [failed(NAME, `${folder} cannot be written`, `Give it to the user Archon runs as, with mode 0700.`)];
    }
  },
};
