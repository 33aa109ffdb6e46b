import { os, perform } from './base.ts';

export const workingRouter = os.working.router({
  create: os.working.create.handler(({ input, context }) => perform(context, 'working.create', input)),
  createBatch: os.working.createBatch.handler(({ input, context }) => perform(context, 'working.createBatch', input)),
  list: os.working.list.handler(({ input, context }) => context.services.working.list(context.scope, input)),
  get: os.working.get.handler(({ input, context }) => context.services.working.get(context.scope, input.id)),
  update: os.working.update.handler(({ input, context }) => perform(context, 'working.update', input)),
  delete: os.working.delete.handler(({ input, context }) => perform(context, 'working.delete', input)),
});

export const longTermRouter = os.longterm.router({
  create: os.longterm.create.handler(({ input, context }) => perform(context, 'longterm.create', input)),
  createBatch: os.longterm.createBatch.handler(({ input, context }) => perform(context, 'longterm.createBatch', input)),
  list: os.longterm.list.handler(({ input, context }) => context.services.longterm.list(context.scope, input)),
  get: os.longterm.get.handler(({ input, context }) => context.services.longterm.get(context.scope, input.id)),
  update: os.longterm.update.handler(({ input, context }) => perform(context, 'longterm.update', input)),
  supersede: os.longterm.supersede.handler(({ input, context }) => perform(context, 'longterm.supersede', input)),
  delete: os.longterm.delete.handler(({ input, context }) => perform(context, 'longterm.delete', input)),
});

export const memoriesRouter = os.memories.router({
  history: os.memories.history.handler(({ input, context }) =>
    context.services.memories.history(context.scope, input.id),
  ),
  bulk: os.memories.bulk.handler(({ input, context }) => perform(context, 'memories.bulk', input)),
  link: os.memories.link.handler(({ input, context }) => perform(context, 'memories.link', input)),
  unlink: os.memories.unlink.handler(({ input, context }) => perform(context, 'memories.unlink', input)),
  users: os.memories.users.handler(({ input, context }) => context.services.memories.users(context.scope, input)),
  erase: os.memories.erase.handler(async ({ input, context }) => {
    const { memories, writes } = context.services;
    const erased = await writes.erasing(context.scope, input.user_id, () => memories.erase(context.scope, input));
    await context.services.transfer.eraseUser(context.scope, input.user_id);
    context.services.context.forget(context.scope, input.user_id);
    context.services.controls.forget(context.scope, input.user_id);
    return erased;
  }),
});
