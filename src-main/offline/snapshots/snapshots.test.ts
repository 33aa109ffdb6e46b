import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src-contract/index.ts';
import { type GeneratedMemory, memoryOf } from '../../../tests/support/transfer-arbitraries.ts';
import { ORG, OTHER_ORG, TransferHarness } from '../../../tests/support/transfer-harness.ts';
import { ArchonError } from '../../errors.ts';
import type { Copies, StartCopyEngine } from '../open-profile.ts';
import { Snapshots } from './snapshots.ts';

/** Profiles on fakes: the one that is open, and copies of it. */
class Stage {
  readonly source: TransferHarness;
  readonly copies = new Map<string, TransferHarness>();
  readonly profiles = new Map<string, Parameters<Copies['add']>[0]>();
  snapshots: Snapshots;
  /** Called when the engine of a copy has started. */
  onEngine: (copy: TransferHarness) => void = () => undefined;
  name = 'Production';
  place = 'production';

  constructor(source: TransferHarness) {
    this.source = source;
    this.snapshots = this.newSnapshots(this.folder);
  }

  get folder(): string {
    return join(this.source.folder, 'offline');
  }

  newSnapshots(folder: string): Snapshots {
    const startCopyEngine: StartCopyEngine = async ({ folder: path, signal }) => {
      signal.throwIfAborted();
      const known = this.copies.get(path);
      const copy = known ?? (await TransferHarness.create({ progress_every_ms: 0, batch: SMALL }));
      if (known) await known.restart();
      this.copies.set(path, copy);
      this.onEngine(copy);
      return { transfer: copy.jobs, ensure: async () => undefined, stop: () => copy.jobs.stop() };
    };
    return new Snapshots({
      folder,
      open: () => ({ name: this.name, place: this.place, transfer: this.source.jobs }),
      copies: {
        folderOf: (profile_id) => join(this.source.folder, 'profiles', profile_id),
        has: (profile_id) => this.profiles.has(profile_id),
        add: (copy) => void this.profiles.set(copy.profile_id, copy),
      },
      startCopyEngine,
      clock: this.source.clock,
      logger: pino({ level: 'silent' }),
    });
  }

  async ended(snapshot_id: string): Promise<Snapshot> {
    await this.snapshots.settled(snapshot_id);
    return this.snapshots.get(ORG, snapshot_id);
  }

  /** The copy of a snapshot that succeeded. */
  copyOf(snapshot: Snapshot): TransferHarness {
    expect(snapshot).toMatchObject({ state: 'succeeded' });
    const profile_id = snapshot.state === 'succeeded' ? snapshot.profile_id : null;
    const copy = this.copies.get(join(this.source.folder, 'profiles', profile_id ?? ''));
    if (copy === undefined) throw new Error('there is no copy');
    return copy;
  }

  async archives(): Promise<string[]> {
    return await readdir(join(this.folder, 'archives')).catch(() => []);
  }
}

const SMALL = { messages: 5, characters: 1_000_000 };
const samples = (count: number, seed: number) => fc.sample(memoryOf(ORG.org_id), { numRuns: count, seed });

/** Counts and checksums of all a harness holds. */
async function said(harness: TransferHarness): Promise<unknown> {
  await harness.restart();
  const { job_id } = await harness.jobs.startExport(ORG, { scope: { kind: 'org' } });
  await harness.jobs.finished(ORG, job_id);
  const { path } = await harness.jobs.exportFile(ORG, job_id);
  const manifest: unknown = JSON.parse(
    gunzipSync(await readFile(path))
      .toString()
      .trimEnd()
      .split('\n')
      .at(-1) ?? '',
  );
  expect(manifest).toMatchObject({ counts: { working: expect.any(Number) } });
  return manifest;
}

let stage: Stage;
beforeEach(async () => {
  const source = await TransferHarness.create({ progress_every_ms: 0 });
  const [first, ...others] = samples(12, 21) as [GeneratedMemory, ...GeneratedMemory[]];
  for (const { record, messages } of first.sessions) {
    await source.sessions.create(ORG, record, messages, source.clock.now());
  }
  await source.memory.insert(ORG, first);
  for (const { working, longterm } of others) await source.memory.insert(ORG, { working, longterm });
  stage = new Stage(source);
  await stage.snapshots.start();
});
afterEach(async () => {
  await stage.snapshots.stop();
  for (const copy of stage.copies.values()) await copy.dispose();
  await stage.source.dispose();
});

const take = (into: 'archive' | 'copy') =>
  stage.snapshots.take(ORG, { name: 'As it was', users: null, into }).snapshot_id;
/** Does something once, when so many rows of the source were read. */
const whenRead = (count: number, act: () => void) => {
  const rows = stage.source.memory.rows.bind(stage.source.memory);
  let read = 0;
  stage.source.memory.rows = async function* (...given) {
    for await (const row of rows(...given)) {
      read += 1;
      if (read === count) act();
      yield row;
    }
  };
};

describe('a snapshot', () => {
  it('into a copy holds all the source holds, and leaves no archive', async () => {
    const done = await stage.ended(take('copy'));
    expect(await said(stage.copyOf(done))).toEqual(await said(stage.source));
    expect([...stage.profiles.values()]).toMatchObject([{ name: 'As it was', source: 'Production' }]);
    expect(await stage.archives()).toEqual([]);
  });

  it('into an archive can be given out until it is forgotten', async () => {
    const snapshot_id = take('archive');
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'succeeded', archive: { sha256: /^[0-9a-f]{64}$/ } });
    const { path, name } = await stage.snapshots.archive(ORG, snapshot_id);
    expect(name).toBe('archon-all-2026-06-01.archon.gz');
    expect((await stat(path)).size).toBeGreaterThan(0);
    await expect(stage.snapshots.archive(OTHER_ORG, snapshot_id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await stage.snapshots.forget(ORG, snapshot_id);
    expect(await stage.archives()).toEqual([]);
  });

  it('that is paused while it is read goes on behind what it read', async () => {
    whenRead(20, () => void stage.snapshots.pause(ORG, snapshot_id));
    const snapshot_id = take('copy');
    expect(await stage.ended(snapshot_id)).toMatchObject({
      state: 'paused',
      reason: null,
      progress: { phase: 'reading' },
    });
    let read = 0;
    const rows = stage.source.memory.rows.bind(stage.source.memory);
    stage.source.memory.rows = async function* (...given) {
      for await (const row of rows(...given)) {
        read += 1;
        yield row;
      }
    };
    stage.snapshots.resume(ORG, snapshot_id);
    const done = await stage.ended(snapshot_id);
    expect(read).toBeLessThan((await stage.source.memory.count(ORG, {})) - 15);
    stage.source.memory.rows = rows;
    expect(await said(stage.copyOf(done))).toEqual(await said(stage.source));
  });

  it('that is paused while it is written goes on in the same copy', async () => {
    stage.onEngine = (copy) => {
      let batches = 0;
      copy.memory.onInsert = () => {
        batches += 1;
        if (batches === 2) void stage.snapshots.pause(ORG, snapshot_id);
      };
    };
    const snapshot_id = take('copy');
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'paused', progress: { phase: 'writing' } });
    expect(stage.profiles.size).toBe(0);
    stage.onEngine = () => undefined;
    stage.snapshots.resume(ORG, snapshot_id);
    const done = await stage.ended(snapshot_id);
    expect(stage.copies.size).toBe(1);
    expect(await said(stage.copyOf(done))).toEqual(await said(stage.source));
  });

  it('that was killed while it was written rests at the next start, and goes on', async () => {
    const after = join(stage.source.folder, 'offline-after');
    let frozen: Promise<void> = Promise.resolve();
    stage.onEngine = (copy) => {
      copy.memory.onInsert = () => {
        // What lies on the disk in the midst of it.
        frozen = cp(stage.folder, after, { recursive: true });
        copy.memory.onInsert = () => undefined;
      };
    };
    const snapshot_id = take('copy');
    await stage.ended(snapshot_id);
    await frozen;
    stage.profiles.clear();
    stage.onEngine = () => undefined;
    stage.snapshots = stage.newSnapshots(after);
    await stage.snapshots.start();
    expect(stage.snapshots.get(ORG, snapshot_id)).toMatchObject({ state: 'paused', reason: /Archon was stopped/ });
    stage.snapshots.resume(ORG, snapshot_id);
    expect(await said(stage.copyOf(await stage.ended(snapshot_id)))).toEqual(await said(stage.source));
    expect(stage.profiles.size).toBe(1);
  });

  it.each([
    ['read', 'reading'],
    ['written', 'writing'],
  ])('that is cancelled while it is %s removes all it wrote', async (_when, phase) => {
    const cancel = () => void stage.snapshots.cancel(ORG, snapshot_id);
    if (phase === 'reading') whenRead(10, cancel);
    else stage.onEngine = cancel;
    const snapshot_id = take('copy');
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'cancelled' });
    expect(await stage.archives()).toEqual([]);
    expect(stage.profiles.size).toBe(0);
    expect(() => stage.snapshots.resume(ORG, snapshot_id)).toThrow(/cancelled/);
  });

  it('rests with the reason while its source is away, and goes on when it is back', async () => {
    const whole = await said(stage.source);
    whenRead(25, () => {
      throw new ArchonError('STORAGE_UNAVAILABLE', 'PostgreSQL is away.');
    });
    const snapshot_id = take('copy');
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'paused', reason: /PostgreSQL is away.*resume/ });
    stage.snapshots.resume(ORG, snapshot_id);
    expect(await said(stage.copyOf(await stage.ended(snapshot_id)))).toEqual(whole);
  });

  it('rests when the disk is full and says so; cancelling it makes room', async () => {
    whenRead(5, () => {
      throw Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' });
    });
    const snapshot_id = take('archive');
    expect(await stage.ended(snapshot_id)).toMatchObject({
      state: 'paused',
      reason: /disk .* is full: free some space/,
    });
    expect(await stage.snapshots.cancel(ORG, snapshot_id)).toMatchObject({ state: 'cancelled' });
    expect(await stage.archives()).toEqual([]);
  });

  it('is not gone on with from another profile', async () => {
    whenRead(5, () => void stage.snapshots.pause(ORG, snapshot_id));
    const snapshot_id = take('copy');
    await stage.ended(snapshot_id);
    Object.assign(stage, { name: 'Staging', place: 'staging' });
    stage.snapshots.resume(ORG, snapshot_id);
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'paused', reason: /open that profile/ });
  });

  it('of a newer Archon, which cannot be read, keeps its archive', async () => {
    const ids = [take('archive'), take('archive')] as const;
    for (const snapshot_id of ids) await stage.ended(snapshot_id);
    const file = join(stage.folder, 'snapshots', `${ids[0]}.json`);
    await writeFile(file, (await readFile(file, 'utf8')).replace('"succeeded"', '"sealed"'));
    await rm(join(stage.folder, 'snapshots', `${ids[1]}.json`));
    stage.snapshots = stage.newSnapshots(stage.folder);
    await stage.snapshots.start();
    expect(stage.snapshots.list(ORG)).toEqual([]);
    expect(await stage.archives()).toEqual([`${ids[0]}.archon.gz`]);
  });

  it('that cannot be stored as resting does not keep Archon from starting', async () => {
    whenRead(5, () => void stage.snapshots.pause(ORG, snapshot_id));
    const snapshot_id = take('archive');
    await stage.ended(snapshot_id);
    const file = join(stage.folder, 'snapshots', `${snapshot_id}.json`);
    const running = (await readFile(file, 'utf8')).replace('"state":"paused"', '"state":"running"');
    await writeFile(file, running);
    // As on a full disk: nothing can be written beside it.
    await mkdir(`${file}.new`);
    stage.snapshots = stage.newSnapshots(stage.folder);
    await stage.snapshots.start();
    expect(stage.snapshots.get(ORG, snapshot_id)).toMatchObject({ state: 'paused', reason: /Archon was stopped/ });
    await rm(`${file}.new`, { recursive: true });
    stage.snapshots.resume(ORG, snapshot_id);
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'succeeded' });
  });

  it('of a copy shows the moment of the copy, however late it is taken', async () => {
    const moment = '2026-05-01T00:00:00.000Z';
    stage.source.moment = { now: () => Date.parse(moment) };
    await stage.source.restart();
    expect(await stage.ended(take('copy'))).toMatchObject({ state: 'succeeded', taken_at: moment });
    expect([...stage.profiles.values()]).toMatchObject([{ taken_at: moment }]);
  });

  it('rests when Archon stops', async () => {
    whenRead(5, () => void stage.snapshots.stop());
    const snapshot_id = take('copy');
    expect(await stage.ended(snapshot_id)).toMatchObject({ state: 'paused', reason: /Archon was stopped/ });
    expect(() => take('copy')).toThrow(/shutting down/);
  });
});

describe('an archive that is opened', () => {
  const archive = async () => {
    const snapshot_id = take('archive');
    await stage.ended(snapshot_id);
    return (await stage.snapshots.archive(ORG, snapshot_id)).path;
  };
  const open = async (path: string) => {
    const source = { kind: 'file', path } as const;
    const { snapshot_id } = await stage.snapshots.openArchive(ORG, { name: 'Opened', source });
    return await stage.ended(snapshot_id);
  };

  it('becomes a copy, and stays where it is', async () => {
    const path = await archive();
    expect(await said(stage.copyOf(await open(path)))).toEqual(await said(stage.source));
    expect((await stat(path)).size).toBeGreaterThan(0);
  });

  it('was sent and is taken over: it is there when the upload is swept', async () => {
    const bytes = await readFile(await archive());
    const { upload_id } = await stage.source.jobs.beginUpload(ORG, { name: 'sent.archon.gz', size: bytes.length });
    await stage.source.jobs.receiveChunk(ORG, upload_id, 0, bytes);
    const source = { kind: 'upload', upload_id } as const;
    const { snapshot_id } = await stage.snapshots.openArchive(ORG, { name: 'Sent', source });
    const done = await stage.ended(snapshot_id);
    expect(done).toMatchObject({ state: 'succeeded', source: 'sent.archon.gz', archive: null });
    await expect(stage.snapshots.openArchive(ORG, { name: 'Again', source })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it('is refused with the line when it is damaged, and nothing is made of it', async () => {
    const lines = gunzipSync(await readFile(await archive()))
      .toString()
      .trimEnd()
      .split('\n');
    const damaged = async (name: string, content: string) => {
      const path = join(stage.source.folder, name);
      await writeFile(path, content);
      return await open(path);
    };
    const broken = [...lines.slice(0, 4), '{"type":"working"}', ...lines.slice(5)].join('\n');
    expect(await damaged('broken', broken)).toMatchObject({ state: 'failed', failure: /damaged in line 5/ });
    expect(await damaged('cut', lines.slice(0, 9).join('\n'))).toMatchObject({ state: 'failed', failure: /cut off/ });
    expect(await damaged('foreign', '{"a":1}\n')).toMatchObject({ state: 'failed', failure: /no Archon archive/ });
    const newer = lines.join('\n').replace(/"version":\d/, '"version":7');
    expect(await damaged('newer', newer)).toMatchObject({ state: 'failed', failure: /Update Archon/ });
    expect(stage.copies.size).toBe(0);
  });
});
