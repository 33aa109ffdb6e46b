/**
 * A file that lines are appended to, and that begins anew when it is full, so that the log stays bounded.
 *
 * Each line is one write of its own, finished before the call returns: a process that is killed leaves whole lines. The
 * file is opened for each, so that a folder that was removed, or a file that another process renamed, is made again.
 */
import {
  closeSync,
  fchmodSync,
  fstatSync,
  mkdirSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../clock.ts';
import { logFileNames } from './log-files.ts';

export interface RotatingFileOptions {
  folder: string;
  /** `archon.log`; older ones are `archon.log.1` and so on, the newest of them first. */
  name: string;
  max_bytes: number;
  /** In all, the one that is written included. */
  files: number;
}

/** Why and since when nothing can be written. */
export interface WriteFailure {
  since_ms: number;
  reason: string;
  /** Lines that are not in the file. */
  lost: number;
}

/** Milliseconds between attempts while it cannot be written. */
const RETRY_MS = 1000;

export class RotatingFile {
  #options: RotatingFileOptions;
  readonly #clock: Clock;
  readonly #path: string;
  #failure: (WriteFailure & { tried_ms: number }) | undefined;
  /** The file may end within a line: one that was not written to its end. */
  #isTorn = true;

  constructor(options: RotatingFileOptions, clock: Clock) {
    this.#options = options;
    this.#clock = clock;
    this.#path = join(options.folder, options.name);
  }

  /** From the next line on. */
  limit({ max_bytes, files }: Pick<RotatingFileOptions, 'max_bytes' | 'files'>): void {
    this.#options = { ...this.#options, max_bytes, files };
  }

  get failure(): WriteFailure | undefined {
    return this.#failure;
  }

  /**
   * Never throws, and never waits for a disk that is full.
   *
   * @param onReturn makes the line that tells what is missing: called when a line is in the file again
   * @returns whether the line is in the file
   */
  write(line: string, onReturn: (failure: WriteFailure) => string): boolean {
    const now_ms = this.#clock.now();
    const failure = this.#failure;
    if (failure !== undefined && Math.abs(now_ms - failure.tried_ms) < RETRY_MS) {
      failure.lost += 1;
      return false;
    }
    try {
      this.#append(line);
    } catch (error) {
      this.#fail(error, 1);
      return false;
    }
    this.#failure = undefined;
    if (failure !== undefined) this.#tellMissing(failure, onReturn);
    return true;
  }

  #tellMissing(failure: WriteFailure & { tried_ms: number }, onReturn: (failure: WriteFailure) => string): void {
    try {
      this.#append(onReturn(failure));
    } catch (error) {
      // Told the next time.
      this.#failure = failure;
      this.#fail(error, 0);
    }
  }

  #fail(error: unknown, lost: number): void {
    const now_ms = this.#clock.now();
    this.#failure = {
      since_ms: this.#failure?.since_ms ?? now_ms,
      lost: (this.#failure?.lost ?? 0) + lost,
      reason: error instanceof Error ? error.message : String(error),
      tried_ms: now_ms,
    };
  }

  #append(text: string): void {
    const bytes = Buffer.from(text, 'utf8');
    let fd = this.#open();
    try {
      const { size } = fstatSync(fd);
      if (size > 0 && size + bytes.length > this.#options.max_bytes) {
        closeSync(fd);
        fd = -1;
        this.#rotate();
        fd = this.#open();
      }
      this.#mend(fd);
      const written = writeSync(fd, bytes);
      if (written < bytes.length) {
        this.#isTorn = true;
        throw new Error('the disk is full');
      }
    } finally {
      if (fd >= 0) closeSync(fd);
    }
  }

  #open(): number {
    try {
      return openSync(this.#path, 'a+', 0o600);
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
      mkdirSync(this.#options.folder, { recursive: true, mode: 0o700 });
      return openSync(this.#path, 'a+', 0o600);
    }
  }

  /** The next line must not be glued to the beginning of another; and a file from elsewhere is for this user only. */
  #mend(fd: number): void {
    if (!this.#isTorn) return;
    const { size, mode } = fstatSync(fd);
    if ((mode & 0o077) !== 0) fchmodSync(fd, 0o600);
    const last = Buffer.alloc(1);
    if (size > 0 && readSync(fd, last, 0, 1, size - 1) === 1 && last[0] !== 0x0a) writeSync(fd, '\n');
    this.#isTorn = false;
  }

  #rotate(): void {
    const { folder, name, files } = this.#options;
    // All from the last one on: there may have been more of them once.
    for (const file of logFileNames(folder, name)) {
      const isKept = file === name || Number(file.slice(name.length + 1)) < files - 1;
      if (!isKept) rmSync(join(folder, file), { force: true });
    }
    for (let number = files - 2; number >= 1; number -= 1) {
      moveIfThere(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    if (files > 1) moveIfThere(this.#path, `${this.#path}.1`);
    else rmSync(this.#path, { force: true });
  }
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    // Another process may have moved it a moment ago.
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
  }
}
