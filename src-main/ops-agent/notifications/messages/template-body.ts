/**
 * A body of a person's own: JSON in whose strings places such as `{{summary}}` are filled in. It is read as JSON first, so
 * that whatever stands in an alert stays within its string.
 */
import { SendFailure } from '../../../alerting/send-failure.ts';
import { invalidField } from '../../../errors.ts';
import { factsOf, type Message, stateWords, TEST_TEXT } from './message.ts';
import { plainText } from './plain-text.ts';

type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Every place, and what stands there. Of several alerts the first one, which is the worst. */
const PLACES: Record<string, (message: Message) => Json> = {
  subject: ({ subject }) => subject,
  text: (message) => plainText(message),
  at: ({ at }) => at,
  delivery_id: ({ delivery_id }) => delivery_id,
  kind: ({ kind }) => kind,
  about: (message) => (message.kind === 'alerts' ? message.about : message.kind),
  severity: (message) => (message.kind === 'alerts' ? message.severity : ''),
  status: (message) => (message.kind !== 'alerts' ? '' : message.about === 'resolved' ? 'resolved' : 'firing'),
  count: (message) => (message.kind === 'alerts' ? message.alerts.length : 0),
  summary: (message) => first(message)?.alert.summary ?? (message.kind === 'test' ? TEST_TEXT : message.subject),
  rule: (message) => first(message)?.alert.rule_id ?? '',
  rule_name: (message) => first(message)?.alert.rule_name ?? '',
  alert_id: (message) => first(message)?.alert.id ?? '',
  fingerprint: (message) => first(message)?.alert.fingerprint ?? '',
  started_at: (message) => first(message)?.alert.started_at ?? '',
  ended_at: (message) => first(message)?.alert.ended_at ?? '',
  value: (message) => first(message)?.alert.value ?? '',
  limit: (message) => first(message)?.alert.limit ?? '',
  cause: (message) => first(message)?.alert.cause ?? '',
  advice: (message) => first(message)?.alert.advice ?? '',
  link: (message) => first(message)?.link ?? '',
  labels: (message) => first(message)?.alert.labels ?? {},
  alerts: (message) =>
    message.kind !== 'alerts'
      ? []
      : message.alerts.map((told) => ({
          id: told.alert.id,
          state: stateWords(told),
          summary: told.alert.summary,
          severity: told.alert.severity,
          labels: told.alert.labels,
          link: told.link ?? '',
          facts: Object.fromEntries(factsOf(told)),
        })),
};
const LABEL = 'labels.';

export const TEMPLATE_PLACES: readonly string[] = [...Object.keys(PLACES), `${LABEL}NAME`];

const first = (message: Message) => (message.kind === 'alerts' ? message.alerts[0] : undefined);

/** @throws ArchonError VALIDATION_FAILED that says what to change */
export function checkTemplate(template: string | null): void {
  if (template === null || template.trim() === '') {
    throw invalidField('draft.target.template', 'must be JSON with places such as {{summary}}');
  }
  const json = parse(template);
  if (isDeep(json)) {
    throw invalidField('draft.target.template', `must not be nested more than ${MOST_DEPTH} times`);
  }
  for (const text of stringsOf(json)) {
    for (const place of placesIn(text)) {
      if (!isPlace(place)) {
        throw invalidField(
          'draft.target.template',
          `holds the place {{${place}}}, which there is not: there are ${TEMPLATE_PLACES.join(', ')}`,
        );
      }
    }
  }
}

/** @throws SendFailure when it comes to more than receivers take */
export function templateBody(template: string, message: Message): string {
  const room = { left: MOST_BODY };
  return JSON.stringify(filled(parse(template), (place) => withinRoom(placeValue(place, message), room)));
}

/** Characters of all that is filled in: `{{alerts}}` may stand there often. */
const MOST_BODY = 4_000_000;
const MOST_DEPTH = 50;

function withinRoom(value: Json, room: { left: number }): Json {
  room.left -= typeof value === 'string' ? value.length : JSON.stringify(value).length;
  if (room.left >= 0) return value;
  throw new SendFailure('What its template makes of so many alerts is too much: name fewer places in it.', {
    is_lasting: true,
  });
}

function isDeep(json: Json): boolean {
  let layer: Json[] = [json];
  for (let depth = 0; depth <= MOST_DEPTH && layer.length > 0; depth += 1) {
    layer = layer.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return layer.length > 0;
}

function parse(template: string): Json {
  try {
    return JSON.parse(template) as Json;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw invalidField(
      'draft.target.template',
      `must be JSON; places stand within strings, such as "{{summary}}" (${why})`,
    );
  }
}

type Fill = (place: string) => Json;

function filled(json: Json, fill: Fill): Json {
  if (typeof json === 'string') return filledText(json, fill);
  if (Array.isArray(json)) return json.map((item) => filled(item, fill));
  if (typeof json !== 'object' || json === null) return json;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, filled(value, fill)]));
}

const PLACE = /\{\{\s*([^{}]*?)\s*\}\}/g;
const ONLY_PLACE = /^\{\{\s*([^{}]*?)\s*\}\}$/;

/** A string that is one place becomes what stands there: a number, a list. */
function filledText(text: string, fill: Fill): Json {
  const [, only] = ONLY_PLACE.exec(text) ?? [];
  if (only !== undefined) return fill(only);
  return text.replaceAll(PLACE, (_all, place: string) => {
    const value = fill(place);
    return typeof value === 'string' ? value : JSON.stringify(value);
  });
}

function placeValue(place: string, message: Message): Json {
  if (place.startsWith(LABEL)) {
    const labels = first(message)?.alert.labels ?? {};
    const label = place.slice(LABEL.length);
    return Object.hasOwn(labels, label) ? (labels[label] ?? '') : '';
  }
  return Object.hasOwn(PLACES, place) ? (PLACES[place]?.(message) ?? '') : '';
}

const isPlace = (place: string): boolean =>
  Object.hasOwn(PLACES, place) || (place.startsWith(LABEL) && place.length > LABEL.length);
const placesIn = (text: string): string[] => [...text.matchAll(PLACE)].map(([, place = '']) => place);

function stringsOf(json: Json): string[] {
  if (typeof json === 'string') return [json];
  if (typeof json !== 'object' || json === null) return [];
  // Names of members are not filled in: a place there is as unknown as any other.
  return Array.isArray(json)
    ? json.flatMap(stringsOf)
    : Object.entries(json).flatMap(([key, value]) => [
        ...(placesIn(key).length > 0 ? [`{{a name: ${placesIn(key)[0]}}}`] : []),
        ...stringsOf(value),
      ]);
}
