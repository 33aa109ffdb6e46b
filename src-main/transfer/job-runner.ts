/** Runs jobs in the background: a few at a time, their progress stored and told, each ended one way or the other. */
import type { Logger } from 'pino';
import type { TransferJob } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import { jobFailure } from './job-failure.ts';
import type { JobExtras, JobTable } from './job-table.ts';
import { Places } from './places.ts';

export interface RunnerTuning {
  /** How often progress is stored and told, in milliseconds; an import goes on from a place at most this old. */
  progress_every_ms: number;
  /** Jobs that work at the same time; others wait. */
  max_working: number;
  /** How long to wait for a job to come to rest, in milliseconds. */
  stop_within_ms: number;
}

/** What the work of a job is given. */
export interface JobHandle {
  signal: AbortSignal;
  /** Tells that the job's fields have changed, and where it could go on. */
  progress(place: Partial<Pick<JobExtras, 'resume' | 'writing'>>): void;
  /** Lets go of the job's upload. @returns its id when no running job holds it any more: it is the caller's to remove */
  releaseUpload(): string | null;
}

/** Why a job was stopped from outside. */
export class JobAbort extends Error {
  override readonly name = 'JobAbort';
  readonly state: 'cancelled' | 'paused' | 'interrupted';

  constructor(state: 'cancelled' | 'paused' | 'interrupted') {
    super(state);
    this.state = state;
  }
}

/** Of a job that cannot go on. */
const DONE = { resume: null, request: null, writing: null } as const satisfies Partial<JobExtras>;

/** A job of this process that has not ended. */
interface ActiveJob {
  /** Changes while the job works. */
  job: TransferJob;
  extras: JobExtras;
  source_key: string | null;
  abort: AbortController;
  listeners: Set<(job: TransferJob) => void>;
  told_at_ms: number;
  done: Promise<TransferJob>;
}

export function interrupted(kind: TransferJob['kind']): string {
  return kind === 'import'
    ? 'Archon was stopped while the job was running. Start it again to go on from where it was.'
    : 'Archon was stopped while the job was running. It can go on from where it was.';
}

export class JobRunner {
  readonly #table: JobTable;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #tuning: RunnerTuning;
  readonly #places: Places;
  readonly #active = new Map<string, ActiveJob>();

  constructor(deps: { table: JobTable; clock: Clock; logger: Logger; tuning: RunnerTuning }) {
    this.#table = deps.table;
    this.#clock = deps.clock;
    this.#logger = deps.logger;
    this.#tuning = deps.tuning;
    this.#places = new Places(deps.tuning.max_working);
  }

  /** Stores the job and begins its work when a place is free. `job` stays the work's to change. */
  run(
    job: TransferJob,
    source_key: string | null,
    extras: JobExtras,
    work: (handle: JobHandle) => Promise<void>,
  ): void {
    this.#table.insert(job, source_key, extras);
    this.#begin(job, source_key, extras, work);
  }

  /** Begins the work of a job once more that is stored and rests. */
  runAgain(job: TransferJob, extras: JobExtras, work: (handle: JobHandle) => Promise<void>): void {
    this.#table.save(job, extras);
    this.#begin(job, null, extras, work);
  }

  #begin(
    job: TransferJob,
    source_key: string | null,
    extras: JobExtras,
    work: (handle: JobHandle) => Promise<void>,
  ): void {
    const active: ActiveJob = {
      job,
      extras,
      source_key,
      abort: new AbortController(),
      listeners: new Set(),
      told_at_ms: this.#clock.now(),
      done: Promise.resolve(job),
    };
    this.#active.set(job.job_id, active);
    active.done = this.#work(active, work);
  }

  /** Jobs of every organisation. */
  get active(): number {
    return this.#active.size;
  }

  /** The job as it is now, while it is running in this process. */
  find(org_id: string, job_id: string): TransferJob | undefined {
    const active = this.#of(org_id, job_id);
    return active && structuredClone(active.job);
  }

  /** How many jobs of an organisation run or wait for a place. */
  count(org_id: string): number {
    return [...this.#active.values()].filter(({ job }) => job.org_id === org_id).length;
  }

  /** The running import of this source. */
  findSource(org_id: string, source_key: string): TransferJob | undefined {
    for (const { job, source_key: key } of this.#active.values()) {
      if (key === source_key && job.org_id === org_id) return job;
    }
    return undefined;
  }

  /** The uploads that running imports, of every organisation, read from. */
  uploadsInUse(): Set<string> {
    const ids = new Set<string>();
    for (const { extras } of this.#active.values()) if (extras.upload_id !== null) ids.add(extras.upload_id);
    return ids;
  }

  /** Resolves with the job when it has ended; undefined when it is not running. */
  finished(org_id: string, job_id: string): Promise<TransferJob> | undefined {
    return this.#of(org_id, job_id)?.done;
  }

  onProgress(job_id: string, listener: (job: TransferJob) => void): () => void {
    const listeners = this.#active.get(job_id)?.listeners;
    listeners?.add(listener);
    return () => {
      listeners?.delete(listener);
    };
  }

  /** Stops a job, for good or for now, and waits until it has, within bounds. */
  async halt(org_id: string, job_id: string, state: 'cancelled' | 'paused'): Promise<void> {
    const active = this.#of(org_id, job_id);
    if (active === undefined) return;
    active.abort.abort(new JobAbort(state));
    await within(active.done, this.#tuning.stop_within_ms);
  }

  /** Stops all jobs as `interrupted`, and waits until they have, within bounds. */
  async stop(): Promise<void> {
    const all = [...this.#active.values()];
    for (const { abort } of all) abort.abort(new JobAbort('interrupted'));
    await within(Promise.all(all.map(({ done }) => done)), this.#tuning.stop_within_ms);
    // What is stuck in a store that does not answer is parked as it is; the process is about to end.
    for (const active of [...this.#active.values()]) this.#end(active, 'interrupted', interrupted(active.job.kind));
  }

  async #work(active: ActiveJob, work: (handle: JobHandle) => Promise<void>): Promise<TransferJob> {
    const { signal } = active.abort;
    const progress: JobHandle['progress'] = (place) => {
      active.extras = { ...active.extras, ...place };
      this.#tell(active);
    };
    const releaseUpload = () => {
      const { upload_id } = active.extras;
      active.extras = { ...active.extras, upload_id: null };
      return upload_id === null || this.uploadsInUse().has(upload_id) ? null : upload_id;
    };
    try {
      const giveBack = await this.#places.take(signal);
      try {
        await work({ signal, progress, releaseUpload });
      } finally {
        giveBack();
      }
      active.extras = { ...active.extras, ...DONE };
      this.#end(active, 'succeeded', null);
    } catch (error) {
      this.#endWithError(active, error);
    }
    return structuredClone(active.job);
  }

  #endWithError(active: ActiveJob, error: unknown): void {
    const { reason } = active.abort.signal;
    if (reason instanceof JobAbort) {
      if (reason.state === 'cancelled') active.extras = { ...active.extras, writing: null };
      this.#end(active, reason.state, reason.state === 'interrupted' ? interrupted(active.job.kind) : null);
      return;
    }
    const { job_id, kind } = active.job;
    const { message, resumable, unexpected } = jobFailure(error, kind);
    if (unexpected) this.#logger.error({ err: error, job_id }, `${kind} failed`);
    else this.#logger.warn({ job_id, failure: message }, `${kind} failed`);
    if (!resumable) active.extras = { ...active.extras, ...DONE };
    this.#end(active, 'failed', message);
  }

  #end(active: ActiveJob, state: TransferJob['state'], failure: string | null): void {
    if (!this.#active.delete(active.job.job_id)) return;
    active.job.state = state;
    active.job.failure = failure;
    active.job.finished_at = isoTime(this.#clock.now());
    this.#store(active);
    this.#notify(active);
  }

  #tell(active: ActiveJob): void {
    const now_ms = this.#clock.now();
    if (now_ms - active.told_at_ms < this.#tuning.progress_every_ms) return;
    active.told_at_ms = now_ms;
    this.#store(active);
    this.#notify(active);
  }

  /** A progress that cannot be stored costs an import that goes on some reading, no more: the work itself continues. */
  #store(active: ActiveJob): void {
    try {
      this.#table.save(active.job, active.extras);
    } catch (error) {
      this.#logger.warn({ err: error, job_id: active.job.job_id }, 'progress of a job could not be stored');
    }
  }

  #notify(active: ActiveJob): void {
    for (const listener of active.listeners) {
      try {
        listener(structuredClone(active.job));
      } catch (error) {
        this.#logger.error({ err: error, job_id: active.job.job_id }, 'a listener of a job failed');
      }
    }
  }

  #of(org_id: string, job_id: string): ActiveJob | undefined {
    const active = this.#active.get(job_id);
    return active?.job.org_id === org_id ? active : undefined;
  }
}

/** Waits for a promise that never rejects, but not longer than this. */
async function within(promise: Promise<unknown>, ms: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms);
  });
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}
