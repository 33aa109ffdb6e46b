/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { OPS_SEVERITIES } from '../../../../src-contract/ops-rules.ts';

const ruleId = z.coerce
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/)
  .optional()
  .catch(undefined);

export const rulesSearch = z.object({
  /** The rule that is open. */
  rule: ruleId,
  /** A new one is written. */
  new: z.literal(true).optional().catch(undefined),
  /** The rule that a new one is begun from. */
  copy: ruleId,
  /** Part of the name, of the conditions or of the description. */
  text: z.coerce.string().trim().min(1).max(200).optional().catch(undefined),
  severity: z.enum(OPS_SEVERITIES).optional().catch(undefined),
  which: z.enum(['firing', 'changed', 'custom', 'off']).optional().catch(undefined),
});
export type RulesSearch = z.infer<typeof rulesSearch>;
