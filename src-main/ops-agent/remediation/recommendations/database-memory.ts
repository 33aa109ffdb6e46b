/** A database that reads from the disk what it could have in memory. */
import { formatBytes } from '../../../units.ts';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import { type Advisor, type Found, facts, percent, sinceOf, told } from './advisor.ts';

/** Below this PostgreSQL has too little memory for what is asked of it. */
const GOOD_PERCENT = 95;
/** Blocks of 8 kB read before that says anything. */
const ENOUGH_BLOCKS = 100_000;
const MEGABYTE = 1024 ** 2;

export const databaseMemory: Advisor = {
  name: 'database-memory',
  of: 'operator',
  // The embedded database has what it has.
  look: async ({ insight, sources }) => (sources.embedded ? [] : memoryIsSmall(await insight())),
};

export function memoryIsSmall(insight: DatabaseInsight): Found[] {
  return told(insight.cache).flatMap(({ hit_percent, blocks_read, shared_buffers_bytes }) => {
    if (hit_percent === null || hit_percent >= GOOD_PERCENT || blocks_read < ENOUGH_BLOCKS) return [];
    const doubled = Math.round((2 * shared_buffers_bytes) / MEGABYTE);
    return [
      {
        id: 'database-memory',
        title: 'More memory for PostgreSQL',
        detail:
          'Much of what is asked for is read from outside its buffers. Give it more, up to a quarter of the memory of its computer; it takes a restart of the server.',
        impact: 'medium' as const,
        evidence: facts({
          'Found in memory': percent(hit_percent),
          'Blocks read from outside': blocks_read,
          shared_buffers: formatBytes(shared_buffers_bytes),
          Since: sinceOf(insight),
        }),
        statement: `ALTER SYSTEM SET shared_buffers = '${doubled}MB';`,
        apply: null,
      },
    ];
  });
}
