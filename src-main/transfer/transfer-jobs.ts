/** Imports and exports as jobs: started, watched, cancelled, and gone on with after an interruption. */
import { createHash } from 'node:crypto';
import { readdir, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Database } from 'better-sqlite3';
import type { Logger } from 'pino';
import {
  type ExportJob,
  type ExportScope,
  type ImportJob,
  type ImportKind,
  type ImportPreview,
  type ImportSource,
  LISTED_ERRORS,
  type TransferJob,
  userId,
} from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { ArchonError, assertNever, invalidField, notFound } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { MemoryTransfer } from '../memory/memory-transfer.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { type ArchiveCheckpoint, PARTIAL_SUFFIX, removePartial } from './archive/archive-file.ts';
import { type ExportedArchive, type ExportProgress, type ExportRequest, runExport } from './export-run.ts';
import { type ImportRequest, ImportRun } from './import-run.ts';
import { userNeeded } from './importers/conversation-sink.ts';
import type { BatchLimits } from './importers/importer.ts';
import { importerOf } from './importers/registry.ts';
import { jobFailure } from './job-failure.ts';
import { interrupted, JobAbort, type JobHandle, JobRunner, type RunnerTuning } from './job-runner.ts';
import { type JobExtras, JobTable, NO_EXTRAS, type StoredJob } from './job-table.ts';
import { newExportJob, newImportJob } from './new-job.ts';
import { ImportPreviews } from './preview/import-previews.ts';
import { holdsArchive } from './recognise-source.ts';
import { inspectSource, type SourceFile } from './records/source-file.ts';
import { RECORD_LIMITS, type RecordLimits } from './records/source-record.ts';
import { RETRY_DELAYS_MS } from './retry.ts';
import { type UploadProgress, Uploads } from './uploads.ts';

/** Numbers that tests make small. */
export interface TransferTuning extends RunnerTuning {
  batch: BatchLimits;
  retry_delays_ms: readonly number[];
  record_limits: RecordLimits;
}

const DEFAULT_TUNING: TransferTuning = {
  batch: { messages: 200, characters: 1024 * 1024 },
  progress_every_ms: 500,
  retry_delays_ms: RETRY_DELAYS_MS,
  max_working: 2,
  stop_within_ms: 5000,
  record_limits: RECORD_LIMITS,
};

export interface TransferDeps {
  /** history.db */
  db: Database;
  /** For `uploads/` and `exports/`. */
  folder: string;
  sessions: SessionStore;
  memory: MemoryTransfer;
  clock: Clock;
  /** The time that memory is read and written at; of a copy it stands still. */
  moment?: Clock;
  logger: Logger;
  countTokens(text: string): number;
  /** PostgreSQL text search configuration of imported memories. */
  language(scope: Scope): string;
  appVersion: string;
  /** Names the database and the session store: an import goes on only in the stores it began in. */
  store_identity: string;
  tuning?: Partial<TransferTuning>;
}

export class TransferJobs {
  readonly #deps: TransferDeps;
  readonly #tuning: TransferTuning;
  readonly #table: JobTable;
  readonly #runner: JobRunner;
  readonly #uploads: Uploads;
  readonly #previews: ImportPreviews;
  readonly #exports: string;
  /** Archives that are written for others. */
  readonly #writers = new Set<{ org_id: string; stop: AbortController; ended: Promise<void> }>();
  #stopped = false;

  constructor(deps: TransferDeps) {
    const { db, clock, logger, folder } = deps;
    this.#deps = deps;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#table = new JobTable(db);
    this.#runner = new JobRunner({ table: this.#table, clock, logger, tuning: this.#tuning });
    this.#uploads = new Uploads({ db, folder: join(folder, 'uploads'), clock });
    this.#previews = new ImportPreviews(clock);
    this.#exports = join(folder, 'exports');
  }

  /** Clears up after the process before: its running jobs are `interrupted`, what nobody needs any more is removed. */
  async start(): Promise<void> {
    for (const { job, extras } of this.#table.running()) {
      this.#table.save(
        { ...job, state: 'interrupted', finished_at: this.#now(), failure: interrupted(job.kind) },
        extras,
      );
    }
    await this.sweep();
    const files = await readdir(this.#exports).catch(() => []);
    const kept = new Set(this.#table.writing().map((job_id) => `${job_id}${ARCHIVE_SUFFIX}${PARTIAL_SUFFIX}`));
    for (const file of files) {
      if (file.endsWith(PARTIAL_SUFFIX) && !kept.has(file)) await rm(join(this.#exports, file), { force: true });
    }
  }

  /** Removes uploads that are older than a week and that no running import reads. */
  async sweep(): Promise<void> {
    await this.#uploads.sweep(this.#runner.uploadsInUse());
  }

  /**
   * Starts an import, or goes on with one of the same file that did not come to its end.
   *
   * @throws ArchonError VALIDATION_FAILED for a file or options that cannot be; NOT_FOUND for an upload; CONFLICT for an
   *   upload that is not complete or a file that is being imported
   */
  async startImport(
    scope: Scope,
    request: { source: ImportSource; format: ImportKind | 'auto'; user_id?: string | undefined },
  ): Promise<ImportJob> {
    return await this.#begin(scope, request);
  }

  /**
   * Goes on with a job that rests or stopped: an import from the file it read, an export behind what it wrote.
   *
   * @throws ArchonError CONFLICT when it cannot, or its file has changed; else as {@link startImport} does
   */
  async resume(scope: Scope, job_id: string): Promise<TransferJob> {
    const job = this.get(scope, job_id);
    return job.kind === 'import' ? await this.#resumeImport(scope, job) : this.#resumeExport(scope, job);
  }

  async #resumeImport(scope: Scope, job: ImportJob): Promise<ImportJob> {
    const { job_id } = job;
    const { request } = this.#table.get(scope.org_id, job_id)?.extras ?? NO_EXTRAS;
    if (job.can_resume !== 'at_once' || request === null) {
      const why = job.state === 'running' ? 'It is still running.' : 'Import the same file again instead.';
      throw new ArchonError('CONFLICT', `This import cannot go on by itself. ${why}`);
    }
    try {
      return await this.#begin(scope, { ...request, user_id: job.user_id ?? undefined }, job_id);
    } catch (error) {
      if (!(error instanceof ArchonError)) throw error;
      if (error.code === 'NOT_FOUND') {
        throw new ArchonError('CONFLICT', `The file that was sent is not kept any longer. ${IMPORT_AGAIN}`);
      }
      // Whoever goes on with it may be another than the one who named the file, and is told its name only.
      if (error.issues?.some(({ field }) => field === 'source.path')) {
        throw new ArchonError('CONFLICT', `${job.name} cannot be read where it was. ${IMPORT_AGAIN}`);
      }
      throw error;
    }
  }

  /** @param goesOn the job whose source this must still be */
  async #begin(
    scope: Scope,
    request: { source: ImportSource; format: ImportKind | 'auto'; user_id?: string | undefined },
    goesOn?: string,
  ): Promise<ImportJob> {
    const { format } = request;
    const user_id = request.user_id ?? null;
    if (user_id !== null && !userId.safeParse(user_id).success) throw invalidField('user_id', 'is no valid user id');
    const source = await this.#openSource(scope, request.source);
    if (user_id === null) await refuseWithoutUser(source, format);
    this.#refuseWhenStopped();
    const source_key = sha256(JSON.stringify([this.#deps.store_identity, source.fingerprint, format, user_id]));
    const running = this.#runner.findSource(scope.org_id, source_key);
    if (running) {
      throw new ArchonError(
        'CONFLICT',
        `This file is being imported by job ${running.job_id}; wait for it or cancel it.`,
      );
    }
    const last = this.#table.lastOfSource(scope.org_id, source_key);
    if (goesOn !== undefined && last?.job.job_id !== goesOn) {
      throw new ArchonError('CONFLICT', `${source.name} has changed since this import began. ${IMPORT_AGAIN}`);
    }
    const resume = last?.extras.resume ?? null;
    const previous = last?.job.kind === 'import' && resume ? { job: last.job, resume } : undefined;
    const job = newImportJob(scope, source, { user_id, started_at: this.#now(), previous });
    const upload_id = request.source.kind === 'upload' ? request.source.upload_id : null;
    const work = { scope, source, user_id, format, resume: previous?.resume ?? null };
    const extras = { ...NO_EXTRAS, resume: work.resume, upload_id, request: { source: request.source, format } };
    this.#runner.run(job, source_key, extras, async (handle) => {
      try {
        await this.#import(handle, job, work);
      } catch (error) {
        const again = handle.signal.aborted || jobFailure(error, 'import').resumable;
        if (!again) await this.#discardUpload(handle);
        throw error;
      }
      await this.#discardUpload(handle);
    });
    return structuredClone(job);
  }

  /** What a file holds, read from its beginning. @throws ArchonError as {@link startImport} does */
  async preview(scope: Scope, request: { source: ImportSource; format: ImportKind | 'auto' }): Promise<ImportPreview> {
    return await this.#previews.of(await this.#openSource(scope, request.source), request.format);
  }

  /** Imports and exports of the organisation that run or wait. */
  queueDepth(scope: Scope): number {
    const writers = [...this.#writers].filter(({ org_id }) => org_id === scope.org_id);
    return this.#runner.count(scope.org_id) + writers.length;
  }

  /** Imports and exports that run or wait, of every organisation. */
  get active(): number {
    return this.#runner.active + this.#writers.size;
  }

  async startExport(scope: Scope, request: { scope: ExportScope }): Promise<ExportJob> {
    this.#refuseWhenStopped();
    const job = newExportJob(scope, request.scope, this.#now());
    const extras: JobExtras = { ...NO_EXTRAS, writing: { stores: this.#deps.store_identity, checkpoint: null } };
    this.#runner.run(job, null, extras, (handle) => this.#export(handle, scope, job, null));
    return structuredClone(job);
  }

  #resumeExport(scope: Scope, stored: ExportJob): ExportJob {
    this.#refuseWhenStopped();
    const { writing = null } = this.#table.get(scope.org_id, stored.job_id)?.extras ?? NO_EXTRAS;
    if (stored.can_resume === null || writing === null) {
      const why = stored.state === 'running' ? 'It is still running.' : 'Start a new one instead.';
      throw new ArchonError('CONFLICT', `This export cannot go on. ${why}`);
    }
    if (writing.stores !== this.#deps.store_identity) {
      throw new ArchonError('CONFLICT', 'This export was begun in another database; start a new one.');
    }
    const job: ExportJob = { ...stored, state: 'running', finished_at: null, failure: null, can_resume: null };
    this.#runner.runAgain(job, { ...NO_EXTRAS, writing }, (handle) =>
      this.#export(handle, scope, job, writing.checkpoint),
    );
    return structuredClone(job);
  }

  async #export(
    { signal, progress }: JobHandle,
    scope: Scope,
    job: ExportJob,
    resume: ArchiveCheckpoint | null,
  ): Promise<void> {
    const path = this.#exportPath(job.job_id);
    const onProgress = ({ exported, bytes, records, records_total, checkpoint }: ExportProgress) => {
      job.exported = exported;
      job.progress = { bytes_done: bytes, bytes_total: null, records_done: records, records_total };
      progress({ writing: { stores: this.#deps.store_identity, checkpoint } });
    };
    try {
      const request = { scope: job.scope, created_at: job.started_at, path, resume };
      const { bytes, sha256: checksum } = await runExport(this.#exportDeps(), scope, request, { signal, onProgress });
      job.progress = { ...job.progress, bytes_done: bytes, bytes_total: bytes };
      job.bytes = bytes;
      job.sha256 = checksum;
    } catch (error) {
      const rests = signal.reason instanceof JobAbort && signal.reason.state !== 'cancelled';
      if (!rests && (signal.aborted || !jobFailure(error, 'export').resumable)) await removePartial(path);
      throw error;
    }
  }

  /**
   * Writes an archive to a place of the caller's, outside of the list of jobs. Like a job it ends when Archon does.
   *
   * @throws what the stores or the disk threw, or the reason of the signal
   */
  async writeArchiveTo(
    scope: Scope,
    request: ExportRequest,
    options: { signal: AbortSignal; onProgress: (progress: ExportProgress) => void },
  ): Promise<ExportedArchive> {
    this.#refuseWhenStopped();
    const stop = new AbortController();
    const ended = Promise.withResolvers<void>();
    const writer = { org_id: scope.org_id, stop, ended: ended.promise };
    this.#writers.add(writer);
    try {
      const signal = AbortSignal.any([options.signal, stop.signal]);
      return await runExport(this.#exportDeps(), scope, request, { ...options, signal });
    } finally {
      this.#writers.delete(writer);
      ended.resolve();
    }
  }

  #exportDeps() {
    const { sessions, memory, clock, moment = clock, appVersion } = this.#deps;
    return { sessions, memory, moment, app_version: appVersion, retry_delays_ms: this.#tuning.retry_delays_ms };
  }

  /** Moves a complete upload to a place of the caller's, who has it from then on. @throws ArchonError as an import does */
  async takeUpload(scope: Scope, upload_id: string, target: string): Promise<{ name: string }> {
    return await this.#uploads.moveTo(scope, upload_id, target);
  }

  /** Names the stores memory is in: what was begun in one place must not go on in another. */
  get stores(): string {
    return this.#deps.store_identity;
  }

  /** The file a source names, looked at. @throws ArchonError as {@link startImport} does */
  async sourceFile(scope: Scope, source: ImportSource): Promise<SourceFile> {
    return await this.#openSource(scope, source);
  }

  get(scope: Scope, job_id: string): TransferJob {
    const running = this.#runner.find(scope.org_id, job_id);
    if (running) return running;
    const stored = this.#table.get(scope.org_id, job_id);
    if (stored === undefined) throw notFound('job', job_id);
    return asShown(stored);
  }

  /** Newest first, at most 100, each with its first errors. */
  list(scope: Scope): TransferJob[] {
    const jobs = this.#table.list(scope.org_id);
    return jobs.map((stored) => {
      const job = this.#runner.find(scope.org_id, stored.job.job_id) ?? asShown(stored);
      return job.kind === 'import' ? { ...job, errors: job.errors.slice(0, LISTED_ERRORS) } : job;
    });
  }

  /** Stops a job and waits until it has; one that ended is left as it is. What was imported stays. */
  async cancel(scope: Scope, job_id: string): Promise<TransferJob> {
    await this.#runner.halt(scope.org_id, job_id, 'cancelled');
    const stored = this.#table.get(scope.org_id, job_id);
    if (stored !== undefined && isAtRest(stored.job.state) && !this.#runner.find(scope.org_id, job_id)) {
      await removePartial(this.#exportPath(job_id));
      this.#table.save({ ...stored.job, state: 'cancelled', failure: null }, { ...stored.extras, writing: null });
    }
    return this.get(scope, job_id);
  }

  /** Lets a job rest where it is and waits until it does; one that is not running is left as it is. */
  async pause(scope: Scope, job_id: string): Promise<TransferJob> {
    await this.#runner.halt(scope.org_id, job_id, 'paused');
    return this.get(scope, job_id);
  }

  /** The job when it has ended. */
  async finished(scope: Scope, job_id: string): Promise<TransferJob> {
    const ended = await this.#runner.finished(scope.org_id, job_id);
    if (ended === undefined) return this.get(scope, job_id);
    const stored = this.#table.get(scope.org_id, job_id);
    return stored ? asShown({ ...stored, job: ended }) : ended;
  }

  /** Calls the listener with the job every half second while it works, and when it has ended. @returns how to stop that */
  onProgress(job_id: string, listener: (job: TransferJob) => void): () => void {
    return this.#runner.onProgress(job_id, listener);
  }

  /** The archive a finished export wrote. @throws ArchonError CONFLICT while there is none */
  async exportFile(scope: Scope, job_id: string): Promise<{ path: string; name: string }> {
    const job = this.get(scope, job_id);
    if (job.kind !== 'export') throw notFound('export', job_id);
    if (job.state === 'running') throw new ArchonError('CONFLICT', 'The export is not finished yet; wait for it.');
    const path = this.#exportPath(job_id);
    const file = job.state === 'succeeded' ? await stat(path).catch(() => undefined) : undefined;
    if (file === undefined) throw new ArchonError('CONFLICT', 'This export has no file; start a new one.');
    return { path, name: job.file_name };
  }

  async beginUpload(scope: Scope, file: { name: string; size: number }): Promise<UploadProgress> {
    return await this.#uploads.begin(scope, file);
  }

  /** Adds a piece to an upload; `received` says where the next begins. */
  async receiveChunk(scope: Scope, upload_id: string, offset: number, bytes: Uint8Array): Promise<UploadProgress> {
    return await this.#uploads.receive(scope, upload_id, offset, bytes);
  }

  /** Forgets the imports and exports of one user, with their uploads and archives; how many. Archives of all users stay. */
  async eraseUser(scope: Scope, user_id: string): Promise<number> {
    const jobs = this.#table.ofUser(scope.org_id, user_id);
    for (const stored of jobs) {
      await this.#runner.halt(scope.org_id, stored.job.job_id, 'cancelled');
      await this.#remove(stored);
    }
    return jobs.length;
  }

  /** Forgets a job that has ended, with its archive. @throws ArchonError CONFLICT while it is running */
  async forget(scope: Scope, job_id: string): Promise<{ job_id: string }> {
    const stored = this.#table.get(scope.org_id, job_id);
    if (stored === undefined) throw notFound('job', job_id);
    if (this.#runner.find(scope.org_id, job_id)) {
      throw new ArchonError('CONFLICT', `This ${stored.job.kind} is still running; cancel it first.`);
    }
    await this.#remove(stored);
    return { job_id };
  }

  async #remove({ job, extras: { upload_id } }: StoredJob): Promise<void> {
    if (job.kind === 'export') {
      await rm(this.#exportPath(job.job_id), { force: true });
      await removePartial(this.#exportPath(job.job_id));
    }
    this.#table.delete(job.job_id);
    // Another import may read the same upload, or go on with it later.
    if (upload_id === null || this.#runner.uploadsInUse().has(upload_id) || this.#table.hasUpload(upload_id)) return;
    await this.#uploads.remove(upload_id);
  }

  /** Lets running jobs come to rest as `interrupted`, within bounds; none starts any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const { stop } of this.#writers) stop.abort(new JobAbort('interrupted'));
    await Promise.all([this.#runner.stop(), ...Array.from(this.#writers, ({ ended }) => ended)]);
  }

  async #openSource(scope: Scope, source: ImportSource): Promise<SourceFile> {
    switch (source.kind) {
      case 'file':
        return await inspectSource(resolve(source.path));
      case 'upload': {
        const { path, name } = await this.#uploads.complete(scope, source.upload_id);
        return await inspectSource(path, name);
      }
      default:
        return assertNever(source);
    }
  }

  async #import({ signal, progress }: JobHandle, job: ImportJob, request: ImportRequest): Promise<void> {
    const { sessions, memory, clock, moment = clock, countTokens, language, logger } = this.#deps;
    const { batch, retry_delays_ms, progress_every_ms: checkpoint_every_ms, record_limits } = this.#tuning;
    const run = new ImportRun(
      {
        sessions,
        memory,
        clock,
        moment,
        countTokens,
        language: language(request.scope),
        batch,
        retry_delays_ms,
        checkpoint_every_ms,
        record_limits,
      },
      request,
      job,
      { signal, onProgress: () => progress({ resume: run.checkpoint }) },
    );
    try {
      await run.run();
    } finally {
      progress({ resume: run.checkpoint });
      const { warnings } = run;
      if (warnings > 0) logger.warn({ job_id: job.job_id, warnings }, 'text that cannot be stored was mended');
    }
  }

  /** Removes an upload that is done with. What cannot be removed now is swept later; it must not fail the import. */
  async #discardUpload({ releaseUpload }: JobHandle): Promise<void> {
    const upload_id = releaseUpload();
    if (upload_id === null) return;
    try {
      await this.#uploads.remove(upload_id);
    } catch (error) {
      this.#deps.logger.warn({ err: error, upload_id }, 'an upload could not be removed');
    }
  }

  /** The file's own name is the job's id, so that no user id meets the file system. */
  #exportPath(job_id: string): string {
    return join(this.#exports, `${job_id}${ARCHIVE_SUFFIX}`);
  }

  #refuseWhenStopped(): void {
    if (this.#stopped) {
      throw new ArchonError('STORAGE_UNAVAILABLE', 'Archon is shutting down; try again when it is back.');
    }
  }

  #now(): string {
    return isoTime(this.#deps.clock.now());
  }
}

const ARCHIVE_SUFFIX = '.archon.gz';

const isAtRest = (state: TransferJob['state']): boolean => state === 'paused' || state === 'interrupted';

const IMPORT_AGAIN = 'Import it again: what is there is not imported twice.';

function asShown({ job, extras, newest }: StoredJob): TransferJob {
  if (job.state === 'running' || job.state === 'succeeded') return job;
  if (job.kind === 'export') return extras.writing === null ? job : { ...job, can_resume: 'at_once' };
  if (!newest) return job;
  if (extras.request !== null) return { ...job, can_resume: 'at_once' };
  // Of an earlier version of Archon, which did not keep where its file was.
  return extras.resume !== null || job.state === 'interrupted' ? { ...job, can_resume: 'same_file' } : job;
}

async function refuseWithoutUser(source: SourceFile, format: ImportKind | 'auto'): Promise<void> {
  const needed = format === 'auto' ? !(await holdsArchive(source)) : importerOf(format).needs_user;
  if (needed) throw userNeeded();
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
