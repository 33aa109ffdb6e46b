/** What an event tells, in words: one line for its row. */
import type { z } from 'zod';
import { EVENT_PAYLOADS, type EventPayload, type EventType } from '../../../../../src-contract/events.ts';
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { number, plural } from '../../../../ui/format.ts';
import { isEventType } from '../../event-families.ts';

/** A word for every type: one that is new does not compile until it has its own. */
type Summaries<T extends EventType = EventType> = { [K in T]: (payload: EventPayload<K>) => string };
type Of<Prefix extends string> = Extract<EventType, `${Prefix}.${string}`>;

/** Longest summary: a row shows less, its title all of it. */
const LENGTH = 300;

/** The end of an id: their beginning is the time, and much alike. */
const short = (id: string): string => (id.length > 12 ? `…${id.slice(-8)}` : id);
const because = (reason: string | null): string => (reason === null || reason === '' ? '' : `: ${reason}`);

const ofSessions: Summaries<Of<'memory.session'> | Of<'memory.message'> | Of<'memory.context'>> = {
  'memory.session.created': ({ session_id }) => `Session ${session_id} begun`,
  'memory.session.updated': ({ session_id }) => `Session ${session_id} changed`,
  'memory.session.deleted': ({ session_id }) => `Session ${session_id} deleted`,
  'memory.session.expired': ({ session_id }) => `Session ${session_id} ran out`,
  'memory.message.added': ({ session_id, message_ids }) =>
    `${plural(message_ids.length, 'message')} added to session ${session_id}`,
  'memory.context.assembled': ({ session_id, total_tokens, status }) =>
    `Context of ${plural(total_tokens, 'token')}${session_id === null ? '' : ` for session ${session_id}`}, ${status}`,
};

const ofWorking: Summaries<Of<'memory.working'>> = {
  'memory.working.created': ({ memory_id, memory_type }) =>
    `Working memory written: ${memory_type} ${short(memory_id)}`,
  'memory.working.updated': ({ memory_id, memory_type }) =>
    `Working memory changed: ${memory_type} ${short(memory_id)}`,
  'memory.working.deleted': ({ memory_id, memory_type }) =>
    `Working memory deleted: ${memory_type} ${short(memory_id)}`,
  'memory.working.restored': ({ memory_id, memory_type }) =>
    `Working memory brought back: ${memory_type} ${short(memory_id)}`,
};

const ofLongTerm: Summaries<Of<'memory.longterm'> | Of<'memory.link'>> = {
  'memory.longterm.created': ({ memory_id, memory_type }) =>
    `Long-term memory written: ${memory_type} ${short(memory_id)}`,
  'memory.longterm.updated': ({ memory_id, memory_type }) =>
    `Long-term memory changed: ${memory_type} ${short(memory_id)}`,
  'memory.longterm.superseded': ({ memory_id, memory_type, superseded_by }) =>
    `Long-term memory superseded: ${memory_type} ${short(memory_id)} by ${short(superseded_by)}`,
  'memory.longterm.deleted': ({ memory_id, memory_type }) =>
    `Long-term memory deleted: ${memory_type} ${short(memory_id)}`,
  'memory.longterm.restored': ({ memory_id, memory_type }) =>
    `Long-term memory brought back: ${memory_type} ${short(memory_id)}`,
  'memory.link.created': ({ from_id, to_id, relation }) => `Linked: ${short(from_id)} ${relation} ${short(to_id)}`,
  'memory.link.removed': ({ from_id, to_id, relation }) =>
    `Link removed: ${short(from_id)} ${relation} ${short(to_id)}`,
};

const IMPORTED: Record<EventPayload<'memory.imported'>['layer'], readonly [one: string, many: string]> = {
  working: ['working memory', 'working memories'],
  longterm: ['long-term memory', 'long-term memories'],
  revision: ['revision', 'revisions'],
  link: ['link', 'links'],
};

const ofUsers: Summaries<'memory.imported' | Of<'memory.user'>> = {
  'memory.imported': ({ layer, count }) => `${plural(count, ...IMPORTED[layer])} imported`,
  'memory.user.erased': ({ working, longterm }) =>
    `Everything about the user erased: ${number(working)} working and ${plural(longterm, ...IMPORTED.longterm)}`,
};

const run = ({ worker, shard }: { worker: string; shard: string | null }): string =>
  shard === null ? worker : `${worker} (part ${shard})`;
const took = (duration_ms: number): string =>
  duration_ms < 1000 ? `${number(duration_ms)} ms` : `${number(Math.round(duration_ms / 100) / 10)} s`;
const OUTCOMES: Record<EventPayload<'worker.run.failed'>['outcome'], string> = {
  failed: 'failed',
  cancelled: 'was cancelled',
  crashed: 'ended with its node',
  timed_out: 'took too long',
};

const ofWorkers: Summaries<Of<'worker'>> = {
  'worker.run.started': (payload) => `${run(payload)} began, by ${payload.trigger}`,
  'worker.run.succeeded': (payload) =>
    `${run(payload)} changed ${number(payload.changed)} of ${number(payload.items)} in ${took(payload.duration_ms)}`,
  'worker.run.failed': (payload) =>
    `${run(payload)} ${OUTCOMES[payload.outcome]} after ${took(payload.duration_ms)}${because(payload.error)}`,
  'worker.state.changed': ({ worker, from, to, reason }) => `${worker}: ${from} → ${to}${because(reason)}`,
};

const ofDelivery: Summaries<Of<'event.delivery'>> = {
  'event.delivery.dead': ({ subscriber, event_type, event_id, attempts, error_name }) =>
    `${subscriber} gave up on ${event_type} (${event_id}) after ${plural(attempts, 'attempt')}${because(error_name)}`,
  'event.delivery.resolved': ({ subscriber, event_type, event_id, resolution, reason }) =>
    `Dead letter ${resolution}: ${event_type} (${event_id}) for ${subscriber}${because(reason)}`,
};

const STORES = { database: 'The database', sessions: 'The session store' } as const;

const ofSystem: Summaries<Of<'system'> | 'settings.changed'> = {
  'settings.changed': ({ keys }) => `Settings changed: ${keys.join(', ')}`,
  'system.breaker.changed': ({ breaker, from, to, reason }) => `Breaker ${breaker}: ${from} → ${to}${because(reason)}`,
  'system.journal.drained': ({ store, writes, away_ms }) =>
    `${STORES[store]} takes writes again: ${plural(writes, 'write')} that waited up to ${took(away_ms)} ${writes === 1 ? 'is' : 'are'} in it`,
  'system.journal.refused': ({ store, operation, error }) =>
    `${STORES[store]} refused a queued write (${operation}): ${error}`,
  'system.events.dropped': ({ source, count }) =>
    `${plural(count, 'event')} of ${source} could not wait any longer and ${count === 1 ? 'is' : 'are'} not in the log`,
};

const SUMMARIES: Summaries = {
  ...ofSessions,
  ...ofWorking,
  ...ofLongTerm,
  ...ofUsers,
  ...ofWorkers,
  ...ofDelivery,
  ...ofSystem,
};

/** In one line, safe to show. What this page cannot read, such as a type of a later version, is shown as it is. */
export function summaryOf({ type, payload }: Pick<EventEnvelope, 'type' | 'payload'>): string {
  const said = isEventType(type) ? say(type, payload) : undefined;
  return excerpt(said ?? JSON.stringify(payload), LENGTH);
}

function say<T extends EventType>(type: T, payload: unknown): string | undefined {
  const parsed = EVENT_PAYLOADS[type].safeParse(payload) as z.ZodSafeParseResult<EventPayload<T>>;
  return parsed.success ? SUMMARIES[type](parsed.data) : undefined;
}
