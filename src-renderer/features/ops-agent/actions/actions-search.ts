/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { OPS_ACTION_STATES } from '../../../../src-contract/ops-actions.ts';
import { opsRemediatorName } from '../../../../src-contract/ops-rules.ts';

const states = z
  .unknown()
  .transform((value) => {
    const given = Array.isArray(value) ? value : [value];
    return OPS_ACTION_STATES.filter((state) => given.includes(state));
  })
  .transform((found) => (found.length === 0 ? undefined : found))
  .optional()
  .catch(undefined);
const id = z.uuid().optional().catch(undefined);

export const actionsSearch = z.object({
  remediator: opsRemediatorName.optional().catch(undefined),
  state: states,
  origin: z.enum(['rule', 'person', 'recommendation']).optional().catch(undefined),
  /** Only what was done about this alert. */
  alert: id,
  /** The action whose details are open. */
  action: id,
});
export type ActionsSearch = z.infer<typeof actionsSearch>;

export const NO_FILTERS = { remediator: undefined, state: undefined, origin: undefined, alert: undefined } as const;

export const hasFilters = ({ remediator, state, origin, alert }: ActionsSearch): boolean =>
  [remediator, state, origin, alert].some((filter) => filter !== undefined);
