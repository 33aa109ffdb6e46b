import { os } from './base.ts';

export const controlsRouter = os.controls.router({
  get: os.controls.get.handler(({ input, context }) => context.services.controls.get(context.scope, input.user_id)),
  set: os.controls.set.handler(({ input, context }) => context.services.controls.set(context.scope, input)),
});
