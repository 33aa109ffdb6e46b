/** One export: everything of some users or of an organisation into one archive. */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ExportScope, TransferCounts } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { MemoryTransfer } from '../memory/memory-transfer.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { type ArchiveCheckpoint, type WrittenArchive, writeArchive } from './archive/archive-file.ts';
import { type ArchiveRecordType, RECORD_TYPES } from './archive/archive-format.ts';
import { archiveRecords, countRecords } from './archive/archive-records.ts';

export interface ExportDeps {
  sessions: SessionStore;
  memory: MemoryTransfer;
  /** The time sessions are read at: those that have expired by then are not there. */
  moment: Clock;
  app_version: string;
  retry_delays_ms: readonly number[];
}

export interface ExportRequest {
  scope: ExportScope;
  /** When it was begun. */
  created_at: string;
  path: string;
  resume: ArchiveCheckpoint | null;
}

/** How far an export is. */
export interface ExportProgress {
  exported: TransferCounts;
  bytes: number;
  records: number;
  records_total: number;
  /** Where it could go on, as soon as there is a place. */
  checkpoint: ArchiveCheckpoint | null;
}

const COUNT_OF: Readonly<Record<ArchiveRecordType, keyof TransferCounts>> = {
  session: 'sessions',
  message: 'messages',
  working: 'working',
  longterm: 'longterm',
  revision: 'revisions',
  link: 'links',
};

/** The moment an archive shows: when it was begun, but of a copy the copy's, however late it is exported. */
export interface ExportedArchive extends WrittenArchive {
  created_at: string;
}

/** Writes an archive to a path. `onProgress` is called after each record. @throws what the stores or the disk threw */
export async function runExport(
  deps: ExportDeps,
  scope: Scope,
  request: ExportRequest,
  options: { signal: AbortSignal; onProgress: (progress: ExportProgress) => void },
): Promise<ExportedArchive> {
  await mkdir(dirname(request.path), { recursive: true, mode: 0o700 });
  const source = { ...deps, now: () => deps.moment.now(), signal: options.signal };
  const records_total = await countRecords(source, scope, request.scope);
  const moment = isoTime(deps.moment.now());
  const created_at = moment < request.created_at ? moment : request.created_at;
  const progress: ExportProgress = {
    exported: { sessions: 0, messages: 0, working: 0, longterm: 0, revisions: 0, links: 0 },
    bytes: 0,
    records: 0,
    records_total,
    checkpoint: null,
  };
  const written = await writeArchive(
    request.path,
    {
      scope: request.scope,
      created_at,
      app_version: deps.app_version,
      records: (after) => archiveRecords(source, scope, request.scope, after),
      onBegin: (from) => {
        if (from === null) return;
        for (const type of RECORD_TYPES) progress.exported[COUNT_OF[type]] = from.totals.counts[type];
        progress.checkpoint = from;
      },
      onRecord: ({ type }, { records, bytes }) => {
        progress.exported[COUNT_OF[type]] += 1;
        progress.records = records;
        progress.bytes = bytes;
        options.onProgress(progress);
      },
      onCheckpoint: (checkpoint) => {
        progress.checkpoint = checkpoint;
        options.onProgress(progress);
      },
    },
    { signal: options.signal, resume: request.resume },
  );
  return { ...written, created_at };
}
