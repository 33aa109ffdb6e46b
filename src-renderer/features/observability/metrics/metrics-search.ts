/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { timestamp } from '../../../../src-contract/primitives.ts';
import { CHART_IDS, SECTION_IDS } from './model/chart-ids.ts';
import { LAST_NAMES } from './model/time-range.ts';

const time = z.coerce.string().pipe(timestamp).optional().catch(undefined);
const chart = z.enum(CHART_IDS).optional().catch(undefined);

export const metricsSearch = z.object({
  /** The time up to now, such as `1h`. */
  range: z.enum(LAST_NAMES).optional().catch(undefined),
  /** A span of its own, which goes before `range`. */
  from: time,
  to: time,
  /** Not read again by itself. */
  paused: z.literal(true).optional().catch(undefined),
  /** The chart that is shown large, alone. */
  chart,
  /** The chart whose figures are shown as a table. */
  table: chart,
  /** Sections that are folded. */
  closed: z.array(z.enum(SECTION_IDS)).optional().catch(undefined),
});
export type MetricsSearch = z.infer<typeof metricsSearch>;
