import { z } from 'zod';
import { EVENT_PAYLOADS } from '../../src-contract/index.ts';
import { code, GENERATED, page, table } from './markdown.ts';

export function eventsPage(): string {
  const groups = Map.groupBy(Object.entries(EVENT_PAYLOADS), ([type]) => type.split('.')[0] ?? '');
  return page(
    GENERATED,
    '# Events',
    'Every write is recorded in the event log, in one step with it: an event is there exactly when what it tells of was done. Events of sessions, and of contexts, come by way of an outbox in the session store and follow within moments; while the database is away they wait there.',
    'An event has `id`, `org_id`, `type`, `user_id` (null when it is about none, or several), `actor` (who did it), `payload` and `created_at`. Read the log with `GET /api/events`, follow it with `GET /api/events/stream`.',
    ...[...groups].flatMap(([group, events]) => [
      `## ${group}`,
      table(
        ['type', 'when', 'payload'],
        events.map(([type, schema]) => [code(type), schema.description ?? '', fields(schema)]),
      ),
    ]),
  );
}

interface JsonSchema {
  type?: string | string[];
  description?: string;
  enum?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  properties?: Record<string, JsonSchema>;
}

function fields(schema: z.ZodType): string {
  const { properties = {} } = z.toJSONSchema(schema) as JsonSchema;
  return Object.entries(properties)
    .map(([name, field]) => `${code(name)} ${typeOf(field)}${field.description ? `: ${field.description}` : ''}`)
    .join('<br>');
}

function typeOf({ type, enum: values, items, anyOf }: JsonSchema): string {
  if (values) return values.map((value) => `\`${value}\``).join(' or ');
  if (anyOf) return anyOf.map(typeOf).join(' or ');
  if (items) return `list of ${typeOf(items)}`;
  return Array.isArray(type) ? type.join(' or ') : (type ?? 'value');
}
