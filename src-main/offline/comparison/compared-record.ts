/** What of an archived record is compared, and what of it is shown. */
import { hash } from 'node:crypto';
import type { ComparedLayer, Difference, JsonObject } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import type { ArchiveRecord } from '../../transfer/archive/archive-format.ts';
import { canonicalJson } from '../../transfer/archive/canonical-json.ts';
import { shortened } from '../../transfer/conversations/storable-text.ts';

/** UTF-16 units of a text, and of a field, that a difference keeps. */
const MAX_TEXT = 4000;
const MAX_FIELD = 500;

/**
 * Fields that change by merely being read or by time, counts that follow from other records, and the organisation,
 * which an import changes.
 */
const NOT_COMPARED: Readonly<Record<ComparedLayer, ReadonlySet<string>>> = {
  session: new Set(['org_id', 'last_accessed_at', 'expires_at', 'message_count', 'token_count']),
  message: new Set(['token_count']),
  working: new Set(['org_id', 'relevance_score', 'relevance_at', 'token_count']),
  longterm: new Set(['org_id', 'access_count', 'last_accessed_at', 'token_count']),
};

export interface ComparedRecord {
  layer: ComparedLayer;
  /** Unlike all others of its layer. */
  key: string;
  user_id: string;
  id: string;
  session_id: string | null;
  fields: JsonObject;
}

/** Undefined for records that belong to others: revisions and links. */
export function comparedRecord(record: ArchiveRecord): ComparedRecord | undefined {
  switch (record.type) {
    case 'session': {
      const { session_id, user_id } = record.session;
      return compared('session', session_id, { user_id, id: session_id, session_id: null }, record.session);
    }
    case 'message': {
      const { session_id, user_id, message } = record;
      const key = JSON.stringify([session_id, message.message_id]);
      return compared('message', key, { user_id, id: message.message_id, session_id }, message);
    }
    case 'working':
    case 'longterm': {
      const { id, user_id } = record.row;
      return compared(record.type, id, { user_id, id, session_id: null }, record.row);
    }
    case 'revision':
    case 'link':
      return undefined;
    default:
      return assertNever(record);
  }
}

function compared(
  layer: ComparedLayer,
  key: string,
  names: Pick<ComparedRecord, 'user_id' | 'id' | 'session_id'>,
  entity: object,
): ComparedRecord {
  const fields = Object.entries(entity).filter(
    ([name, value]) => !NOT_COMPARED[layer].has(name) && value !== undefined,
  );
  return { layer, key, ...names, fields: Object.fromEntries(fields) };
}

/** The same for records that say the same. */
export const digestOf = ({ fields }: ComparedRecord): Buffer =>
  hash('sha256', canonicalJson(fields), 'buffer').subarray(0, 16);

type Shown = NonNullable<Difference['before']>;

export function shownOf({ layer, fields }: Pick<ComparedRecord, 'layer' | 'fields'>): Shown {
  const text = textOf(layer, fields);
  return {
    text: shortened(text, MAX_TEXT),
    is_cut: text.length > MAX_TEXT,
    role: (layer === 'message' ? fields.role : null) as Shown['role'],
    memory_type: typeof fields.memory_type === 'string' ? fields.memory_type : null,
    at: timeOf(layer, fields),
  };
}

function textOf(layer: ComparedLayer, fields: JsonObject): string {
  switch (layer) {
    case 'session':
      return typeof fields.title === 'string' ? fields.title : '';
    case 'message':
      return String(fields.content);
    case 'working':
    case 'longterm':
      return String((fields.content as { text?: unknown } | undefined)?.text ?? '');
    default:
      return assertNever(layer);
  }
}

function timeOf(layer: ComparedLayer, fields: JsonObject): string | null {
  const time = layer === 'session' ? fields.started_at : layer === 'message' ? fields.timestamp : fields.updated_at;
  return typeof time === 'string' ? time : null;
}

/** Which fields differ, in the order of their names. */
export function changedFields(before: JsonObject, after: JsonObject): Difference['fields'] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((field) => {
    const [was, is] = [jsonOf(before, field), jsonOf(after, field)];
    return was === is ? [] : [{ field, before: cut(was), after: cut(is) }];
  });
}

const jsonOf = (fields: JsonObject, name: string): string | null =>
  Object.hasOwn(fields, name) ? canonicalJson(fields[name]) : null;
const cut = (json: string | null): string | null => (json === null ? null : shortened(json, MAX_FIELD));
