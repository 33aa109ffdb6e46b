import { os } from './base.ts';

export const workersRouter = os.workers.router({
  list: os.workers.list.handler(({ context }) => context.services.workers.list(context.scope)),
  get: os.workers.get.handler(({ input, context }) => context.services.workers.get(context.scope, input.worker)),
  runs: os.workers.runs.handler(({ input, context }) => context.services.workers.runs(context.scope, input)),
  runNow: os.workers.runNow.handler(({ input, context }) =>
    context.services.workers.runNow(context.scope, input.worker),
  ),
  pause: os.workers.pause.handler(({ input, context }) => context.services.workers.pause(context.scope, input.worker)),
  resume: os.workers.resume.handler(({ input, context }) =>
    context.services.workers.resume(context.scope, input.worker),
  ),
  restart: os.workers.restart.handler(({ input, context }) =>
    context.services.workers.restart(context.scope, input.worker),
  ),
  cancel: os.workers.cancel.handler(({ input, context }) =>
    context.services.workers.cancel(context.scope, input.worker),
  ),
  setSchedule: os.workers.setSchedule.handler(({ input, context }) =>
    context.services.workers.setSchedule(context.scope, input),
  ),
  nodes: os.workers.nodes.handler(({ context }) => context.services.workers.nodes(context.scope)),
  health: os.workers.health.handler(({ context }) => context.services.workers.health(context.scope)),
});
