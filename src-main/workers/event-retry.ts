/** Tries events again that a subscriber could not take, when their time has come. */
import type { Scope } from '../identity/scope.ts';
import type { WorkerDefinition } from './worker.ts';

/** What keeps the dead letters. */
export interface EventRetries {
  /** Begins a retry of those that are due, some at a time; how many it looked at and began. */
  retryDue(scope: Scope): Promise<{ items: number; changed: number }>;
}

export function eventRetryWorker(deps: {
  retries: EventRetries;
  schedule: WorkerDefinition['schedule'];
}): WorkerDefinition {
  return {
    name: 'event-retry',
    title: 'Event retry',
    description: 'Tries dead letters again whose time for an automatic retry has come.',
    spread: 'once',
    schedule: deps.schedule,
    timeout_ms: 60_000,
    run: async ({ scope, progress }) => {
      for (let items = 1; items > 0; ) {
        const step = await deps.retries.retryDue(scope);
        await progress(step);
        items = step.items;
      }
    },
  };
}
