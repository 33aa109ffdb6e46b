import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'change rules of the ops agent';

export const opsRulesRouter = os.opsRules.router({
  list: os.opsRules.list.handler(({ context }) => context.services.ops.rules.list(context.scope)),
  preview: os.opsRules.preview.handler(({ input, context }) =>
    context.services.ops.rules.preview(context.scope, input),
  ),
  create: os.opsRules.create.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.rules.create(context.scope, input);
  }),
  update: os.opsRules.update.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.rules.update(context.scope, input);
  }),
  remove: os.opsRules.remove.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.rules.remove(context.scope, input);
  }),
});
