/** Random memories, sessions, revisions and links, as the stores may hold them. */
import fc from 'fast-check';
import {
  type JsonObject,
  LINK_RELATIONS,
  LONGTERM_TYPES,
  type MemoryContent,
  type Message,
  ROLES,
  WORKING_TYPES,
} from '../../src-contract/index.ts';
import type { LinkRow, LongTermRow, RevisionRow, WorkingRow } from '../../src-main/storage/schema.ts';
import type { SessionRecord } from '../../src-main/storage/sessions/session-store.ts';
import { countWords } from './transfer-harness.ts';

const FORBIDDEN = /^(?:__proto__|constructor|prototype)$/;
/** Any text the stores can hold: no NUL, no lone surrogate. */
const text = fc.string({ unit: 'binary', maxLength: 30 }).map((value) => value.replaceAll('\u0000', '').toWellFormed());
const content_text = text.map((value) => `${value} said`);
const label = fc
  .string({ unit: 'grapheme', maxLength: 20 })
  .map((value) => `x${value.replaceAll('\u0000', '').toWellFormed()}y`);
const id_text = fc.stringMatching(/^[a-zäö0-9][a-z äö0-9./:-]{0,18}[a-zäö0-9]$/);

const json: fc.Arbitrary<JsonObject> = fc
  .dictionary(
    text.filter((key) => !FORBIDDEN.test(key)),
    fc.jsonValue({ maxDepth: 3 }),
    { maxKeys: 4 },
  )
  .map((value) => storable(value) as JsonObject);

/** JSON as PostgreSQL and the API let it in. */
function storable(value: unknown): unknown {
  if (typeof value === 'string') return value.replaceAll('\u0000', '').toWellFormed();
  if (Array.isArray(value)) return value.map(storable);
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? 0 : value;
  const entries = Object.entries(value).map(([key, inner]) => [storable(key), storable(inner)] as const);
  return Object.fromEntries(entries.filter(([key]) => !FORBIDDEN.test(String(key))));
}

/** Times before now, and a few months ahead of it. */
export const NOW = '2026-06-01T12:00:00.000Z';
const NOW_MS = Date.parse(NOW);
const past = fc.integer({ min: Date.parse('2024-01-01'), max: NOW_MS }).map((ms) => new Date(ms).toISOString());
const orNull = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
const score = fc.double({ min: 0, max: 1, noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const tags = fc.uniqueArray(label, { maxLength: 3 });
const user = fc.constantFrom('alice', 'bob', 'Zoë – 3');

const content: fc.Arbitrary<MemoryContent> = fc
  .tuple(json, content_text)
  .map(([extra, said]) => ({ ...extra, text: said }));

const message = fc
  .record({
    role: fc.constantFrom(...ROLES),
    content: content_text,
    timestamp: past,
    metadata: fc.option(json, { nil: undefined }),
  })
  .map(
    ({ metadata, ...rest }): Omit<Message, 'message_id'> => ({
      ...rest,
      token_count: countWords(rest.content),
      ...(metadata === undefined ? {} : { metadata }),
    }),
  );

export interface GeneratedSession {
  record: SessionRecord;
  messages: Message[];
}

const session: fc.Arbitrary<GeneratedSession> = fc
  .record({
    session_id: id_text,
    user_id: user,
    title: orNull(label),
    started_at: past,
    last_accessed_at: past,
    lives_ms: fc.integer({ min: 1, max: 600_000 }),
    context: fc.record({
      active_project_id: orNull(label),
      active_task_ids: fc.array(label, { maxLength: 3 }),
      mentioned_files: fc.array(label, { maxLength: 3 }),
      metadata: json,
    }),
    messages: fc.array(message, { maxLength: 6 }),
  })
  .map(({ lives_ms, messages, ...rest }) => ({
    record: { ...rest, ttl_seconds: 600, expires_at: new Date(NOW_MS + lives_ms).toISOString() },
    messages: messages.map((given, index) => ({ message_id: `m${index}`, ...given })),
  }));

const memoryFields = {
  id: fc.uuid(),
  org_id: fc.constant(''),
  user_id: user,
  content,
  metadata: json,
  tags,
  created_at: past,
  updated_at: past,
  deleted_at: orNull(past),
  language: fc.constantFrom('english', 'simple'),
};

const working: fc.Arbitrary<WorkingRow> = fc
  .record({
    ...memoryFields,
    session_id: orNull(id_text),
    memory_type: fc.constantFrom(...WORKING_TYPES),
    relevance_score: score,
    relevance_at: past,
    expires_at: fc.integer({ min: -40, max: 30 }).map((days) => new Date(NOW_MS + days * 86_400_000).toISOString()),
  })
  .map((row) => ({ ...row, token_count: countWords(row.content.text) }));

const longterm: fc.Arbitrary<LongTermRow> = fc
  .record({
    ...memoryFields,
    memory_type: fc.constantFrom(...LONGTERM_TYPES),
    provenance: fc.record(
      {
        source: label,
        session_id: id_text,
        message_id: id_text,
        working_ids: fc.array(fc.uuid(), { maxLength: 2 }),
        agent: label,
      },
      { requiredKeys: ['source'] },
    ),
    importance_score: score,
    pinned: fc.boolean(),
    access_count: fc.nat(),
    last_accessed_at: orNull(past),
    valid: fc.tuple(past, orNull(past)),
    superseded_by: orNull(fc.uuid()),
  })
  .map(({ valid: [from, to], ...row }) => ({
    ...row,
    valid_from: to !== null && to < from ? to : from,
    valid_to: to !== null && to < from ? from : to,
    token_count: countWords(row.content.text),
  }));

export interface GeneratedMemory {
  sessions: GeneratedSession[];
  working: WorkingRow[];
  longterm: LongTermRow[];
  revisions: RevisionRow[];
  links: LinkRow[];
}

/** Everything an organisation holds. Revisions and links are of its memories. */
export function memoryOf(org_id: string): fc.Arbitrary<GeneratedMemory> {
  return fc
    .record({
      sessions: fc.uniqueArray(session, { maxLength: 4, selector: ({ record }) => record.session_id }),
      working: fc.uniqueArray(working, { maxLength: 5, selector: ({ id }) => id }),
      longterm: fc.uniqueArray(longterm, { maxLength: 5, selector: ({ id }) => id }),
      changes: fc.array(
        fc.tuple(fc.nat(), fc.constantFrom('updated', 'superseded', 'deleted', 'restored'), label, past),
        { maxLength: 4 },
      ),
      joins: fc.array(fc.tuple(fc.nat(), fc.nat(), fc.constantFrom(...LINK_RELATIONS), past), { maxLength: 4 }),
    })
    .map(({ changes, joins, ...rest }) => {
      const own = <Row extends { org_id: string }>(rows: Row[]) => rows.map((row) => ({ ...row, org_id }));
      const rows = { working: own(rest.working), longterm: own(rest.longterm) };
      const all = [
        ...rows.working.map((row) => ({ layer: 'working' as const, row })),
        ...rows.longterm.map((row) => ({ layer: 'longterm' as const, row })),
      ];
      const revisions: RevisionRow[] = [];
      const links: LinkRow[] = [];
      for (const [index, [place, change, actor, created_at]] of changes.entries()) {
        const target = all[place % Math.max(1, all.length)];
        if (target === undefined) continue;
        const before = target.row as unknown as JsonObject;
        revisions.push({
          org_id,
          memory_id: target.row.id,
          layer: target.layer,
          revision: index + 1,
          change,
          actor,
          before,
          created_at,
        });
      }
      for (const [a, b, relation, created_at] of joins) {
        const [from, to] = [all[a % Math.max(1, all.length)], all[b % Math.max(1, all.length)]];
        if (!from || !to || from.row.id === to.row.id) continue;
        links.push({ org_id, from_id: from.row.id, to_id: to.row.id, relation, created_at });
      }
      return { sessions: rest.sessions, ...rows, revisions, links };
    });
}
