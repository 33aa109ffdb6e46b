import { restartEngine } from '../installation/installation.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'see or change settings';

export const settingsRouter = os.settings.router({
  list: os.settings.list.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.list(context.scope, input);
  }),
  set: os.settings.set.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.set(context.scope, input);
  }),
  history: os.settings.history.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.history(context.scope, input);
  }),
  undo: os.settings.undo.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.undo(context.scope, input);
  }),
  export: os.settings.export.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.export(context.scope);
  }),
  import: os.settings.import.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.import(context.scope, input);
  }),
  schema: os.settings.schema.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.schema();
  }),
  test: os.settings.test.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return context.services.settings.test(context.scope, input);
  }),
  restart: os.settings.restart.handler(({ context }) => {
    refuseAgents(context, WHAT);
    return restartEngine(context.host.installation, context.scope);
  }),
});
