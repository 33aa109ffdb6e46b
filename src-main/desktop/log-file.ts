/** The log of the desktop app: lines of JSON in files of the data folder, which nobody else would clear up. */
import { appendFileSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { LOG_REDACTION } from '../observability/log-redaction.ts';

const LOG_NAME = 'archon.log';
const MAX_FILE_BYTES = 5 * 1024 ** 2;
/** Files kept beside the one that is written: archon.log.1 is the newest of them. */
const KEPT_FILES = 4;

export const logsFolder = (data_dir: string): string => join(data_dir, 'logs');

/** A logger that writes to the folder; when that is not possible it writes nothing, and the app goes on. */
export function createFileLogger(folder: string, level: string): Logger {
  const file = new RotatingFile(folder, { max_bytes: MAX_FILE_BYTES, kept: KEPT_FILES });
  return pino({ level, redact: LOG_REDACTION }, { write: (line: string) => file.write(line) });
}

/** Appends to a file and begins a new one when it is full. */
export class RotatingFile {
  readonly #folder: string;
  readonly #path: string;
  readonly #limits: { max_bytes: number; kept: number };
  /** Bytes in the file; unknown before the first line. */
  #size: number | undefined;

  constructor(folder: string, limits: { max_bytes: number; kept: number }) {
    this.#folder = folder;
    this.#path = join(folder, LOG_NAME);
    this.#limits = limits;
  }

  write(line: string): void {
    try {
      const bytes = Buffer.byteLength(line);
      this.#size ??= this.#open();
      if (this.#size > 0 && this.#size + bytes > this.#limits.max_bytes) this.#rotate();
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#size += bytes;
    } catch {
      // There is no other place to say it: an app without a terminal has only this file.
      this.#size = undefined;
    }
  }

  #open(): number {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }

  #rotate(): void {
    const { kept } = this.#limits;
    rmSync(`${this.#path}.${kept}`, { force: true });
    for (let number = kept - 1; number >= 1; number -= 1) {
      moveIfThere(`${this.#path}.${number}`, `${this.#path}.${number + 1}`);
    }
    moveIfThere(this.#path, `${this.#path}.1`);
    this.#size = 0;
  }
}

function moveIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false })) renameSync(from, to);
}
