import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { formatBytes } from '../units.ts';
import { type Check, memoryFolder, ok, warning } from './check.ts';
import { bytesOf } from './disk-use.ts';

const NAME = 'database size';
/** The embedded database is checkpointed long before: more says that it is not. */
const MUCH_WAL_BYTES = 512 * 1024 ** 2;

export const databaseSizeCheck: Check = {
  key: 'database_size',
  name: NAME,
  run: async (context) => {
    const folder = join(memoryFolder(context), 'postgres');
    if (context.config['database.url'] !== null || !existsSync(folder)) return [];
    const wal_bytes = bytesOf(join(folder, 'pg_wal'));
    const detail = `${formatBytes(bytesOf(folder) - wal_bytes)} of data, ${formatBytes(wal_bytes)} of write-ahead log`;
    if (wal_bytes < MUCH_WAL_BYTES) return [ok(NAME, detail)];
    return [
      warning(
        NAME,
        detail,
        'The log is shortened while Archon runs: leave it running for some minutes, or restart it.',
      ),
    ];
  },
};
