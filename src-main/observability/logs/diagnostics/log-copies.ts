/** Copies of log files for diagnostics: the newest of each, redacted once more, as an older version may have written it. */
import { readdirSync, statSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import type { LogRedaction } from '../../log-redaction.ts';
import { parseObject } from '../log-record.ts';

const LOG_FILE = /^[\w-]+\.log(\.\d{1,4})?$/;
const CHUNK_BYTES = 256 * 1024;
/** Workers come and go, each with a file of its own. */
const MAX_FILES = 50;
const MAX_LINE = 2 * 1024 ** 2;

/** Every log in the folder, the one that was written last first. */
export function everyLogFile(folder: string): { name: string; bytes: number }[] {
  const found: { name: string; bytes: number; changed_ms: number }[] = [];
  for (const name of namesIn(folder)) {
    const info = statSync(join(folder, name), { throwIfNoEntry: false });
    if (info?.isFile() && info.size > 0) found.push({ name, bytes: info.size, changed_ms: info.mtimeMs });
  }
  return found
    .sort((a, b) => b.changed_ms - a.changed_ms || a.name.localeCompare(b.name))
    .slice(0, MAX_FILES)
    .map(({ name, bytes }) => ({ name, bytes }));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => LOG_FILE.test(name));
  } catch {
    return [];
  }
}

/** The lines of the last `most` bytes. What cannot be read any more is said in their place. */
export async function* newestLines(
  folder: string,
  name: string,
  most: number,
  redaction: LogRedaction,
): AsyncGenerator<Buffer, void> {
  try {
    const file = await open(join(folder, name), 'r');
    try {
      const { size } = await file.stat();
      const copier = new LineCopier(redaction);
      const decoder = new StringDecoder('utf8');
      for (let at = Math.max(0, size - most); at < size; ) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(CHUNK_BYTES, size - at)), 0, null, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        const copied = copier.take(decoder.write(buffer.subarray(0, bytesRead)));
        if (copied !== '') yield Buffer.from(copied, 'utf8');
      }
      const last = copier.take('\n');
      if (last !== '') yield Buffer.from(last, 'utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    yield Buffer.from(`[the rest could not be read: ${error instanceof Error ? error.message : error}]\n`, 'utf8');
  }
}

/**
 * Makes copies of the lines in a text that comes in pieces. Of what is no entry only the length is told: it may be the
 * half of one, in which no name says any more what is to be left out.
 */
class LineCopier {
  readonly #redaction: LogRedaction;
  /** The beginning of a line. */
  #rest = '';
  /** Characters of that line that were let go: it is too long to be an entry. */
  #dropped = 0;

  constructor(redaction: LogRedaction) {
    this.#redaction = redaction;
  }

  take(text: string): string {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    const copies = lines.map((line) => this.#copy(line));
    if (this.#dropped > 0 || this.#rest.length > MAX_LINE) {
      this.#dropped += this.#rest.length;
      this.#rest = '';
    }
    return copies.join('');
  }

  #copy(line: string): string {
    const length = this.#dropped + line.length;
    const entry = this.#dropped > 0 ? undefined : parseObject(line);
    this.#dropped = 0;
    if (entry !== undefined) return `${JSON.stringify(this.#redaction.entry(entry))}\n`;
    return length === 0 ? '' : `[${length} characters that are no entry]\n`;
  }
}
