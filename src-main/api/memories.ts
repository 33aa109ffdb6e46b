import { keyed, os } from './base.ts';

export const workingRouter = os.working.router({
  create: os.working.create.handler(({ input, context }) =>
    context.services.working.create(context.scope, keyed(input, context)),
  ),
  createBatch: os.working.createBatch.handler(({ input, context }) =>
    context.services.working.createBatch(context.scope, keyed(input, context)),
  ),
  list: os.working.list.handler(({ input, context }) => context.services.working.list(context.scope, input)),
  get: os.working.get.handler(({ input, context }) => context.services.working.get(context.scope, input.id)),
  update: os.working.update.handler(({ input, context }) =>
    context.services.working.update(context.scope, keyed(input, context)),
  ),
  delete: os.working.delete.handler(({ input, context }) =>
    context.services.working.delete(context.scope, keyed(input, context)),
  ),
});

export const longTermRouter = os.longterm.router({
  create: os.longterm.create.handler(({ input, context }) =>
    context.services.longterm.create(context.scope, keyed(input, context)),
  ),
  createBatch: os.longterm.createBatch.handler(({ input, context }) =>
    context.services.longterm.createBatch(context.scope, keyed(input, context)),
  ),
  list: os.longterm.list.handler(({ input, context }) => context.services.longterm.list(context.scope, input)),
  get: os.longterm.get.handler(({ input, context }) => context.services.longterm.get(context.scope, input.id)),
  update: os.longterm.update.handler(({ input, context }) =>
    context.services.longterm.update(context.scope, keyed(input, context)),
  ),
  supersede: os.longterm.supersede.handler(({ input, context }) =>
    context.services.longterm.supersede(context.scope, keyed(input, context)),
  ),
  delete: os.longterm.delete.handler(({ input, context }) =>
    context.services.longterm.delete(context.scope, keyed(input, context)),
  ),
});

export const memoriesRouter = os.memories.router({
  history: os.memories.history.handler(({ input, context }) =>
    context.services.memories.history(context.scope, input.id),
  ),
  bulk: os.memories.bulk.handler(({ input, context }) =>
    context.services.memories.bulk(context.scope, keyed(input, context)),
  ),
  link: os.memories.link.handler(({ input, context }) =>
    context.services.memories.link(context.scope, keyed(input, context)),
  ),
  unlink: os.memories.unlink.handler(({ input, context }) =>
    context.services.memories.unlink(context.scope, keyed(input, context)),
  ),
  users: os.memories.users.handler(({ input, context }) => context.services.memories.users(context.scope, input)),
  erase: os.memories.erase.handler(async ({ input, context }) => {
    const erased = await context.services.memories.erase(context.scope, input);
    await context.services.transfer.eraseUser(context.scope, input.user_id);
    context.services.context.forget(context.scope, input.user_id);
    context.services.controls.forget(context.scope, input.user_id);
    return erased;
  }),
});
