import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'make, send and remove reports';

export const opsReportsRouter = os.opsReports.router({
  list: os.opsReports.list.handler(({ input, context }) => context.services.ops.reports.list(context.scope, input)),
  get: os.opsReports.get.handler(({ input, context }) => context.services.ops.reports.get(context.scope, input.report)),
  document: os.opsReports.document.handler(({ input, context }) =>
    context.services.ops.reports.document(context.scope, input),
  ),
  create: os.opsReports.create.handler(({ context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.reports.create(context.scope);
  }),
  remove: os.opsReports.remove.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.reports.remove(context.scope, input.report);
  }),
  send: os.opsReports.send.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.reports.send(context.scope, input);
  }),
});
