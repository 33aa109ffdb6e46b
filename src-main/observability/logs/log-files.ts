/** Reads the files of a log backwards, in pieces: however large they are, little of them is in memory. */
import { closeSync, fstatSync, openSync, readdirSync, readSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type LogRecord, parseRecord } from './log-record.ts';

const CHUNK_BYTES = 128 * 1024;
/** A line that is longer is none of ours. */
const MAX_LINE_BYTES = 2 * 1024 ** 2;
/** Where an entry is looked for no closer: the rest is read. */
const NEAR_BYTES = 2 * CHUNK_BYTES;
const NEWLINE = 0x0a;

/** What was read next: entries, newest first, and how many lines were none. */
export interface LogPiece {
  records: LogRecord[];
  broken: number;
  bytes: number;
}

/** The files of a log that are there, the one that is written first. */
export function logFileNames(folder: string, name: string): string[] {
  const older = (file: string) => (file === name ? 0 : Number(file.slice(name.length + 1)));
  try {
    return readdirSync(folder)
      .filter((file) => file === name || (file.startsWith(`${name}.`) && /^\d{1,4}$/.test(file.slice(name.length + 1))))
      .sort((a, b) => older(a) - older(b));
  } catch {
    return [];
  }
}

/**
 * Entries with ids below `before`, newest first. All files are opened at the beginning: what is rotated meanwhile is read
 * on where it was.
 */
export async function* readBackwards(folder: string, name: string, before: number): AsyncGenerator<LogPiece, void> {
  const files: FileHandle[] = [];
  try {
    for (const file of logFileNames(folder, name)) {
      const handle = await open(join(folder, file), 'r').catch(() => undefined);
      if (handle) files.push(handle);
    }
    for (const file of files) yield* readFile(file, before);
  } finally {
    for (const file of files) await file.close();
  }
}

/** The id of the last entry of a file, read at once: a start needs it. Undefined when there is none. */
export function lastIdOf(path: string): number | undefined {
  try {
    const fd = openSync(path, 'r');
    try {
      const { size } = fstatSync(fd);
      const end = Buffer.alloc(Math.min(size, NEAR_BYTES));
      readSync(fd, end, 0, end.length, size - end.length);
      const lines = end.toString('utf8').split('\n').reverse();
      for (const line of lines) {
        const record = parseRecord(line);
        if (record) return record.id;
      }
    } finally {
      closeSync(fd);
    }
  } catch {
    // No file, or none that can be read: as good as empty.
  }
  return undefined;
}

async function* readFile(file: FileHandle, before: number): AsyncGenerator<LogPiece, void> {
  const info = await file.stat();
  if (!info.isFile()) return;
  const end = await endOf(file, info.size, before);
  let isCut = end < info.size;
  for await (const { lines, broken, bytes } of linesBackwards(file, end)) {
    // It ends within a line, of an entry that is not asked for.
    if (isCut) lines.shift();
    isCut = false;
    const piece: LogPiece = { records: [], broken, bytes };
    for (const line of lines) {
      if (line === '') continue;
      const record = parseRecord(line);
      if (record === undefined) piece.broken += 1;
      else if (record.id < before) piece.records.push(record);
    }
    yield piece;
  }
}

/** Where to begin: all entries below `before` lie before it, and not much else does. Ids grow with the file. */
async function endOf(file: FileHandle, size: number, before: number): Promise<number> {
  if (!Number.isFinite(before)) return size;
  let [low, high] = [0, size];
  while (high - low > NEAR_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const found = await entryAfter(file, middle);
    if (found === undefined) break;
    if (found.id < before) low = middle;
    else high = middle;
  }
  // Up to the end of the line that `high` may lie in.
  return Math.min(size, high + CHUNK_BYTES);
}

async function entryAfter(file: FileHandle, offset: number): Promise<LogRecord | undefined> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(CHUNK_BYTES), 0, CHUNK_BYTES, offset);
  const [, ...lines] = buffer.subarray(0, bytesRead).toString('utf8').split('\n');
  for (const line of lines.slice(0, -1)) {
    const record = parseRecord(line);
    if (record) return record;
  }
  return undefined;
}

async function* linesBackwards(
  file: FileHandle,
  end: number,
): AsyncGenerator<{ lines: string[]; broken: number; bytes: number }, void> {
  /** The beginning of what was read so far: the end of a line that begins before it. */
  let rest = Buffer.alloc(0);
  let isTooLong = false;
  for (let to = end; to > 0; ) {
    const from = Math.max(0, to - CHUNK_BYTES);
    const chunk = Buffer.alloc(to - from);
    const { bytesRead } = await file.read(chunk, 0, chunk.length, from);
    const text = Buffer.concat([chunk.subarray(0, bytesRead), rest]);
    const first = from === 0 ? -1 : text.indexOf(NEWLINE);
    to = from;
    if (from > 0 && first < 0) {
      isTooLong ||= text.length > MAX_LINE_BYTES;
      rest = isTooLong ? Buffer.alloc(0) : text;
      yield { lines: [], broken: 0, bytes: chunk.length };
      continue;
    }
    const lines = text
      .subarray(first + 1)
      .toString('utf8')
      .split('\n');
    if (isTooLong) lines.pop();
    rest = first < 0 ? Buffer.alloc(0) : text.subarray(0, first);
    yield {
      lines: lines.reverse(),
      broken: isTooLong ? 1 : 0,
      bytes: chunk.length,
    };
    isTooLong = false;
  }
}
