import { os } from './base.ts';

export const healthRouter = os.health.router({
  live: os.health.live.handler(({ context }) => context.services.health.live()),
  deep: os.health.deep.handler(({ context }) => context.services.health.deep()),
  memory: os.health.memory.handler(({ context }) => context.services.health.memory()),
  events: os.health.events.handler(({ context }) => context.services.health.events()),
});
