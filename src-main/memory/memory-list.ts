/** Reading a page of memories: filters both layers share, three sort orders, keyset pagination. */
import { type Compilable, type Expression, type RawBuilder, type SqlBool, sql } from 'kysely';
import { z } from 'zod';
import { score as scoreValue, timestamp } from '../../src-contract/index.ts';
import { fromTemplate } from '../storage/sql.ts';
import { cursorInvalid, decodeCursor, encodeCursor } from './cursor.ts';

/** Where the last page ended. `at` fixes the time scores are decayed to, so that their order holds over all pages. */
const place = { id: z.uuid(), at: timestamp };
const position = z.discriminatedUnion('sort', [
  z.object({ sort: z.enum(['newest', 'oldest']), key: timestamp, ...place }),
  z.object({ sort: z.literal('score'), key: scoreValue, ...place }),
]);
type Position = z.infer<typeof position>;

export type Sort = Position['sort'];

export interface PageRequest {
  /** Which list: a cursor belongs to one. */
  list: 'working' | 'longterm';
  sort: Sort;
  cursor?: string | undefined;
  limit: number;
}

/** A page to be read: the decoded cursor, if any, and the time its scores are taken at. */
export interface PageStart extends PageRequest {
  after: Position | undefined;
  at: string;
}

/** @throws ArchonError CURSOR_INVALID */
export function openPage(request: PageRequest, now: string): PageStart {
  const { list, cursor } = request;
  const after = cursor === undefined ? undefined : decodeCursor(list, cursor, position);
  // A cursor of another order would skip and repeat rows.
  if (after !== undefined && after.sort !== request.sort) throw cursorInvalid();
  return { ...request, after, at: after?.at ?? now };
}

/** Cuts the one row read too many and makes the cursor of the next page. */
export function closePage<Row extends { id: string; created_at: string; sort_key?: number }>(
  rows: Row[],
  page: PageStart,
): { rows: Row[]; next_cursor: string | null } {
  const last = rows.length > page.limit ? rows[page.limit - 1] : undefined;
  if (last === undefined) return { rows, next_cursor: null };
  const key = page.sort === 'score' ? (last.sort_key ?? 0) : last.created_at;
  return {
    rows: rows.slice(0, page.limit),
    next_cursor: encodeCursor(page.list, { sort: page.sort, key, id: last.id, at: page.at }),
  };
}

/** Rows after the cursor, in the page's order. `score` is the expression sorted by. */
function afterCursor(page: PageStart, score: RawBuilder<number>): Expression<SqlBool> | undefined {
  const { after } = page;
  if (after === undefined) return undefined;
  switch (page.sort) {
    case 'newest':
      return sql<SqlBool>`(created_at, id) < (${after.key}::timestamptz, ${after.id}::uuid)`;
    case 'oldest':
      return sql<SqlBool>`(created_at, id) > (${after.key}::timestamptz, ${after.id}::uuid)`;
    case 'score':
      return sql<SqlBool>`(${score}, id) < (${after.key}::float8, ${after.id}::uuid)`;
  }
}

/** Part of a text, upper and lower case alike; `%` and `_` are themselves. */
function textContains(text: string): Expression<SqlBool> {
  return sql<SqlBool>`content ->> 'text' ILIKE ${`%${text.replaceAll(/[\\%_]/g, '\\$&')}%`}`;
}

export interface SharedFilters {
  org_id: string;
  user_id: string;
  tags?: string[] | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
  text?: string | undefined;
  ids?: string[] | undefined;
  include_deleted: boolean;
}

/** The filters of both layers. */
export function sharedFilter(filters: SharedFilters): Expression<SqlBool>[] {
  const conditions: Expression<SqlBool>[] = [
    sql<SqlBool>`org_id = ${filters.org_id}`,
    sql<SqlBool>`user_id = ${filters.user_id}`,
  ];
  if (!filters.include_deleted) conditions.push(sql<SqlBool>`deleted_at IS NULL`);
  if (filters.tags?.length) conditions.push(sql<SqlBool>`tags @> ${filters.tags}::text[]`);
  if (filters.created_after) conditions.push(sql<SqlBool>`created_at >= ${filters.created_after}::timestamptz`);
  if (filters.created_before) conditions.push(sql<SqlBool>`created_at < ${filters.created_before}::timestamptz`);
  if (filters.ids) conditions.push(sql<SqlBool>`id = ANY (${filters.ids}::uuid[])`);
  if (filters.text) conditions.push(textContains(filters.text));
  return conditions;
}

/** The statement that reads one page: the rows that meet all conditions, one more than asked. */
export function pageQuery<Row>(
  table: { name: string; columns: readonly string[] },
  conditions: readonly Expression<SqlBool>[],
  page: PageStart,
  score: RawBuilder<number>,
): Compilable<Row & { sort_key: number }> {
  const after = afterCursor(page, score);
  const where = sql.join(after === undefined ? conditions : [...conditions, after], sql` AND `);
  const order = {
    newest: sql`created_at DESC, id DESC`,
    oldest: sql`created_at, id`,
    score: sql`sort_key DESC, id DESC`,
  }[page.sort];
  return fromTemplate(sql<Row & { sort_key: number }>`
    SELECT ${sql.join(table.columns.map((column) => sql.ref(column)))}, ${score} AS sort_key
    FROM ${sql.table(table.name)} WHERE ${where} ORDER BY ${order} LIMIT ${page.limit + 1}`);
}
