/**
 * A session store that tells of its writes in the event log.
 *
 * Sessions live outside PostgreSQL, so their events cannot be part of the write: they are recorded after it, through a
 * queue, and the write is as fast as before. Sessions that expire by themselves are not told of.
 */
import type { NewEvent } from '../../src-contract/index.ts';
import type { Scope } from '../identity/scope.ts';
import type { AppendResult, SessionRecord, SessionStore } from '../storage/sessions/session-store.ts';

interface Options {
  events: { record(scope: Scope, event: NewEvent): void };
  /** `calls`: messages are told of one by one. `imports`: only their sessions are, once per batch. */
  detail: 'calls' | 'imports';
}

type Told = Pick<SessionStore, 'create' | 'append' | 'update' | 'delete'>;

export function tellingSessions(store: SessionStore, { events, detail }: Options): SessionStore {
  const tell = (scope: Scope, user_id: string | null, type: `memory.session.${Change}`, session_id: string) =>
    events.record(scope, { type, user_id, payload: { session_id } });
  const tellMessages = (
    scope: Scope,
    user_id: string,
    session_id: string,
    messages: readonly { message_id: string }[],
  ) => {
    if (messages.length === 0) return;
    const message_ids = messages.map(({ message_id }) => message_id);
    if (detail === 'calls') {
      events.record(scope, { type: 'memory.message.added', user_id, payload: { session_id, message_ids } });
    }
  };

  const told: Told = {
    async create(scope, record, messages, now_ms, keyed) {
      const result = await store.create(scope, record, messages, now_ms, keyed);
      if (result.created) {
        tell(scope, record.user_id, 'memory.session.created', record.session_id);
        tellMessages(scope, record.user_id, record.session_id, messages);
      }
      return result;
    },
    async append(scope, session_id, messages, now_ms, options) {
      const result = await store.append(scope, session_id, messages, now_ms, options);
      if (result === undefined) return result;
      const { user_id } = result.session;
      const begun = isBegun(result, options?.begin);
      if (begun) tell(scope, user_id, 'memory.session.created', session_id);
      if (result.added > 0) {
        tellMessages(scope, user_id, session_id, result.messages);
        if (detail === 'imports' && !begun) tell(scope, user_id, 'memory.session.updated', session_id);
      }
      return result;
    },
    async update(scope, session_id, patch, now_ms, keyed, touch) {
      const session = await store.update(scope, session_id, patch, now_ms, keyed, touch);
      if (session) tell(scope, session.user_id, 'memory.session.updated', session_id);
      return session;
    },
    async delete(scope, session_id, now_ms, keyed) {
      // Asked before: afterwards nobody knows whose it was.
      const session = await store.get(scope, session_id, now_ms, false);
      const deleted = await store.delete(scope, session_id, now_ms, keyed);
      if (deleted) tell(scope, session?.user_id ?? null, 'memory.session.deleted', session_id);
      return deleted;
    },
  };

  return new Proxy(store, {
    get(target, name) {
      if (Object.hasOwn(told, name)) return told[name as keyof Told];
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

type Change = 'created' | 'updated' | 'deleted';

/** Whether the append made the session: it began at its very time and holds nothing else. */
function isBegun({ session, added }: AppendResult, begin: SessionRecord | undefined): boolean {
  return begin !== undefined && session.started_at === begin.started_at && session.message_count === added;
}
