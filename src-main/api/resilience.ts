import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'change circuit breakers';

export const resilienceRouter = os.resilience.router({
  list: os.resilience.list.handler(({ context }) => ({ items: context.services.resilience.list(context.scope) })),
  history: os.resilience.history.handler(({ input, context }) =>
    context.services.resilience.history(context.scope, input),
  ),
  probe: os.resilience.probe.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.resilience.probe(context.scope, input.breaker);
  }),
  reset: os.resilience.reset.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.resilience.reset(context.scope, input.breaker);
  }),
  isolate: os.resilience.isolate.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.resilience.isolate(context.scope, input);
  }),
  release: os.resilience.release.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.resilience.release(context.scope, input.breaker);
  }),
  update: os.resilience.update.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.resilience.update(context.scope, input);
  }),
});
