import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'have the ops agent act';

export const opsActionsRouter = os.opsActions.router({
  list: os.opsActions.list.handler(({ input, context }) => context.services.ops.actions.list(context.scope, input)),
  get: os.opsActions.get.handler(({ input, context }) => context.services.ops.actions.get(context.scope, input.action)),
  remediators: os.opsActions.remediators.handler(({ context }) =>
    context.services.ops.actions.remediators(context.scope),
  ),
  preview: os.opsActions.preview.handler(({ input, context }) =>
    context.services.ops.actions.preview(context.scope, input),
  ),
  recommendations: os.opsActions.recommendations.handler(({ context }) =>
    context.services.ops.actions.recommendations(context.scope),
  ),
  run: os.opsActions.run.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.actions.run(context.scope, input);
  }),
  approve: os.opsActions.approve.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.actions.approve(context.scope, input.action);
  }),
  reject: os.opsActions.reject.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.actions.reject(context.scope, input);
  }),
  apply: os.opsActions.apply.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.actions.apply(context.scope, input.recommendation);
  }),
  dismiss: os.opsActions.dismiss.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.actions.dismiss(context.scope, input);
  }),
});
