import { os } from './base.ts';

export const subscribersRouter = os.subscribers.router({
  list: os.subscribers.list.handler(async ({ context }) => ({
    items: await context.services.delivery.events.list(context.scope),
  })),
});
