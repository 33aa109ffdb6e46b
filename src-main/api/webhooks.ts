import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'change webhooks';

export const webhooksRouter = os.webhooks.router({
  list: os.webhooks.list.handler(async ({ context }) => ({
    items: await context.services.delivery.webhooks.all(context.scope),
  })),
  get: os.webhooks.get.handler(({ input, context }) => context.services.delivery.webhooks.get(context.scope, input.id)),
  create: os.webhooks.create.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.delivery.webhooks.create(context.scope, input);
  }),
  update: os.webhooks.update.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.delivery.webhooks.update(context.scope, input);
  }),
  remove: os.webhooks.remove.handler(async ({ input, context }) => {
    refuseAgents(context, CHANGE);
    await context.services.delivery.webhooks.remove(context.scope, input.id);
    return { removed: true };
  }),
  rotateSecret: os.webhooks.rotateSecret.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.delivery.webhooks.rotateSecret(context.scope, input.id);
  }),
  test: os.webhooks.test.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.delivery.webhooks.test(context.scope, input.id);
  }),
  deliveries: os.webhooks.deliveries.handler(({ input, context }) =>
    context.services.delivery.webhooks.deliveries(context.scope, input),
  ),
});
