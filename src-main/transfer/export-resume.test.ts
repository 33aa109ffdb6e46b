import { copyFile, readFile, rename, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportJob } from '../../src-contract/index.ts';
import { type GeneratedMemory, memoryOf } from '../../tests/support/transfer-arbitraries.ts';
import { ORG, OTHER_ORG, TransferHarness } from '../../tests/support/transfer-harness.ts';
import { ArchonError } from '../errors.ts';
import { type ArchiveCheckpoint, type ArchiveContent, PARTIAL_SUFFIX, writeArchive } from './archive/archive-file.ts';
import { archiveRecords } from './archive/archive-records.ts';

let harness: TransferHarness;
beforeEach(async () => {
  harness = await TransferHarness.create();
});
afterEach(() => harness.dispose());

const { signal } = new AbortController();
const unpackedText = async (path: string) => gunzipSync(await readFile(path)).toString();
const asExport = (job: unknown) => job as ExportJob;

async function fill(memory: GeneratedMemory): Promise<void> {
  for (const { record, messages } of memory.sessions) {
    await harness.sessions.create(ORG, record, messages, harness.clock.now());
  }
  await harness.memory.insert(ORG, memory);
}

function content(onCheckpoint: (checkpoint: ArchiveCheckpoint) => void): ArchiveContent {
  const { sessions, memory, clock } = harness;
  const source = { sessions, memory, now: () => clock.now(), retry_delays_ms: [], signal };
  return {
    scope: { kind: 'org' },
    created_at: '2026-06-01T12:00:00.000Z',
    app_version: '0.1.0',
    records: (after) => archiveRecords(source, ORG, { kind: 'org' }, after),
    onBegin: () => undefined,
    onRecord: () => undefined,
    onCheckpoint,
  };
}

describe('an archive whose writing was cut off anywhere', () => {
  it('says the same as one that was written at once, wherever it goes on', async () => {
    await fc.assert(
      fc.asyncProperty(memoryOf(ORG.org_id), fc.nat(), fc.nat({ max: 50 }), async (memory, which, torn) => {
        await harness.dispose();
        harness = await TransferHarness.create();
        await fill(memory);
        const path = join(harness.folder, 'whole.archon.gz');
        const cut = join(harness.folder, 'cut.archon.gz');
        const checkpoints: ArchiveCheckpoint[] = [];
        const member_length = 200;
        await writeArchive(
          path,
          content((found) => checkpoints.push(found)),
          { signal, resume: null, member_length },
        );
        const resume = checkpoints[which % Math.max(1, checkpoints.length)] ?? null;
        // The process was killed: behind the checkpoint lies a piece of what came next, or nothing.
        await copyFile(path, cut + PARTIAL_SUFFIX);
        if (resume) await truncate(cut + PARTIAL_SUFFIX, Math.min(resume.bytes + torn, (await readFile(path)).length));
        const written = await writeArchive(
          cut,
          content(() => undefined),
          { signal, resume, member_length },
        );
        expect(await unpackedText(cut)).toBe(await unpackedText(path));
        expect(written.bytes).toBe((await readFile(cut)).length);
      }),
      { numRuns: 25 },
    );
  });

  it('begins anew when what was written has changed since, so that none is ever damaged', async () => {
    await fill(fc.sample(memoryOf(ORG.org_id), { numRuns: 1, seed: 4 })[0] as GeneratedMemory);
    const path = join(harness.folder, 'whole.archon.gz');
    const checkpoints: ArchiveCheckpoint[] = [];
    const options = { signal, resume: null, member_length: 200 };
    await writeArchive(
      path,
      content((found) => checkpoints.push(found)),
      options,
    );
    const before = await unpackedText(path);
    const resume = checkpoints.at(-1) ?? null;
    const bytes = await readFile(path);
    bytes[30] = (bytes[30] ?? 0) ^ 1;
    await writeFile(path, bytes);
    await rename(path, path + PARTIAL_SUFFIX);
    await writeArchive(
      path,
      content(() => undefined),
      { ...options, resume },
    );
    expect(await unpackedText(path)).toBe(before);
  });
});

describe('an export', () => {
  const fillMany = async () => {
    const [memory] = fc.sample(memoryOf(ORG.org_id), { numRuns: 1, seed: 9 });
    const template = memory?.working[0] ?? memory?.longterm[0];
    if (!memory || !template) throw new Error('the sample holds no memory');
    await fill(memory);
    const working = fc.sample(memoryOf(ORG.org_id), { numRuns: 40, seed: 10 }).flatMap((one) => one.working);
    await harness.memory.insert(ORG, { working });
  };
  /** Does something once, when so many rows were read. */
  const whenRead = (count: number, act: () => void) => {
    const rows = harness.memory.rows.bind(harness.memory);
    let read = 0;
    harness.memory.rows = async function* (...given) {
      for await (const row of rows(...given)) {
        read += 1;
        if (read === count) act();
        yield row;
      }
    };
  };
  const wholeExport = async () => {
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await harness.jobs.finished(ORG, job_id);
    return await unpackedText((await harness.jobs.exportFile(ORG, job_id)).path);
  };

  it('that is paused goes on where it was, after a restart too, and is as good as one that was not', async () => {
    await fillMany();
    const whole = await wholeExport();
    whenRead(20, () => void harness.jobs.pause(ORG, job_id));
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({ state: 'paused', can_resume: 'at_once' });
    await harness.restart();
    const again = await harness.jobs.resume(ORG, job_id);
    expect(again).toMatchObject({ job_id, state: 'running' });
    const ended = asExport(await harness.jobs.finished(ORG, job_id));
    expect(ended).toMatchObject({ state: 'succeeded', can_resume: null, failure: null });
    expect(ended.progress.records_done).toBe(ended.progress.records_total);
    expect(await unpackedText((await harness.jobs.exportFile(ORG, job_id)).path)).toBe(whole);
  });

  it('goes on after the stores were away', async () => {
    await fillMany();
    const whole = await wholeExport();
    whenRead(15, () => {
      throw new ArchonError('STORAGE_UNAVAILABLE', 'The database is away.');
    });
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    const failed = await harness.jobs.finished(ORG, job_id);
    expect(failed).toMatchObject({ state: 'failed', can_resume: 'at_once', failure: expect.stringContaining('away') });
    await harness.jobs.resume(ORG, job_id);
    expect(await harness.jobs.finished(ORG, job_id)).toMatchObject({ state: 'succeeded' });
    expect(await unpackedText((await harness.jobs.exportFile(ORG, job_id)).path)).toBe(whole);
  });

  it('that rests and is cancelled leaves nothing and does not go on', async () => {
    await fillMany();
    whenRead(20, () => void harness.jobs.pause(ORG, job_id));
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await harness.jobs.finished(ORG, job_id);
    expect(await harness.jobs.cancel(ORG, job_id)).toMatchObject({ state: 'cancelled', can_resume: null });
    await expect(harness.jobs.resume(ORG, job_id)).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(readFile(join(harness.folder, 'exports', `${job_id}.archon.gz.partial`))).rejects.toThrow('ENOENT');
  });

  it('does not go on in another database, nor for another organisation', async () => {
    await fillMany();
    whenRead(20, () => void harness.jobs.pause(ORG, job_id));
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
    await harness.jobs.finished(ORG, job_id);
    await expect(harness.jobs.resume(OTHER_ORG, job_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    harness.store_identity = 'others';
    await harness.restart();
    await expect(harness.jobs.resume(ORG, job_id)).rejects.toThrow(/another database/);
  });

  it('of chosen users holds these and nobody else', async () => {
    await fillMany();
    const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'users', user_ids: ['bob', 'alice'] } });
    const job = asExport(await harness.jobs.finished(ORG, job_id));
    const { path, name } = await harness.jobs.exportFile(ORG, job_id);
    expect(name).toBe('archon-2-users-2026-06-01.archon.gz');
    const lines = (await unpackedText(path)).trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ version: 2, scope: { kind: 'users' } });
    const users = new Set(lines.map((line) => /"user_id":"([^"]*)"/.exec(line)?.[1]).filter(Boolean));
    expect([...users].sort()).toEqual(['alice', 'bob']);
    expect(job.progress.records_total).toBe(lines.length - 2);
    const target = await TransferHarness.create();
    const begun = await target.jobs.startImport(OTHER_ORG, { source: { kind: 'file', path }, format: 'auto' });
    expect(await target.jobs.finished(OTHER_ORG, begun.job_id)).toMatchObject({ state: 'succeeded', error_count: 0 });
    await target.dispose();
  });
});
