/** Everything of one user or of an organisation, record by record, as an archive holds it. */
import type { ExportScope, Session } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { MemoryTransfer } from '../../memory/memory-transfer.ts';
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

export interface OutgoingRecord {
  type: ArchiveRecordType;
  record: { type: ArchiveRecordType } & Record<string, unknown>;
}

/** Sessions with their messages, user by user, then all rows. Nothing is touched by being exported. */
export async function* archiveRecords(
  source: ArchiveSource,
  scope: Scope,
  what: ExportScope,
): AsyncGenerator<OutgoingRecord> {
  const users = what.kind === 'user' ? [what.user_id] : usersWithSessions(source, scope);
  for await (const user_id of users) {
    for (const session_id of await sessionIdsOf(source, scope, user_id)) {
      yield* sessionRecords(source, scope, session_id);
    }
  }
  for await (const row of source.memory.rows(scope, what.kind === 'user' ? { user_id: what.user_id } : {})) {
    yield { type: row.type, record: { type: row.type, row: row.row } };
  }
}

async function* usersWithSessions(source: ArchiveSource, scope: Scope): AsyncGenerator<string> {
  let after: string | undefined;
  for (;;) {
    const page = after === undefined ? { limit: PAGE } : { after, limit: PAGE };
    const users = await retried(source, () => source.sessions.users(scope, page, source.now()));
    for (const { user_id } of users) yield user_id;
    after = users.at(-1)?.user_id;
    if (users.length < PAGE || after === undefined) return;
  }
}

/**
 * The ids of all sessions of a user.
 *
 * The list is ordered by last access, so a session that is used while we page jumps to the front, behind our back. All
 * such are among those accessed since we began: the front of the list is read once more for them.
 */
async function sessionIdsOf(source: ArchiveSource, scope: Scope, user_id: string): Promise<Set<string>> {
  const began_ms = source.now();
  const ids = new Set<string>();
  for await (const session of listSessions(source, scope, user_id)) ids.add(session.session_id);
  for await (const session of listSessions(source, scope, user_id)) {
    if (Date.parse(session.last_accessed_at) < began_ms) break;
    ids.add(session.session_id);
  }
  return ids;
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
  yield { type: 'session', record: { type: 'session', session } };
  let after = 0;
  while (after < session.message_count) {
    const page = await messagesAfter(source, scope, session_id, after);
    for (const { seq, message } of page) {
      if (seq > session.message_count) return;
      yield { type: 'message', record: { type: 'message', session_id, user_id: session.user_id, seq, message } };
    }
    after = page.at(-1)?.seq ?? session.message_count;
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
