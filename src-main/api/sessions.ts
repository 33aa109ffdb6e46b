import { os, perform } from './base.ts';

export const sessionsRouter = os.sessions.router({
  create: os.sessions.create.handler(({ input, context }) => perform(context, 'sessions.create', input)),
  list: os.sessions.list.handler(({ input, context }) => context.services.sessions.list(context.scope, input)),
  get: os.sessions.get.handler(({ input, context }) => context.services.sessions.get(context.scope, input)),
  update: os.sessions.update.handler(({ input, context }) => perform(context, 'sessions.update', input)),
  delete: os.sessions.delete.handler(({ input, context }) => perform(context, 'sessions.delete', input)),
  append: os.sessions.append.handler(({ input, context }) => perform(context, 'sessions.append', input)),
  messages: os.sessions.messages.handler(({ input, context }) =>
    context.services.sessions.messages(context.scope, input),
  ),
});
