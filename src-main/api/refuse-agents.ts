/** What only a person may do. */
import { ArchonError } from '../errors.ts';
import type { ApiContext } from './base.ts';

export function refuseAgents(context: ApiContext, what: string): void {
  if (context.interactive) return;
  throw new ArchonError(
    'FORBIDDEN',
    `Only a person may ${what}: in the desktop app, logged in with a browser, or with \`archon\`.`,
  );
}
