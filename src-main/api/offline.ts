import { partOf } from '../installation/installation.ts';
import { os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';

const WHAT = 'copy or compare memory offline';

export const offlineRouter = os.offline.router({
  snapshots: os.offline.snapshots.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').snapshots(context.scope, input);
  }),
  snapshot: os.offline.snapshot.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').snapshot(context.scope, input);
  }),
  openArchive: os.offline.openArchive.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').openArchive(context.scope, input);
  }),
  pause: os.offline.pause.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').pause(context.scope, input);
  }),
  resume: os.offline.resume.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').resume(context.scope, input);
  }),
  cancel: os.offline.cancel.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').cancel(context.scope, input);
  }),
  forget: os.offline.forget.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').forget(context.scope, input);
  }),
  compare: os.offline.compare.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').compare(context.scope, input);
  }),
  differences: os.offline.differences.handler(({ input, context }) => {
    refuseAgents(context, WHAT);
    return partOf(context.host.installation, 'offline').differences(context.scope, input);
  }),
});
