/** What an event is about, and where in the app it is. */
import { EVENT_PAYLOADS, type EventPayload, type EventType } from '../../../../../src-contract/events.ts';
import type { EventEnvelope } from '../../../../../src-contract/index.ts';
import { isEventType } from '../../event-families.ts';

export type EventPlace =
  | { place: 'memory'; name: string; memory_id: string; tab: 'working' | 'longterm' | undefined }
  | { place: 'session'; name: string; session_id: string }
  | { place: 'event'; name: string; event_id: string }
  | { place: 'dead-letter'; name: string; letter_id: string }
  | { place: 'webhook'; name: string; webhook_id: string }
  | { place: 'worker'; name: string; worker: string };

/** The setting that a webhook is. */
const WEBHOOK = /^webhooks\.([0-9a-f-]{36})$/;

/** None of what this page cannot read. */
export function placesOf(event: Pick<EventEnvelope, 'type' | 'payload'>): EventPlace[] {
  const { type } = event;
  if (!isEventType(type)) return [];
  const parsed = EVENT_PAYLOADS[type].safeParse(event.payload);
  return parsed.success ? placesIn(type, parsed.data) : [];
}

function placesIn(type: EventType, payload: EventPayload<EventType>): EventPlace[] {
  const places: EventPlace[] = [];
  const tab = type.startsWith('memory.working.')
    ? 'working'
    : type.startsWith('memory.longterm.')
      ? 'longterm'
      : undefined;
  const memory = (name: string, memory_id: string) => places.push({ place: 'memory', name, memory_id, tab });
  if ('memory_id' in payload) memory('Memory', payload.memory_id);
  if ('superseded_by' in payload) memory('Superseded by', payload.superseded_by);
  if ('from_id' in payload) {
    memory('From', payload.from_id);
    memory('To', payload.to_id);
  }
  if ('session_id' in payload && payload.session_id !== null) {
    places.push({ place: 'session', name: 'Session', session_id: payload.session_id });
  }
  if ('event_id' in payload) {
    places.push({ place: 'event', name: 'Event', event_id: payload.event_id });
    places.push({ place: 'dead-letter', name: 'Dead letter', letter_id: payload.delivery_id });
  }
  if (type === 'settings.changed' && 'keys' in payload) {
    for (const key of payload.keys) {
      const [, webhook_id] = WEBHOOK.exec(key) ?? [];
      if (webhook_id !== undefined) places.push({ place: 'webhook', name: 'Webhook', webhook_id });
    }
  }
  if ('worker' in payload) places.push({ place: 'worker', name: 'Worker', worker: payload.worker });
  return places;
}
