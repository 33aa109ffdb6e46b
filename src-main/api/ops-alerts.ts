import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const CHANGE = 'deal with alerts';

export const opsAlertsRouter = os.opsAlerts.router({
  list: os.opsAlerts.list.handler(({ input, context }) => context.services.ops.alerts.list(context.scope, input)),
  get: os.opsAlerts.get.handler(({ input, context }) => context.services.ops.alerts.get(context.scope, input.alert)),
  silences: os.opsAlerts.silences.handler(({ context }) => context.services.ops.alerts.silences(context.scope)),
  acknowledge: os.opsAlerts.acknowledge.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.alerts.acknowledge(context.scope, input);
  }),
  unacknowledge: os.opsAlerts.unacknowledge.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.alerts.unacknowledge(context.scope, input.alert);
  }),
  note: os.opsAlerts.note.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.alerts.note(context.scope, input);
  }),
  silence: os.opsAlerts.silence.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.alerts.silence(context.scope, input);
  }),
  endSilence: os.opsAlerts.endSilence.handler(({ input, context }) => {
    refuseAgents(context, CHANGE);
    return context.services.ops.alerts.endSilence(context.scope, input.silence);
  }),
});
