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

/** Whole lines of the last `most` bytes. What cannot be read any more is said in their place. */
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
      const from = Math.max(0, size - most);
      let rest = '';
      let isWhole = from === 0;
      const decoder = new StringDecoder('utf8');
      for (let at = from; at < size; ) {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(CHUNK_BYTES, size - at)), 0, null, at);
        if (bytesRead === 0) break;
        at += bytesRead;
        const lines = (rest + decoder.write(buffer.subarray(0, bytesRead))).split('\n');
        rest = lines.pop() ?? '';
        if (rest.length > MAX_LINE) rest = '';
        if (!isWhole) lines.shift();
        isWhole = true;
        if (lines.length > 0) yield Buffer.from(lines.map((line) => `${shown(line, redaction)}\n`).join(''), 'utf8');
      }
      if (rest !== '') yield Buffer.from(`${shown(rest, redaction)}\n`, 'utf8');
    } finally {
      await file.close();
    }
  } catch (error) {
    yield Buffer.from(`[the rest could not be read: ${error instanceof Error ? error.message : error}]\n`, 'utf8');
  }
}

function shown(line: string, redaction: LogRedaction): string {
  const entry = parseObject(line);
  return entry === undefined ? redaction.text(line) : JSON.stringify(redaction.entry(entry));
}
