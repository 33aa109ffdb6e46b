/** Removes expired sessions from the session store of this node. */
import type { SessionStore } from '../../storage/sessions/session-store.ts';
import type { WorkerDefinition } from '../worker.ts';
import { BATCH } from './in-batches.ts';

export function sessionCleanupWorker(deps: {
  sessions: Pick<SessionStore, 'kind' | 'sweep'>;
  schedule: WorkerDefinition['schedule'];
}): WorkerDefinition {
  const { sessions, schedule } = deps;
  return {
    name: 'session-cleanup',
    title: 'Session cleanup',
    description: 'Removes expired sessions and what is left of them in the index of the session store.',
    // A Redis is shared; the built-in store lies in the data folder of each node.
    spread: sessions.kind === 'redis' ? 'once' : 'each_node',
    only_local: true,
    schedule,
    timeout_ms: 120_000,
    run: async ({ clock, progress }) => {
      for (;;) {
        const removed = await sessions.sweep(clock.now(), BATCH);
        await progress({ items: removed, changed: removed });
        if (removed < BATCH) return;
      }
    },
  };
}
