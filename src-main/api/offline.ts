import type { ComparedSource } from '../../src-contract/index.ts';
import { partOf } from '../installation/installation.ts';
import { type ApiContext, os } from './base.ts';
import { refuseAgents } from './refuse-agents.ts';
import { refuseForeignFile } from './transfer.ts';

const WHAT = 'copy or compare memory offline';

/** The part of the installation, for a person who may name these files. */
function offline(context: ApiContext, ...sources: ComparedSource[]) {
  refuseAgents(context, WHAT);
  for (const source of sources) refuseForeignFile(source, context);
  return partOf(context.host.installation, 'offline');
}

export const offlineRouter = os.offline.router({
  snapshots: os.offline.snapshots.handler(({ input, context }) => offline(context).snapshots(context.scope, input)),
  snapshot: os.offline.snapshot.handler(({ input, context }) => offline(context).snapshot(context.scope, input)),
  openArchive: os.offline.openArchive.handler(({ input, context }) =>
    offline(context, input.source).openArchive(context.scope, input),
  ),
  read: os.offline.read.handler(({ input, context }) => offline(context).read(context.scope, input)),
  download: os.offline.download.handler(({ input, context }) => offline(context).download(context.scope, input)),
  pause: os.offline.pause.handler(({ input, context }) => offline(context).pause(context.scope, input)),
  resume: os.offline.resume.handler(({ input, context }) => offline(context).resume(context.scope, input)),
  cancel: os.offline.cancel.handler(({ input, context }) => offline(context).cancel(context.scope, input)),
  forget: os.offline.forget.handler(({ input, context }) => offline(context).forget(context.scope, input)),
  compare: os.offline.compare.handler(({ input, context }) =>
    offline(context, input.before, input.after).compare(context.scope, input),
  ),
  comparisons: os.offline.comparisons.handler(({ input, context }) =>
    offline(context).comparisons(context.scope, input),
  ),
  comparison: os.offline.comparison.handler(({ input, context }) => offline(context).comparison(context.scope, input)),
  forgetComparison: os.offline.forgetComparison.handler(({ input, context }) =>
    offline(context).forgetComparison(context.scope, input),
  ),
  differences: os.offline.differences.handler(({ input, context }) =>
    offline(context).differences(context.scope, input),
  ),
});
