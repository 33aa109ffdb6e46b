import { os } from './base.ts';

export const deadLettersRouter = os.deadLetters.router({
  list: os.deadLetters.list.handler(({ input, context }) =>
    context.services.delivery.deadLetters.list(context.scope, input),
  ),
  stats: os.deadLetters.stats.handler(({ context }) => context.services.delivery.deadLetters.stats(context.scope)),
  count: os.deadLetters.count.handler(async ({ input, context }) => ({
    count: await context.services.delivery.deadLetters.count(context.scope, input),
  })),
  export: os.deadLetters.export.handler(async ({ input, context }) => {
    const lines = await context.services.delivery.deadLetters.export(context.scope, input);
    return new File([lines], 'dead-letters.jsonl', { type: lines.type });
  }),
  get: os.deadLetters.get.handler(({ input, context }) =>
    context.services.delivery.deadLetters.get(context.scope, input.id),
  ),
  replay: os.deadLetters.replay.handler(async ({ input, context }) => {
    await context.services.delivery.replays.replay(context.scope, input);
    return await context.services.delivery.deadLetters.get(context.scope, input.id);
  }),
  replayMany: os.deadLetters.replayMany.handler(({ input, context }) =>
    context.services.delivery.replays.replayMany(context.scope, input),
  ),
  replays: os.deadLetters.replays.handler(({ input, context }) =>
    context.services.delivery.replayLog.list(context.scope, input),
  ),
  replayRuns: os.deadLetters.replayRuns.handler(({ input, context }) =>
    context.services.delivery.replayLog.runs(context.scope, input),
  ),
  replayRun: os.deadLetters.replayRun.handler(({ input, context }) =>
    context.services.delivery.replayLog.run(context.scope, input.run_id),
  ),
  cancelReplayRun: os.deadLetters.cancelReplayRun.handler(({ input, context }) =>
    context.services.delivery.replays.cancel(context.scope, input.run_id),
  ),
  discard: os.deadLetters.discard.handler(({ input, context }) =>
    context.services.delivery.deadLetters.discard(context.scope, input),
  ),
});
