import { os } from './base.ts';

export const journalRouter = os.journal.router({
  status: os.journal.status.handler(({ context }) => context.services.writes.status(context.scope)),
  refused: os.journal.refused.handler(({ input, context }) => context.services.writes.refused(context.scope, input)),
  retry: os.journal.retry.handler(({ input, context }) => context.services.writes.retry(context.scope, input.id)),
  discard: os.journal.discard.handler(({ input, context }) => context.services.writes.discard(context.scope, input.id)),
});
