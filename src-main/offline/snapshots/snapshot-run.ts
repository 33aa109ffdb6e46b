/** One snapshot from where it is to its end: the source into an archive, and the archive into a copy. */
import type { ImportJob, Snapshot, TransferCounts } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { ArchiveReader } from '../../transfer/archive/archive-reader.ts';
import { inspectSource, type SourceFile } from '../../transfer/records/source-file.ts';
import type { Copies, CopyEngine, OpenProfile, StartCopyEngine } from '../open-profile.ts';
import type { StoredSnapshot } from './snapshot-files.ts';

export interface SnapshotRunDeps {
  open(): OpenProfile;
  copies: Copies;
  startCopyEngine: StartCopyEngine;
  clock: Clock;
  /** Where the archive of this snapshot is written. */
  archivePath(snapshot_id: string): string;
}

/** It cannot go on now, and can later. */
export class SnapshotRests extends Error {
  override readonly name = 'SnapshotRests';
}

type Progress = Snapshot['progress'];
type Ready = NonNullable<StoredSnapshot['ready']>;
type ProfileOrigin = Extract<StoredSnapshot['origin'], { kind: 'profile' }>;
type ArchiveOrigin = Extract<StoredSnapshot['origin'], { kind: 'archive' }>;

export class SnapshotRun {
  readonly #deps: SnapshotRunDeps;
  readonly #scope: Scope;
  readonly #stored: StoredSnapshot;
  readonly #signal: AbortSignal;
  readonly #onProgress: () => void;

  /** @param stored is kept up to date; `onProgress` is called whenever it has changed */
  constructor(
    deps: SnapshotRunDeps,
    scope: Scope,
    stored: StoredSnapshot,
    options: { signal: AbortSignal; onProgress: () => void },
  ) {
    this.#deps = deps;
    this.#scope = scope;
    this.#stored = stored;
    this.#signal = options.signal;
    this.#onProgress = options.onProgress;
  }

  /** @throws SnapshotRests, the signal's reason, or what the stores, the disk or the archive are to blame for */
  async run(): Promise<Ready> {
    const { origin } = this.#stored;
    this.#stored.ready ??=
      origin.kind === 'profile' ? await this.#writeArchive(origin) : await this.#checkArchive(origin);
    this.#onProgress();
    const { profile_id, ready } = this.#stored;
    if (profile_id !== null && !this.#deps.copies.has(profile_id)) await this.#fillCopy(profile_id, ready);
    return ready;
  }

  async #writeArchive(origin: ProfileOrigin): Promise<Ready> {
    const { transfer, place } = this.#deps.open();
    const { snapshot_id, source, started_at } = this.#stored.shown;
    if (place !== origin.place) {
      throw new SnapshotRests(`It is taken from “${source}”: open that profile, then resume it.`);
    }
    let counts: TransferCounts | undefined;
    const path = this.#deps.archivePath(snapshot_id);
    const request = { scope: origin.scope, created_at: started_at, path, resume: origin.checkpoint };
    const { bytes, sha256, created_at } = await transfer.writeArchiveTo(this.#scope, request, {
      signal: this.#signal,
      onProgress: (progress) => {
        counts = progress.exported;
        origin.checkpoint = progress.checkpoint;
        const { bytes: bytes_done, records: records_done, records_total } = progress;
        this.#tell({ phase: 'reading', bytes_done, bytes_total: null, records_done, records_total });
      },
    });
    origin.checkpoint = null;
    return { taken_at: created_at, bytes, sha256, counts: { ...(counts ?? {}) } };
  }

  /** All of it is read before the copy is begun: what is damaged makes none. */
  async #checkArchive(origin: ArchiveOrigin): Promise<Ready> {
    const source = await this.#archive(origin);
    const reader = new ArchiveReader(source, { signal: this.#signal, now_ms: this.#deps.clock.now() });
    for await (const _record of reader.records()) {
      const { bytes, records } = reader.progress;
      const bytes_total = source.size;
      this.#tell({ phase: 'reading', bytes_done: bytes, bytes_total, records_done: records, records_total: null });
    }
    const { session, message, working, longterm, revision, link } = reader.totals.counts;
    const counts = { sessions: session, messages: message, working, longterm, revisions: revision, links: link };
    const { created_at } = reader.header;
    return { taken_at: created_at, bytes: source.size, sha256: null, counts };
  }

  async #fillCopy(profile_id: string, ready: Ready): Promise<void> {
    const { copies, startCopyEngine } = this.#deps;
    const source = await this.#source();
    this.#signal.throwIfAborted();
    const folder = copies.folderOf(profile_id);
    const engine = await startCopyEngine({ folder, moment: ready.taken_at, signal: this.#signal });
    try {
      await engine.ensure(this.#scope);
      requireAll(await this.#import(engine, source, ready), ready);
    } finally {
      await engine.stop();
    }
    const { name, source: made_from } = this.#stored.shown;
    copies.add({ profile_id, name, source: made_from, taken_at: ready.taken_at });
  }

  /** An import that was begun before goes on: the copy's own jobs know it by its file. */
  async #import({ transfer }: CopyEngine, source: SourceFile, ready: Ready): Promise<ImportJob> {
    const scope = this.#scope;
    const file = { kind: 'file', path: source.path } as const;
    const { job_id } = await transfer.startImport(scope, { source: file, format: 'archon' });
    const records_total = Object.values(ready.counts).reduce((sum, count) => sum + count, 0);
    const forget = transfer.onProgress(job_id, ({ progress: { bytes_done, records_done } }) =>
      this.#tell({ phase: 'writing', bytes_done, bytes_total: source.size, records_done, records_total }),
    );
    const halt = () => void transfer.pause(scope, job_id);
    this.#signal.addEventListener('abort', halt);
    try {
      if (this.#signal.aborted) halt();
      const job = await transfer.finished(scope, job_id);
      this.#signal.throwIfAborted();
      if (job.kind !== 'import') throw new Error('an export');
      if (job.state !== 'succeeded') {
        const why = job.failure ?? 'The copy could not be written.';
        throw job.can_resume === null ? new ArchonError('CONFLICT', why) : new SnapshotRests(why);
      }
      await transfer.forget(scope, job_id);
      return job;
    } finally {
      forget();
      this.#signal.removeEventListener('abort', halt);
    }
  }

  async #source(): Promise<SourceFile> {
    const { origin, shown } = this.#stored;
    if (origin.kind === 'archive') return await this.#archive(origin);
    return await inspectSource(this.#deps.archivePath(shown.snapshot_id));
  }

  /** The file as it was when the copy was asked for. */
  async #archive({ path, fingerprint }: ArchiveOrigin): Promise<SourceFile> {
    const source = await inspectSource(path, this.#stored.shown.source);
    if (source.fingerprint === fingerprint) return source;
    throw new ArchonError('CONFLICT', `${source.name} has changed since it was chosen; open it again.`);
  }

  #tell(progress: Progress): void {
    this.#stored.shown.progress = progress;
    this.#onProgress();
  }
}

/** A copy lacks nothing of its archive, or it is none. */
function requireAll(job: ImportJob, { counts }: Ready): void {
  const [first] = job.errors;
  if (first !== undefined) {
    const place = first.line === null ? '' : `line ${first.line}: `;
    throw new ArchonError('CONFLICT', `The archive cannot be copied whole: ${place}${first.message}`);
  }
  for (const [kind, count] of Object.entries(counts)) {
    const there = added(job, kind);
    if (there === count) continue;
    throw new ArchonError('CONFLICT', `The archive cannot be copied whole: of ${count} ${kind}, ${there} arrived.`);
  }
}

function added({ added: fresh, already_there }: ImportJob, kind: string): number {
  const given = Object.entries(fresh).find(([name]) => name === kind)?.[1] ?? 0;
  return given + (Object.entries(already_there).find(([name]) => name === kind)?.[1] ?? 0);
}
