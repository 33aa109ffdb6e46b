import { partOf } from '../installation/installation.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'see or change connections';

export const profilesRouter = os.profiles.router({
  list: os.profiles.list.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').list(context.scope, input);
  }),
  create: os.profiles.create.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').create(context.scope, input);
  }),
  update: os.profiles.update.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').update(context.scope, input);
  }),
  remove: os.profiles.remove.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').remove(context.scope, input);
  }),
  environment: os.profiles.environment.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').environment(context.scope, input);
  }),
  test: os.profiles.test.handler(({ input, context, signal }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').test(context.scope, input, signal);
  }),
  migrations: os.profiles.migrations.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').migrations(context.scope, input);
  }),
  // Whoever goes away before it is open does not want it any more.
  activate: os.profiles.activate.handler(({ input, context, signal }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'profiles').activate(context.scope, input, signal);
  }),
});
