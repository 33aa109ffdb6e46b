import { os } from './base.ts';

export const metricsRouter = os.metrics.router({
  current: os.metrics.current.handler(({ context }) => context.services.metrics.current()),
  series: os.metrics.series.handler(({ input, context }) => context.services.metrics.series(input)),
});
