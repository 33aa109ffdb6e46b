/** When a backup is made without anybody asking. */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Logger } from 'pino';
import type { Clock } from '../../clock.ts';
import type { BackupFolder } from './backup-folder.ts';
import type { DataBackups } from './data-backups.ts';

const HOUR_MS = 3_600_000;
/** Looks whether one is due: soon after the start, so that short runs get their turn too, then now and then. */
const FIRST_LOOK_MS = 60_000;
const LOOK_EVERY_MS = 600_000;
/** A new database gets its first backup after this long, not only after a whole interval. */
const FIRST_BACKUP_MS = HOUR_MS;
/** Pause after one that failed: a disk that is full is not asked every few minutes. */
const RETRY_MS = HOUR_MS;

/**
 * When the next backup is due, or undefined when there is nothing to back up yet.
 *
 * Counted from the newest file there is, not from the start of the process: restarts do not put it off.
 */
export function nextBackupDue(
  folder: BackupFolder,
  data_dir: string,
  interval_hours: number,
  now_ms: number,
): number | undefined {
  const newest = newestBackup(folder, data_dir, now_ms);
  if (newest === undefined) return undefined;
  const interval_ms = interval_hours * HOUR_MS;
  return newest.at_ms + (newest.kind === 'made' ? interval_ms : Math.min(FIRST_BACKUP_MS, interval_ms));
}

/** When the newest was made; `none`: there is none yet, and the database was made then. Undefined when there is none. */
export function newestBackup(
  folder: Pick<BackupFolder, 'list'>,
  data_dir: string,
  now_ms: number,
): { kind: 'made' | 'none'; at_ms: number } | undefined {
  // One from the future was made while the clock was wrong; waiting for its time could take years.
  const newest = folder.list().find(({ created_ms }) => created_ms <= now_ms);
  if (newest) return { kind: 'made', at_ms: newest.created_ms };
  const at_ms = statSync(join(data_dir, 'postgres', 'PG_VERSION'), { throwIfNoEntry: false })?.mtimeMs;
  return at_ms === undefined ? undefined : { kind: 'none', at_ms };
}

export interface BackupScheduleDeps {
  backups: DataBackups;
  data_dir: string;
  /** 0: none. */
  interval_hours(): number;
  clock: Clock;
  logger: Logger;
}

export class BackupSchedule {
  readonly #deps: BackupScheduleDeps;
  #timer: NodeJS.Timeout | undefined;
  #not_before_ms = 0;

  constructor(deps: BackupScheduleDeps) {
    this.#deps = deps;
  }

  start(): void {
    if (!this.#deps.backups.possible) return;
    this.#timer = setTimeout(() => {
      this.#timer = setInterval(() => void this.look(), LOOK_EVERY_MS).unref();
      void this.look();
    }, FIRST_LOOK_MS).unref();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** Makes a backup if one is due. One that fails is logged and tried again later. */
  async look(): Promise<void> {
    const { backups, data_dir, clock, logger } = this.#deps;
    const interval_hours = this.#deps.interval_hours();
    const now_ms = clock.now();
    if (interval_hours === 0 || now_ms < this.#not_before_ms) return;
    try {
      const due_ms = nextBackupDue(backups.folder, data_dir, interval_hours, now_ms);
      if (due_ms === undefined || now_ms < due_ms) return;
      const made = await backups.make();
      logger.info({ file: join(backups.folder.path, made.name), bytes: made.bytes }, 'backup made');
    } catch (error) {
      if (backups.stopped) return;
      this.#not_before_ms = now_ms + RETRY_MS;
      logger.warn({ err: error }, 'no backup was made; it is tried again in an hour');
    }
  }
}
