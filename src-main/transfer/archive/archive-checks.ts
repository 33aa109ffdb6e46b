/** What an archived record must be beyond its shape: nothing of it may come from the future or poison an object. */
import { isFields, RecordProblem } from '../importers/json-fields.ts';
import { type ArchiveRecord, archiveRecord } from './archive-format.ts';

/** Clocks differ between machines: as the API allows. */
export const CLOCK_SKEW_MS = 5 * 60_000;
const DAY_MS = 86_400_000;
/** The longest a working memory lives after it was last written, in days. */
const MAX_WORKING_DAYS = 30;

/** The record in its types. @throws RecordProblem that names the first field that is wrong */
export function checkedRecord(value: unknown, now_ms: number): ArchiveRecord {
  refusePrototypeKeys(value);
  const parsed = archiveRecord.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const path = issue?.path.join('.');
    throw new RecordProblem(`${path ? `${path}: ` : ''}${issue?.message ?? 'the record is not valid'}`);
  }
  refuseFuture(parsed.data, now_ms);
  return parsed.data;
}

/** zod passes over a key "__proto__" without a word; all other forbidden keys it refuses. */
function refusePrototypeKeys(root: unknown): void {
  const stack: unknown[] = [root];
  while (stack.length > 0) {
    const value = stack.pop();
    if (isFields(value) && Object.hasOwn(value, '__proto__')) {
      throw new RecordProblem('the key "__proto__" is not allowed');
    }
    // One by one: a call takes its arguments on the stack, which is too small for those of a large array.
    for (const inner of Object.values(value ?? {})) if (typeof inner === 'object') stack.push(inner);
  }
}

function refuseFuture(record: ArchiveRecord, now_ms: number): void {
  for (const [name, time, ahead_ms] of timesOf(record)) {
    if (time !== null && Date.parse(time) > now_ms + ahead_ms + CLOCK_SKEW_MS) {
      throw new RecordProblem(`${name}: must not lie ${ahead_ms === 0 ? '' : 'so far '}in the future`);
    }
  }
}

/** Each time of a record and how far ahead of now it may lie. */
function timesOf(record: ArchiveRecord): [name: string, time: string | null, ahead_ms: number][] {
  switch (record.type) {
    case 'session': {
      const { started_at, last_accessed_at, expires_at, ttl_seconds } = record.session;
      return [
        ['session.started_at', started_at, 0],
        ['session.last_accessed_at', last_accessed_at, 0],
        ['session.expires_at', expires_at, ttl_seconds * 1000],
      ];
    }
    case 'message':
      return [['message.timestamp', record.message.timestamp, 0]];
    case 'working': {
      const { created_at, updated_at, deleted_at, relevance_at, expires_at } = record.row;
      return [
        ['row.created_at', created_at, 0],
        ['row.updated_at', updated_at, 0],
        ['row.deleted_at', deleted_at, 0],
        ['row.relevance_at', relevance_at, 0],
        ['row.expires_at', expires_at, MAX_WORKING_DAYS * DAY_MS],
      ];
    }
    case 'longterm': {
      const { created_at, updated_at, deleted_at, last_accessed_at, valid_from, valid_to } = record.row;
      return [
        ['row.created_at', created_at, 0],
        ['row.updated_at', updated_at, 0],
        ['row.deleted_at', deleted_at, 0],
        ['row.last_accessed_at', last_accessed_at, 0],
        ['row.valid_from', valid_from, 0],
        ['row.valid_to', valid_to, 0],
      ];
    }
    case 'revision':
    case 'link':
      return [['row.created_at', record.row.created_at, 0]];
  }
}
