/** Indexes that cost room and writes, and that no query has used for a week. */
import { formatBytes } from '../../../units.ts';
import { type Advisor, facts, sinceOf, told } from './advisor.ts';

const LONG_ENOUGH_MS = 7 * 86_400_000;

export const unusedIndex: Advisor = {
  name: 'unused-index',
  of: 'operator',
  look: async ({ insight, sources, clock }) => {
    // The embedded database begins to count anew with each start: a day without a use says nothing.
    if (sources.embedded) return [];
    const known = await insight();
    const { statistics_since } = known;
    if (statistics_since !== null && clock.now() - Date.parse(statistics_since) < LONG_ENOUGH_MS) return [];
    return told(known.unused_indexes).map(({ index, table, bytes, definition }) => ({
      id: `unused-index:${index}`,
      title: `The index ${index} is not used`,
      detail: `No query has used it. Every write to ${table} keeps it up all the same. Look first whether a standby uses it, and keep the statement that makes it; an index that came with Archon may be made again by an update.`,
      impact: 'low' as const,
      evidence: facts({
        Table: table,
        Size: formatBytes(bytes),
        'Not used since': sinceOf(known),
        'Made by': definition,
      }),
      statement: `DROP INDEX CONCURRENTLY ${index};`,
      apply: null,
    }));
  },
};
