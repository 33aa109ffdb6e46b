/** The folder `backups` of a data folder: which backups there are, and how many stay. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isoTime } from '../../clock.ts';

export interface BackupFile {
  name: string;
  path: string;
  /** From its name: copying a file may change its times. */
  created_ms: number;
  bytes: number;
}

/** As in `archon-2026-08-06T02-22-51.123Z.tar.gz`: an ISO time without the colons, which Windows does not allow. */
const NAME = /^archon-(\d{4}-\d\d-\d\d)T(\d\d)-(\d\d)-(\d\d\.\d{3}Z)\.tar\.gz$/;
const PARTIAL = '.partial-';
const STAGING = 'making-';

/** A time as part of a file's name. */
export const fileTime = (ms: number): string => isoTime(ms).replaceAll(':', '-');

export class BackupFolder {
  readonly path: string;

  constructor(data_dir: string) {
    this.path = join(data_dir, 'backups');
  }

  pathFor(created_ms: number): string {
    return join(this.path, `archon-${fileTime(created_ms)}.tar.gz`);
  }

  /** For the copies that become a backup: beside it, so that the file system may share their blocks. */
  get stagingPath(): string {
    return join(this.path, `${STAGING}${process.pid}`);
  }

  /** Newest first. Other files are left out, as they are left alone. */
  list(): BackupFile[] {
    return this.#entries()
      .flatMap((name) => {
        const created_ms = createdAt(name);
        const path = join(this.path, name);
        const bytes = statSync(path, { throwIfNoEntry: false })?.size;
        return created_ms === undefined || bytes === undefined ? [] : [{ name, path, created_ms, bytes }];
      })
      .sort((a, b) => b.created_ms - a.created_ms);
  }

  /** Removes all but the newest `keep`. */
  prune(keep: number): void {
    for (const { path } of this.list().slice(keep)) rmSync(path, { force: true });
  }

  /** Removes what a process that was killed left half done. Whoever calls this holds the data folder. */
  removeLeftovers(): void {
    for (const name of this.#entries()) {
      if (name.startsWith(STAGING) || name.includes(PARTIAL)) {
        rmSync(join(this.path, name), { recursive: true, force: true });
      }
    }
  }

  #entries(): string[] {
    try {
      return readdirSync(this.path);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
      throw error;
    }
  }
}

function createdAt(name: string): number | undefined {
  const [, day, hour, minute, second] = NAME.exec(name) ?? [];
  const ms = Date.parse(`${day}T${hour}:${minute}:${second}`);
  return Number.isNaN(ms) ? undefined : ms;
}
