import { keyed, os } from './base.ts';

export const sessionsRouter = os.sessions.router({
  create: os.sessions.create.handler(({ input, context }) =>
    context.services.sessions.create(context.scope, keyed(input, context)),
  ),
  list: os.sessions.list.handler(({ input, context }) => context.services.sessions.list(context.scope, input)),
  get: os.sessions.get.handler(({ input, context }) => context.services.sessions.get(context.scope, input)),
  update: os.sessions.update.handler(({ input, context }) =>
    context.services.sessions.update(context.scope, keyed(input, context)),
  ),
  delete: os.sessions.delete.handler(({ input, context }) =>
    context.services.sessions.delete(context.scope, keyed(input, context)),
  ),
  append: os.sessions.append.handler(({ input, context }) =>
    context.services.sessions.append(context.scope, keyed(input, context)),
  ),
  messages: os.sessions.messages.handler(({ input, context }) =>
    context.services.sessions.messages(context.scope, input),
  ),
});
