/** What bringing a database up to date would do. */
import { z } from 'zod';

export const migrationPreview = z.object({
  current: z.int().min(0),
  target: z.int().min(0),
  pending: z.array(z.object({ version: z.int(), name: z.string(), sql: z.string() })),
});
export type MigrationPreview = z.infer<typeof migrationPreview>;
