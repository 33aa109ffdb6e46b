/** What the URL says. It is typed by hand or kept for years: what cannot be read is left out, never an error. */
import { z } from 'zod';
import { partOfText } from '../../../../src-contract/primitives.ts';

export const statusSearch = z.object({
  /** Words that signals are looked for by. */
  find: z.coerce.string().pipe(partOfText.min(1)).optional().catch(undefined),
});
