import { BackupFolder } from '../storage/backup/backup-folder.ts';
import { nextBackupDue } from '../storage/backup/backup-schedule.ts';
import { formatBytes, formatSeconds } from '../units.ts';
import { type Check, type CheckFinding, type DoctorContext, type Fix, ok, warning } from './check.ts';

const HOUR_MS = 3_600_000;
/** Intervals without a backup after which something must be wrong. */
const LATE_INTERVALS = 3;
const NAME = 'backups';
const ADVICE = '`archon backup` makes one now; the log of the server says why it made none.';

export const backupsCheck: Check = {
  key: 'backups',
  name: NAME,
  run: async (context) => {
    if (context.copy_dir !== undefined) return [ok(NAME, 'a copy can be made again; it is not backed up')];
    if (context.config['database.url'] !== null) return [ok(NAME, 'made where the PostgreSQL server is')];
    return [look(context)];
  },
};

function look(context: DoctorContext): CheckFinding {
  const { data_dir, 'backup.interval_hours': interval_hours } = context.config;
  const now_ms = context.clock.now();
  const folder = new BackupFolder(data_dir);
  const due_ms = nextBackupDue(folder, data_dir, interval_hours, now_ms);
  if (due_ms === undefined) return ok(NAME, 'nothing to back up yet');
  const newest = folder.list().find(({ created_ms }) => created_ms <= now_ms);
  const detail = newest
    ? `the newest is ${formatSeconds((now_ms - newest.created_ms) / 1000)} old (${formatBytes(newest.bytes)}), in ${folder.path}`
    : 'none yet';
  if (interval_hours === 0) return ok(NAME, `${detail}; backup.interval_hours is 0, so that only you make them`);
  const late_ms = due_ms + (LATE_INTERVALS - 1) * interval_hours * HOUR_MS;
  return now_ms > late_ms ? warning(NAME, detail, ADVICE, makeOne(context)) : ok(NAME, detail);
}

function makeOne({ backUp }: DoctorContext): Fix | null {
  if (backUp === undefined) return null;
  return {
    fix_id: 'backups.make',
    label: 'Make a backup',
    confirm: null,
    apply: async () => `Made the backup ${await backUp()}.`,
  };
}
