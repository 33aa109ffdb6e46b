/** Jobs as they are when they start. */
import { v7 as uuidv7 } from 'uuid';
import type { ExportJob, ExportScope, ImportJob, TransferCounts } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import { archiveFileName } from './archive/archive-format.ts';
import type { ImportCheckpoint } from './import-run.ts';
import type { SourceFile } from './records/source-file.ts';

export function newExportJob(scope: Scope, what: ExportScope, started_at: string): ExportJob {
  return {
    ...newJob(scope, started_at, null),
    kind: 'export',
    scope: what,
    file_name: archiveFileName(what, started_at),
    bytes: null,
    exported: noCounts(),
    sha256: null,
    can_resume: null,
  };
}

/** One that goes on from a checkpoint takes its counts and errors over, so that the job tells of the whole file. */
export function newImportJob(
  scope: Scope,
  source: SourceFile,
  start: {
    user_id: string | null;
    started_at: string;
    previous: { job: ImportJob; resume: ImportCheckpoint } | undefined;
  },
): ImportJob {
  const job: ImportJob = {
    ...newJob(scope, start.started_at, source.size),
    kind: 'import',
    name: source.name,
    format: null,
    user_id: start.user_id,
    added: noCounts(),
    already_there: noCounts(),
    error_count: 0,
    errors: [],
    can_resume: null,
    resumed_from_record: 0,
  };
  if (start.previous === undefined) return job;
  const { position, added, already_there, error_count } = start.previous.resume;
  return {
    ...job,
    format: start.previous.job.format,
    progress: { ...job.progress, records_done: position.records },
    added: { ...job.added, ...added },
    already_there: { ...job.already_there, ...already_there },
    error_count,
    errors: start.previous.job.errors.filter(({ record, line }) =>
      record === null ? (line ?? 0) < position.line : record <= position.records,
    ),
    resumed_from_record: position.records,
  };
}

function newJob(scope: Scope, started_at: string, bytes_total: number | null) {
  return {
    job_id: uuidv7(),
    org_id: scope.org_id,
    state: 'running' as const,
    started_at,
    finished_at: null,
    progress: { bytes_done: 0, bytes_total, records_done: 0, records_total: null },
    failure: null,
  };
}

function noCounts(): TransferCounts {
  return { sessions: 0, messages: 0, working: 0, longterm: 0, revisions: 0, links: 0 };
}
