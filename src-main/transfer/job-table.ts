/** Imports and exports as history.db keeps them: the job as it is shown, and what going on with it needs. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  type ImportKind,
  type ImportSource,
  importKind,
  importSource,
  type TransferJob,
  transferJob,
} from '../../src-contract/index.ts';
import { withSqliteFaults } from '../storage/sqlite-faults.ts';
import { type ArchiveCheckpoint, archiveCheckpoint } from './archive/archive-file.ts';
import { usersOfScope } from './archive/archive-records.ts';
import { type ImportCheckpoint, importCheckpoint } from './import-run.ts';

/** Jobs a list shows. */
const MAX_LISTED = 100;

/** What belongs to a job besides what is shown of it. */
export interface JobExtras {
  resume: ImportCheckpoint | null;
  /** The upload it reads from. */
  upload_id: string | null;
  /** What an import was asked for, as long as it is worth going on with. */
  request: { source: ImportSource; format: ImportKind | 'auto' } | null;
  /** What an export needs to go on, as long as it can: only in the stores it began in, behind what it wrote. */
  writing: { stores: string; checkpoint: ArchiveCheckpoint | null } | null;
}

export const NO_EXTRAS: JobExtras = { resume: null, upload_id: null, request: null, writing: null };

const extras = z.object({
  resume: importCheckpoint.nullable(),
  upload_id: z.string().nullable(),
  // Jobs of earlier versions have none.
  request: z
    .object({ source: importSource, format: importKind.or(z.literal('auto')) })
    .nullable()
    .default(null),
  writing: z.object({ stores: z.string(), checkpoint: archiveCheckpoint.nullable() }).nullable().default(null),
});

interface JobRow {
  job: string;
  checkpoint: string | null;
  newest: 0 | 1;
}

export interface StoredJob {
  job: TransferJob;
  extras: JobExtras;
  /** No later job reads the same source in the same way. */
  newest: boolean;
}

/** Compares with later jobs of the same source; null for an export is equal to none. */
const IS_NEWEST = `NOT EXISTS (
  SELECT 1 FROM transfer_jobs AS later
  WHERE later.org_id = jobs.org_id AND later.source_key = jobs.source_key
    AND (later.started_at, later.rowid) > (jobs.started_at, jobs.rowid))`;

/** Every method may throw a `SqliteFileError`. */
export class JobTable {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** @param source_key names the source and how it is imported, so that the next import of it finds this one */
  insert(job: TransferJob, source_key: string | null, given: JobExtras): void {
    const { job_id, org_id, kind, state, started_at } = job;
    this.#run(
      `INSERT INTO transfer_jobs (job_id, org_id, kind, state, source_key, started_at, job, checkpoint)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      [job_id, org_id, kind, state, source_key, started_at, JSON.stringify(job), JSON.stringify(given)],
    );
  }

  save(job: TransferJob, given: JobExtras): void {
    this.#run('UPDATE transfer_jobs SET state = ?, job = ?, checkpoint = ? WHERE job_id = ?', [
      job.state,
      JSON.stringify(job),
      JSON.stringify(given),
      job.job_id,
    ]);
  }

  get(org_id: string, job_id: string): StoredJob | undefined {
    return this.#jobs('WHERE org_id = ? AND job_id = ?', [org_id, job_id])[0];
  }

  /** Newest first, at most 100. */
  list(org_id: string): StoredJob[] {
    return this.#jobs('WHERE org_id = ? ORDER BY started_at DESC, rowid DESC LIMIT ?', [org_id, MAX_LISTED]);
  }

  /** The newest job with this source. */
  lastOfSource(org_id: string, source_key: string): StoredJob | undefined {
    const newest = 'WHERE org_id = ? AND source_key = ? ORDER BY started_at DESC, rowid DESC LIMIT 1';
    return this.#jobs(newest, [org_id, source_key])[0];
  }

  /** Jobs of every organisation that were running when the process before this one ended. */
  running(): StoredJob[] {
    return this.#jobs("WHERE state = 'running'", []);
  }

  /** Every job that reads or writes memory of this one user. */
  ofUser(org_id: string, user_id: string): StoredJob[] {
    return this.#jobs('WHERE org_id = ?', [org_id]).filter(
      ({ job }) =>
        (job.kind === 'import' && job.user_id === user_id) ||
        (job.kind === 'export' && usersOfScope(job.scope)?.includes(user_id)),
    );
  }

  /** The exports that could go on behind what they wrote. */
  writing(): string[] {
    return this.#jobs("WHERE kind = 'export' AND json_extract(checkpoint, '$.writing') IS NOT NULL", []).map(
      ({ job }) => job.job_id,
    );
  }

  /** Whether a job still refers to an upload. */
  hasUpload(upload_id: string): boolean {
    return this.#jobs("WHERE json_extract(checkpoint, '$.upload_id') = ? LIMIT 1", [upload_id]).length > 0;
  }

  delete(job_id: string): void {
    this.#run('DELETE FROM transfer_jobs WHERE job_id = ?', [job_id]);
  }

  #run(sql: string, parameters: readonly unknown[]): void {
    withSqliteFaults(this.#db.name, () => this.#db.prepare(sql).run(...parameters));
  }

  #jobs(where: string, parameters: readonly unknown[]): StoredJob[] {
    return withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], JobRow>(
          `SELECT job, checkpoint, ${IS_NEWEST} AS newest FROM transfer_jobs AS jobs ${where}`,
        )
        .all(...parameters),
    ).flatMap((row) => stored(row) ?? []);
  }
}

/** A row as it was written; one of another version of Archon that does not fit any more is passed over. */
function stored(row: JobRow): StoredJob | undefined {
  const job = transferJob.safeParse(JSON.parse(row.job));
  if (!job.success) return undefined;
  const given = extras.safeParse(JSON.parse(row.checkpoint ?? 'null'));
  return { job: job.data, extras: (given.data as JobExtras | undefined) ?? NO_EXTRAS, newest: row.newest === 1 };
}
