import { mkdtempSync, readdirSync, readlinkSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DiagnosticsPiece } from '../../../../src-contract/index.ts';
import { TestClock } from '../../../../tests/support/test-clock.ts';
import { readZip } from '../../../../tests/support/zip-reader.ts';
import { LogRedaction } from '../../log-redaction.ts';
import { Diagnostics, type DiagnosticsDocument } from './diagnostics.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-diagnostics-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const MEMORY = 'the cellar key';

function open(documents: readonly DiagnosticsDocument[] = [], max_log_bytes = 10_000_000): Diagnostics {
  const redaction = new LogRedaction(['a-known-secret']);
  return new Diagnostics({ documents, logs_folder: folder, redaction, clock: new TestClock(), max_log_bytes });
}

async function filesOf(pieces: AsyncIterable<DiagnosticsPiece>): Promise<ReadonlyMap<string, string>> {
  const parts: Buffer[] = [];
  for await (const piece of pieces) if (piece.kind === 'bytes') parts.push(Buffer.from(piece.base64, 'base64'));
  return new Map([...readZip(Buffer.concat(parts))].map(([name, content]) => [name, content.toString('utf8')]));
}

/** Files below the folder that this process has open. */
const openFiles = () =>
  readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  });

describe('a file of diagnostics', () => {
  it('copies entries of older versions without what they should not hold, and no line that is none', async () => {
    const entry = `{"level":30,"time":1,"msg":"kept","content":"${MEMORY}"}`;
    const torn = `{"level":30,"time":1,"content":"${MEMORY}`;
    const endless = `{"content":"${`${MEMORY} `.repeat(400_000)}"}`;
    writeFileSync(join(folder, 'archon.log'), [entry, torn, endless, entry, torn].join('\n'));
    const log = (await filesOf(open().pieces(undefined))).get('logs/archon.log') ?? '';
    expect(log).not.toContain('cellar');
    expect(log.match(/"kept"/g)).toHaveLength(2);
    expect(log).toContain(`[${torn.length} characters that are no entry]`);
  });

  it('says only what is in it when the logs are larger than it takes', async () => {
    const lines = '{"level":30,"time":1}\n'.repeat(100);
    for (const [index, name] of ['archon.log', 'archon.log.1', 'archon.log.2'].entries()) {
      writeFileSync(join(folder, name), lines);
      utimesSync(join(folder, name), 1000 - index, 1000 - index);
    }
    const diagnostics = open([], lines.length * 1.5);
    const files = await filesOf(diagnostics.pieces(undefined));
    expect([...files.keys()].sort()).toEqual(['logs/archon.log', 'logs/archon.log.1', 'manifest.json']);
    const told = diagnostics.contents().files;
    expect(told.map(({ file }) => file).sort()).toEqual([...files.keys()].sort());
    expect(told.at(-1)).toMatchObject({ file: 'logs/archon.log.1', what: expect.stringContaining('newest part') });
    expect(JSON.parse(files.get('manifest.json') ?? '').files).toEqual(told);
  });

  it('says why a document is missing, without secrets', async () => {
    const read = () => {
      throw new Error('no answer of redis://:a-known-secret@cache');
    };
    const files = await filesOf(open([{ file: 'one.json', what: '', read }]).pieces(undefined));
    expect(files.has('one.json')).toBe(false);
    expect(files.get('manifest.json')).toContain('redis://[redacted]@cache');
  });

  it.runIf(process.platform === 'linux')('leaves no file open when nobody wants it any more', async () => {
    // Does not shrink, so that it is far from its end.
    const noise = Array.from({ length: 60_000 }, () => `{"n":"${Math.random()}${Math.random()}"}\n`).join('');
    for (const name of ['archon.log', 'archon.log.1', 'worker-7.log']) writeFileSync(join(folder, name), noise);
    const pieces = open().pieces(undefined);
    for await (const piece of pieces) if (piece.kind === 'bytes') break;
    await expect.poll(openFiles, { timeout: 5000 }).toEqual([]);
  });
});
