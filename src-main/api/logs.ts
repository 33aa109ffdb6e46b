import { withEventMeta } from '@orpc/server';
import type { DiagnosticsPiece, LogTailItem } from '../../src-contract/index.ts';
import { ArchonError, invalidField } from '../errors.ts';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { type ApiContext, os } from './base.ts';
import { toApiError } from './error-mapping.ts';
import { refuseAgents } from './refuse-agents.ts';

const ID = /^\d{1,16}$/;

export const logsRouter = os.logs.router({
  list: os.logs.list.handler(({ input, context }) => logsFor(context).list(input)),
  tail: os.logs.tail.handler(({ input, context, signal, lastEventId }) => {
    const logs = logsFor(context);
    if (lastEventId !== undefined && !ID.test(lastEventId)) {
      throw invalidField('Last-Event-ID', 'must be the id of an entry');
    }
    return withIds(logs.tail({ ...input, after_id: lastEventId ?? input.after_id, signal }));
  }),
  components: os.logs.components.handler(({ context }) => logsFor(context).components()),
  level: os.logs.level.handler(({ context }) => logsFor(context).level()),
  setLevel: os.logs.setLevel.handler(({ input, context }) => {
    const logs = logsFor(context);
    const { level, minutes } = input;
    const tell = (next: string) =>
      context.logger.warn({ actor: context.scope.actor, minutes }, `the log level is ${next} now`);
    // Said while it is still said: who makes it quiet must not go unnoticed.
    const isQuiet = level === 'error' || level === 'fatal';
    if (isQuiet) tell(level);
    const before = logs.level().level;
    const state = logs.setLevel(level, minutes);
    if (state.level !== before) context.services.resilience.noteSettings(context.scope, ['log.level']);
    if (!isQuiet) tell(state.level);
    return state;
  }),
  diagnosticsContents: os.logs.diagnosticsContents.handler(({ context }) => {
    logsFor(context);
    return context.services.diagnostics(context.scope).contents();
  }),
  diagnostics: os.logs.diagnostics.handler(({ context, signal }) => {
    logsFor(context);
    return told(context.services.diagnostics(context.scope).pieces(signal), context);
  }),
});

/** The log is of the process, and so of every organisation it works for. */
function logsFor(context: ApiContext) {
  refuseAgents(context, 'read the log');
  if (context.scope.org_id !== LOCAL_ORG_ID) {
    throw new ArchonError('FORBIDDEN', 'The log is of the whole process: only the organisation of this computer may.');
  }
  return context.services.logs;
}

/** Each entry with its id where server-sent events have one, so that a reader that was cut off says it when it is back. */
async function* withIds(items: AsyncGenerator<LogTailItem, void>): AsyncGenerator<LogTailItem, void> {
  for await (const item of items) yield item.kind === 'entry' ? withEventMeta(item, { id: item.entry.id }) : item;
}

async function* told(
  pieces: AsyncGenerator<DiagnosticsPiece, void>,
  context: ApiContext,
): AsyncGenerator<DiagnosticsPiece, void> {
  try {
    yield* pieces;
  } catch (error) {
    // Too late for the middleware that maps the errors of other routes.
    throw toApiError(error, context.logger.child({ route: 'logs.diagnostics' }));
  }
}
