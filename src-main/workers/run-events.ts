/** What the event log is told of runs. */
import type { EventPayload, NewEvent } from '../../src-contract/index.ts';
import type { RunEnd, RunRecord } from './records.ts';

export function startEvent(run: RunRecord, node_id: string): NewEvent {
  return { type: 'worker.run.started', user_id: null, payload: startedPayload(run, node_id) };
}

function startedPayload(run: RunRecord, node_id: string): EventPayload<'worker.run.started'> {
  const { worker, run_id, shard, trigger } = run;
  return { worker, run_id, node_id, shard, trigger };
}

/** A run that was begun is over. */
export function endEvent(run: RunRecord, node_id: string, status: RunEnd): NewEvent {
  const { started_at, ended_at, items, changed } = run;
  const duration_ms = Math.max(0, Date.parse(ended_at ?? '') - Date.parse(started_at ?? ''));
  const payload = { ...startedPayload(run, node_id), duration_ms, items, changed };
  if (status === 'succeeded') return { type: 'worker.run.succeeded', user_id: null, payload };
  // Of a node that was stopped in order, nothing crashed.
  const outcome = status !== 'interrupted' ? status : run.lease_expired ? 'crashed' : 'cancelled';
  const error = run.error ?? 'cancelled';
  return { type: 'worker.run.failed', user_id: null, payload: { ...payload, error, outcome } };
}
