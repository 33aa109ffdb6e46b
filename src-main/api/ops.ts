import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'command the ops agent';

export const opsRouter = os.ops.router({
  status: os.ops.status.handler(({ context }) => context.services.ops.agent.status(context.scope)),
  signals: os.ops.signals.handler(({ context }) => context.services.ops.agent.signals(context.scope)),
  run: os.ops.run.handler(({ context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.agent.run(context.scope);
  }),
  pause: os.ops.pause.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.agent.pause(context.scope, input);
  }),
  resume: os.ops.resume.handler(({ context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.agent.resume(context.scope);
  }),
});
