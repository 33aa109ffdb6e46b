/** What stands in the way of opening a profile, as the engine says it. */
import { ORPCError } from '@orpc/client';
import { type MigrationPreview, migrationPreview } from '../../../../../src-contract/migration-preview.ts';

export type SwitchProblem =
  /** The database must be brought up to date, which a person has to confirm. */
  | { kind: 'migrations'; preview: MigrationPreview }
  /** Imports or exports run, the configuration sets the connection, or the server refused what it was given. */
  | { kind: 'busy'; message: string }
  | { kind: 'failed'; error: unknown };

export function switchProblem(error: unknown): SwitchProblem {
  if (!(error instanceof ORPCError)) return { kind: 'failed', error };
  if (error.code === 'MIGRATIONS_PENDING') {
    const preview = migrationPreview.safeParse(error.data);
    if (preview.success) return { kind: 'migrations', preview: preview.data };
  }
  return error.code === 'CONFLICT' ? { kind: 'busy', message: error.message } : { kind: 'failed', error };
}
