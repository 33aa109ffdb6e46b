/** Everything of some users or of an organisation, record by record, as an archive holds it. */
import { z } from 'zod';
import type { ExportScope, Session } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { type MemoryTransfer, positionOf, type RowFilter, rowPosition } from '../../memory/memory-transfer.ts';
import type { SessionPosition, SessionStore, StoredMessage } from '../../storage/sessions/session-store.ts';
import { withRetries } from '../retry.ts';
import type { ArchiveRecordType } from './archive-format.ts';

/** Sessions, users and messages per read of the store. */
const PAGE = 200;

export interface ArchiveSource {
  sessions: SessionStore;
  memory: MemoryTransfer;
  now(): number;
  retry_delays_ms: readonly number[];
  signal: AbortSignal;
}

/** The record after which an export goes on. */
export const exportPosition = z.discriminatedUnion('part', [
  z.object({
    part: z.literal('sessions'),
    user_id: z.string(),
    session_id: z.string(),
    /** Messages the session has in the archive, and how many of them are written. */
    message_count: z.int().min(0),
    seq: z.int().min(0),
  }),
  z.object({ part: z.literal('rows'), row: rowPosition }),
]);
export type ExportPosition = z.infer<typeof exportPosition>;
type SessionPlace = Extract<ExportPosition, { part: 'sessions' }>;

export interface OutgoingRecord {
  type: ArchiveRecordType;
  record: { type: ArchiveRecordType } & Record<string, unknown>;
  at: ExportPosition;
}

/**
 * Sessions with their messages, user by user, then all rows. Nothing is touched by being exported.
 *
 * @param after goes on behind this record
 */
export async function* archiveRecords(
  source: ArchiveSource,
  scope: Scope,
  what: ExportScope,
  after?: ExportPosition,
): AsyncGenerator<OutgoingRecord> {
  if (after?.part !== 'rows') yield* allSessions(source, scope, what, after);
  const position = after?.part === 'rows' ? after.row : undefined;
  for await (const row of source.memory.rows(scope, rowFilter(what), position)) {
    yield {
      type: row.type,
      record: { type: row.type, row: row.row },
      at: { part: 'rows', row: positionOf(row) },
    };
  }
}

/** How many records that will be, as far as can be told before they are read. */
export async function countRecords(source: ArchiveSource, scope: Scope, what: ExportScope): Promise<number> {
  let total = await retried(source, () => source.memory.count(scope, rowFilter(what)));
  for await (const user_id of usersOf(source, scope, what)) {
    const { sessions, messages } = await retried(source, () => source.sessions.totals(scope, user_id, source.now()));
    total += sessions + messages;
  }
  return total;
}

/** The users an archive is of; null for everybody. */
export function usersOfScope(what: ExportScope): readonly string[] | null {
  switch (what.kind) {
    case 'user':
      return [what.user_id];
    case 'users':
      return what.user_ids;
    case 'org':
      return null;
    default:
      return assertNever(what);
  }
}

function rowFilter(what: ExportScope): RowFilter {
  return { user_ids: usersOfScope(what) ?? undefined };
}

async function* allSessions(
  source: ArchiveSource,
  scope: Scope,
  what: ExportScope,
  after: SessionPlace | undefined,
): AsyncGenerator<OutgoingRecord> {
  for await (const user_id of usersOf(source, scope, what, after?.user_id)) {
    const place = after?.user_id === user_id ? after : undefined;
    if (place !== undefined) yield* messageRecords(source, scope, place);
    for (const session_id of await sessionIdsOf(source, scope, user_id)) {
      if (place !== undefined && session_id <= place.session_id) continue;
      yield* sessionRecords(source, scope, session_id);
    }
  }
}

/** @param from begins with this user, in whose sessions an export stopped */
async function* usersOf(source: ArchiveSource, scope: Scope, what: ExportScope, from?: string): AsyncGenerator<string> {
  const named = usersOfScope(what);
  if (named !== null) {
    const users = [...new Set(named)].sort();
    yield* from === undefined ? users : users.filter((user_id) => user_id >= from);
    return;
  }
  if (from !== undefined) yield from;
  let after = from;
  for (;;) {
    const page = after === undefined ? { limit: PAGE } : { after, limit: PAGE };
    const users = await retried(source, () => source.sessions.users(scope, page, source.now()));
    for (const { user_id } of users) yield user_id;
    after = users.at(-1)?.user_id;
    if (users.length < PAGE || after === undefined) return;
  }
}

/**
 * The ids of all sessions of a user, sorted, so that an export that goes on knows which it has written.
 *
 * The list is ordered by last access, so a session that is used while we page jumps to the front, behind our back. All
 * such are among those accessed since we began: the front of the list is read once more for them.
 */
async function sessionIdsOf(source: ArchiveSource, scope: Scope, user_id: string): Promise<string[]> {
  const began_ms = source.now();
  const ids = new Set<string>();
  for await (const session of listSessions(source, scope, user_id)) ids.add(session.session_id);
  for await (const session of listSessions(source, scope, user_id)) {
    if (Date.parse(session.last_accessed_at) < began_ms) break;
    ids.add(session.session_id);
  }
  return [...ids].sort();
}

async function* listSessions(source: ArchiveSource, scope: Scope, user_id: string): AsyncGenerator<Session> {
  let after: SessionPosition | undefined;
  for (;;) {
    const page = after === undefined ? { limit: PAGE } : { after, limit: PAGE };
    const sessions = await retried(source, () => source.sessions.list(scope, user_id, page, source.now()));
    yield* sessions;
    const last = sessions.at(-1);
    if (sessions.length < PAGE || last === undefined) return;
    after = { last_accessed_at: last.last_accessed_at, session_id: last.session_id };
  }
}

/** The session and the messages it says it has: those that are appended meanwhile belong to the next export. */
async function* sessionRecords(
  source: ArchiveSource,
  scope: Scope,
  session_id: string,
): AsyncGenerator<OutgoingRecord> {
  const session = await retried(source, () => source.sessions.get(scope, session_id, source.now(), false));
  // It expired or was deleted since it was listed.
  if (session === undefined) return;
  const { user_id, message_count } = session;
  const place: SessionPlace = { part: 'sessions', user_id, session_id, message_count, seq: 0 };
  yield { type: 'session', record: { type: 'session', session }, at: place };
  yield* messageRecords(source, scope, place);
}

async function* messageRecords(
  source: ArchiveSource,
  scope: Scope,
  place: SessionPlace,
): AsyncGenerator<OutgoingRecord> {
  const { session_id, user_id, message_count } = place;
  let after = place.seq;
  while (after < message_count) {
    const page = await messagesAfter(source, scope, session_id, after);
    for (const { seq, message } of page) {
      if (seq > message_count) return;
      yield {
        type: 'message',
        record: { type: 'message', session_id, user_id, seq, message },
        at: { ...place, seq },
      };
    }
    after = page.at(-1)?.seq ?? message_count;
  }
}

async function messagesAfter(
  source: ArchiveSource,
  scope: Scope,
  session_id: string,
  after: number,
): Promise<StoredMessage[]> {
  const range = { order: 'oldest_first', after, limit: PAGE } as const;
  return (await retried(source, () => source.sessions.messages(scope, session_id, range, source.now()))) ?? [];
}

function retried<T>(source: ArchiveSource, read: () => Promise<T>): Promise<T> {
  return withRetries(read, source.retry_delays_ms, source.signal);
}
