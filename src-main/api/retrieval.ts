import { os } from './base.ts';

export const searchRouter = os.search.router({
  query: os.search.query.handler(({ input, context }) => context.services.search.query(context.scope, input)),
});

export const contextRouter = os.context.router({
  assemble: os.context.assemble.handler(({ input, context }) =>
    context.services.context.assemble(context.scope, input),
  ),
});

export const statsRouter = os.stats.router({
  user: os.stats.user.handler(({ input, context }) => context.services.stats.user(context.scope, input)),
});
