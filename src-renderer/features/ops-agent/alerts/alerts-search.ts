/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { OPS_ALERT_STATES } from '../../../../src-contract/ops-alerts.ts';
import { OPS_SEVERITIES } from '../../../../src-contract/ops-rules.ts';
import { ALERT_RANGES } from './model/alert-range.ts';

const text = z.coerce.string().trim().min(1).max(500).optional().catch(undefined);
const time = z.iso.datetime({ offset: true }).optional().catch(undefined);
const list = <T extends z.ZodType>(item: T) =>
  z
    .union([z.array(item).min(1).max(10), item.transform((one) => [one])])
    .optional()
    .catch(undefined);

export const alertsSearch = z.object({
  /** Without it those of now. */
  view: z.enum(['history', 'silences']).optional().catch(undefined),
  state: list(z.enum(OPS_ALERT_STATES)),
  severity: list(z.enum(OPS_SEVERITIES)),
  /** Id of a rule. */
  rule: z.coerce.string().trim().min(1).max(60).optional().catch(undefined),
  /** Part of the summary, of the name of the rule or of a label. */
  text,
  /** Of the history: a span that ends now, by its name. */
  range: z.enum(ALERT_RANGES).optional().catch(undefined),
  from: time,
  to: time,
  /** The alert whose details are open. */
  alert: z.uuid().optional().catch(undefined),
});
export type AlertsSearch = z.infer<typeof alertsSearch>;

/** The members that narrow the list. */
const FILTERS = ['state', 'severity', 'rule', 'text'] as const;
export const NO_FILTERS: Partial<Record<(typeof FILTERS)[number], undefined>> = Object.fromEntries(
  FILTERS.map((name) => [name, undefined]),
);

export const hasFilters = (search: AlertsSearch): boolean => FILTERS.some((name) => search[name] !== undefined);
