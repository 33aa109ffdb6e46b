/**
 * Events of sessions on their way into the event log.
 *
 * Each lies in the session store from the very write it tells of, in one step with it, until it is in the log: neither a
 * process that is killed nor a database that is away loses one.
 */
import type { EventPayload, NewEvent } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';

/** How much a write tells of: messages, or (imports, of a session once per batch) only that there are more of them. */
export type EventDetail = 'messages' | 'session';

/** What happened to a session. */
export type SessionChange = 'created' | 'updated' | 'deleted' | 'expired' | 'messages';

/** A context that an agent was given: a read, told of by way of the outbox because no write waits for it. */
export interface AssembledContextEvent {
  user_id: string;
  payload: EventPayload<'memory.context.assembled'>;
}

export interface OutboxEntry {
  /** Where it lies in its lane. */
  position: string;
  /** Its own for ever: the log takes it once. */
  source_id: string;
  org_id: string;
  actor: string;
  event: NewEvent;
  /** When it happened. */
  at_ms: number;
}

/** The oldest entries of a lane. All events of a session are in one lane, in their order. */
export interface OutboxBatch {
  lane: string;
  entries: OutboxEntry[];
}

/** Entries taken at a time. The oldest so many are never given up, as they may be on their way. */
export const OUTBOX_BATCH = 500;
/** Entries given up at a time once the outbox is full: the oldest of those that are not on their way. */
export const OUTBOX_CHUNK = 1000;

export interface SessionOutbox {
  /** Calls the listener after every write of this process that may have left an event. */
  onWritten(listener: () => void): void;
  /**
   * The oldest entries of each lane, at most {@link OUTBOX_BATCH}; they stay until they are removed. Of very many lanes
   * only some: the others come next. `busy`: another process is about others.
   *
   * @param options.thorough look also where no write of this process left anything: another may have been killed
   */
  take(options: { thorough: boolean }): Promise<{ batches: OutboxBatch[]; busy: boolean }>;
  /** Removes what is in the log. */
  remove(batch: OutboxBatch): Promise<void>;
  waiting(): Promise<{ events: number; oldest_ms: number | undefined }>;
  /** Tells of a context. */
  leave(scope: Scope, event: AssembledContextEvent, at_ms: number): Promise<void>;
}

/** How an entry is kept; `about` is what else the change needs, as text. */
export interface KeptEvent {
  change: SessionChange | 'context' | 'dropped';
  session_id: string;
  user_id: string;
  about: string;
}

/** Message ids in one text: no id holds a control character. */
export const joinIds = (message_ids: readonly string[]): string => message_ids.join('\n');

/** Events that were given up because the outbox was full. */
export interface Dropped {
  count: number;
  first_ms: number;
  last_ms: number;
}

export function toEvent({ change, session_id, user_id, about }: KeptEvent): NewEvent {
  switch (change) {
    case 'messages':
      return { type: 'memory.message.added', user_id, payload: { session_id, message_ids: about.split('\n') } };
    case 'context':
      return { type: 'memory.context.assembled', user_id, payload: JSON.parse(about) };
    case 'dropped': {
      const { count, first_ms, last_ms } = JSON.parse(about) as Dropped;
      return droppedEvent({ count, first_ms, last_ms });
    }
    default:
      return { type: `memory.session.${change}`, user_id, payload: { session_id } };
  }
}

export function droppedEvent({ count, first_ms, last_ms }: Dropped): NewEvent {
  const [first_at, last_at] = [new Date(first_ms).toISOString(), new Date(last_ms).toISOString()];
  return { type: 'system.events.dropped', user_id: null, payload: { source: 'sessions', count, first_at, last_at } };
}
