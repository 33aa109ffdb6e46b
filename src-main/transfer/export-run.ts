/** One export: everything of a user or an organisation into one archive. */

import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ExportJob, TransferCounts } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { MemoryTransfer } from '../memory/memory-transfer.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { writeArchive } from './archive/archive-file.ts';
import type { ArchiveRecordType } from './archive/archive-format.ts';
import { archiveRecords } from './archive/archive-records.ts';

export interface ExportDeps {
  sessions: SessionStore;
  memory: MemoryTransfer;
  clock: Clock;
  app_version: string;
  retry_delays_ms: readonly number[];
}

const COUNT_OF: Readonly<Record<ArchiveRecordType, keyof TransferCounts>> = {
  session: 'sessions',
  message: 'messages',
  working: 'working',
  longterm: 'longterm',
  revision: 'revisions',
  link: 'links',
};

/** Writes the archive of a job to `path`. `job` is kept up to date meanwhile. @throws what the stores or the disk threw */
export async function runExport(
  deps: ExportDeps,
  scope: Scope,
  job: ExportJob,
  path: string,
  options: { signal: AbortSignal; onProgress: () => void },
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const source = { ...deps, now: () => deps.clock.now(), signal: options.signal };
  const written = await writeArchive(
    path,
    {
      scope: job.scope,
      created_at: job.started_at,
      app_version: deps.app_version,
      records: archiveRecords(source, scope, job.scope),
      onRecord: ({ type }, progress) => {
        job.exported[COUNT_OF[type]] += 1;
        job.progress.records_done = progress.records;
        job.progress.bytes_done = progress.bytes;
        options.onProgress();
      },
    },
    options.signal,
  );
  job.progress.bytes_done = written.bytes;
  job.progress.bytes_total = written.bytes;
  job.bytes = written.bytes;
  job.sha256 = written.sha256;
}
