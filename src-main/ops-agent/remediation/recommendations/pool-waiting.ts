/** Calls that wait for a connection to the database. */
import { type Advisor, facts, percent } from './advisor.ts';

const HOUR_SECONDS = 3600;
/** Part of the hour in which calls waited, from which on more connections help. */
const PART = 0.1;
/** As the setting allows. */
const LARGEST = 200;

export const poolWaiting: Advisor = {
  name: 'pool-waiting',
  of: 'operator',
  look: async ({ sources, settings }) => {
    // The embedded database serves one call at a time, however many connections there are.
    if (sources.embedded) return [];
    const { lines } = await sources.metrics.series({
      names: ['database_pool'],
      last_seconds: HOUR_SECONDS,
      max_points: 300,
    });
    const values = lines.find(({ line }) => line === 'waiting');
    const read = (values?.max ?? values?.values ?? []).flatMap((value) => value ?? []);
    const waited = read.filter((value) => value > 0);
    const size = settings.device['database.pool_size'];
    if (read.length === 0 || waited.length / read.length < PART || size >= LARGEST) return [];
    const more = Math.min(LARGEST, size * 2);
    return [
      {
        id: 'pool-waiting',
        title: 'More connections to the database',
        detail: `Calls wait for one of the ${size} connections. More of them help as long as PostgreSQL allows them (max_connections, for all processes together) and has processors to spare.`,
        impact: 'high',
        evidence: facts({
          'Calls waited in': `${percent((100 * waited.length) / read.length)} of the last hour`,
          'Waited at a time, at most': Math.max(...waited),
          'Connections now': size,
        }),
        statement: `archon config set database.pool_size ${more}`,
        apply: null,
      },
    ];
  },
};
