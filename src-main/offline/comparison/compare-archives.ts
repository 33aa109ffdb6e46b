/**
 * Compares two archives of any size with bounded memory.
 *
 * Records are the same when their ids are: archives of one database keep them, and so does an import, unless it gives the
 * memory of one user to another. What is the same by content alone is not looked for: a fact that was learnt twice is
 * two facts.
 *
 * Each archive is read through and checked; the first twice, for its texts are kept of what differs only.
 */
import { ArchiveReader } from '../../transfer/archive/archive-reader.ts';
import type { SourceFile } from '../../transfer/records/source-file.ts';
import { type ComparedRecord, comparedRecord } from './compared-record.ts';
import type { ComparisonFile } from './comparison-file.ts';

/** Records between two commits. */
const BATCH = 2000;

export interface ReadSide {
  created_at: string;
  records: number;
}

export interface ComparisonProgress {
  /** 1: the first archive, 2: the second, 3: the first again. */
  pass: 1 | 2 | 3;
  share: number;
  records: number;
}

/** @throws ArchonError VALIDATION_FAILED for an archive that is not as it was written; the signal's reason */
export async function compareArchives(
  { before, after }: { before: SourceFile; after: SourceFile },
  file: ComparisonFile,
  options: { signal: AbortSignal; now_ms: number; onProgress(progress: ComparisonProgress): void },
): Promise<{ before: ReadSide; after: ReadSide }> {
  const pass = async (which: 1 | 2 | 3, source: SourceFile, take: (record: ComparedRecord) => void) => {
    const tell = (share: number, records: number) => options.onProgress({ pass: which, share, records });
    return await readThrough(source, file, { ...options, take, tell });
  };
  const first = await pass(1, before, (record) => file.takeBefore(record));
  const second = await pass(2, after, (record) => file.takeAfter(record));
  await pass(3, before, (record) => file.takeBeforeAgain(record));
  file.finish();
  return { before: first, after: second };
}

async function readThrough(
  source: SourceFile,
  file: ComparisonFile,
  options: {
    signal: AbortSignal;
    now_ms: number;
    take(record: ComparedRecord): void;
    tell(share: number, records: number): void;
  },
): Promise<ReadSide> {
  const reader = new ArchiveReader(source, options);
  let taken = 0;
  file.begin();
  for await (const record of reader.records()) {
    const compared = comparedRecord(record);
    if (compared) options.take(compared);
    taken += 1;
    if (taken % BATCH !== 0) continue;
    file.commit();
    file.begin();
    const { bytes, records } = reader.progress;
    options.tell(Math.min(1, bytes / source.size), records);
  }
  file.commit();
  options.tell(1, reader.progress.records);
  return { created_at: reader.header.created_at, records: reader.progress.records };
}
