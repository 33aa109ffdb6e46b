import { accessSync, chmodSync, constants, existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DataFolderInUseError, DataFolderLock, ensureWritableFolder } from '../storage/data-folder-lock.ts';
import { formatBytes } from '../units.ts';
import { type Check, type CheckFinding, type DoctorContext, failed, isOpen, messageOf, ok, warning } from './check.ts';
import { largestIn } from './disk-use.ts';

/** Free space below which the database may soon have to refuse writes, and below which it is about to. */
const LOW_BYTES = 1024 ** 3;
const TOO_LOW_BYTES = 100 * 1024 ** 2;
const LARGEST = 3;
const NAME = 'data folder';

export const dataFolderCheck: Check = {
  key: 'data_folder',
  name: NAME,
  run: async (context) => {
    const { data_dir } = context.config;
    if (!existsSync(data_dir)) return [firstStart(data_dir), freeSpace(existingParent(data_dir))];
    return [writable(data_dir), privacy(data_dir), freeSpace(data_dir, data_dir), lock(context)];
  },
};

function existingParent(folder: string): string {
  let parent = dirname(folder);
  while (!existsSync(parent)) parent = dirname(parent);
  return parent;
}

function firstStart(data_dir: string): CheckFinding {
  const parent = existingParent(data_dir);
  try {
    accessSync(parent, constants.W_OK | constants.X_OK);
    return ok(NAME, `${data_dir} will be made at the first start`);
  } catch {
    return failed(
      NAME,
      `${data_dir} cannot be made: ${parent} is not writable`,
      'Choose another folder with --data-dir.',
    );
  }
}

function writable(data_dir: string): CheckFinding {
  try {
    ensureWritableFolder(data_dir);
    return ok(NAME, data_dir);
  } catch (error) {
    return failed(
      NAME,
      messageOf(error),
      'Give this user the right to write there, or choose another with --data-dir.',
    );
  }
}

function privacy(data_dir: string): CheckFinding {
  const mode = statSync(data_dir).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0)
    return ok('privacy', 'only this user can read the data folder');
  return warning('privacy', `others can read the data folder (mode ${mode.toString(8)})`, `chmod 700 ${data_dir}`, {
    fix_id: 'data_folder.mode',
    label: 'Close it to others',
    confirm: null,
    apply: async () => {
      chmodSync(data_dir, 0o700);
      return 'Only this user can read the data folder now.';
    },
  });
}

/** @param data_dir whose largest parts are named when there is little space */
export function freeSpace(
  folder: string,
  data_dir?: string,
  limits = { low: LOW_BYTES, too_low: TOO_LOW_BYTES },
): CheckFinding {
  const { bavail, bsize } = statfsSync(folder);
  const free_bytes = bavail * bsize;
  const detail = `${(free_bytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (free_bytes >= limits.low) return ok('disk', detail);
  const largest = data_dir === undefined ? [] : largestIn(data_dir, LARGEST);
  const parts = largest.map(({ name, bytes }) => `${name} ${formatBytes(bytes)}`).join(', ');
  const told = parts === '' ? detail : `${detail}; the largest in the data folder: ${parts}`;
  const advice = 'Free some space, or move the data folder to a larger disk.';
  return free_bytes < limits.too_low ? failed('disk', told, advice) : warning('disk', told, advice);
}

function lock(context: DoctorContext): CheckFinding {
  if (context.database) return ok('lock', 'held by Archon, as it should be');
  if (context.server) return ok('lock', `held by our server, process ${context.server.pid}`);
  const held = heldByAnother(context);
  if (held === undefined) return ok('lock', 'free');
  return warning('lock', held.message, 'Wait until it is done, stop it, or choose another folder with --data-dir.');
}

/**
 * That a process we know nothing of has the data folder. Taking the lock for a moment is the only sure way to know; an
 * empty folder is left as it is.
 */
export function heldByAnother(context: DoctorContext): DataFolderInUseError | undefined {
  const { data_dir } = context.config;
  if (isOpen(context) || readdirSync(data_dir).length === 0) return undefined;
  try {
    DataFolderLock.acquire(data_dir).release();
    return undefined;
  } catch (error) {
    if (!(error instanceof DataFolderInUseError)) throw error;
    return error;
  }
}
