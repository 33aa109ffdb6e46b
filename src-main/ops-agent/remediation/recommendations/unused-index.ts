/**
 * Indexes that somebody has added to tables of Archon, which cost room and writes, and that no query has used for a week.
 *
 * Those that came with Archon are left alone: what uses them may just not be in use yet, and updates count on them.
 */
import { migrationsFolder } from '../../../app-files.ts';
import { readMigrations } from '../../../storage/migrator.ts';
import { formatBytes } from '../../../units.ts';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import { type Advisor, type Found, facts, sinceOf, told } from './advisor.ts';

const LONG_ENOUGH_MS = 7 * 86_400_000;

export const unusedIndex: Advisor = {
  name: 'unused-index',
  of: 'operator',
  look: async ({ insight, sources, clock }) => {
    // The embedded database begins to count anew with each start: a day without a use says nothing.
    return sources.embedded ? [] : indexesUnused(await insight(), indexesOfArchon(), clock.now());
  },
};

export function indexesUnused(insight: DatabaseInsight, own: ReadonlySet<string>, now_ms: number): Found[] {
  const since = insight.statistics_since ?? insight.server_started_at;
  if (since === null || now_ms - Date.parse(since) < LONG_ENOUGH_MS) return [];
  return told(insight.unused_indexes)
    .filter(({ index }) => !own.has(index))
    .map(({ index, table, bytes, definition }) => ({
      id: `unused-index:${index}`,
      title: `The index ${index} is not used`,
      detail: `No query has used it, and it did not come with Archon. Every write to ${table} keeps it up all the same. Look first whether a standby uses it, and whether it was made only lately; and keep the statement that makes it.`,
      impact: 'low' as const,
      evidence: facts({
        Table: table,
        Size: formatBytes(bytes),
        'Not used since': sinceOf(insight),
        'Made by': definition,
      }),
      statement: `DROP INDEX CONCURRENTLY ${index};`,
      apply: null,
    }));
}

export function indexesOfArchon(): ReadonlySet<string> {
  const names = readMigrations(migrationsFolder).flatMap(({ sql }) =>
    [...sql.matchAll(/\bCREATE\s+(?:UNIQUE\s+)?INDEX\s+(?:CONCURRENTLY\s+)?(?:IF\s+NOT\s+EXISTS\s+)?(\w+)/gi)].map(
      ([, name = '']) => name,
    ),
  );
  return new Set(names);
}
