import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'change channels of alerts';

export const opsChannelsRouter = os.opsChannels.router({
  list: os.opsChannels.list.handler(({ context }) => context.services.ops.channels.list(context.scope)),
  deliveries: os.opsChannels.deliveries.handler(({ input, context }) =>
    context.services.ops.channels.deliveries(context.scope, input),
  ),
  create: os.opsChannels.create.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.channels.create(context.scope, input);
  }),
  update: os.opsChannels.update.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.channels.update(context.scope, input);
  }),
  remove: os.opsChannels.remove.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.channels.remove(context.scope, input);
  }),
  test: os.opsChannels.test.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.channels.test(context.scope, input);
  }),
});
