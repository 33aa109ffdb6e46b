/** A worker, its runs and its nodes as the database keeps them, for a board to decide about. */
import type { JsonObject, WorkerRunEntry, WorkerSchedule } from '../../src-contract/index.ts';
import type { ShardNode } from './shards.ts';

export type Condition =
  | { kind: 'in_service' }
  | { kind: 'paused'; since: string; by: string }
  | { kind: 'crashed'; since: string; failures: number; error: string };

export interface WorkerRecord {
  name: string;
  /** What an operator set; null for the default. */
  schedule: WorkerSchedule | null;
  /** What `next_run_at` was made from. */
  planned_by: WorkerSchedule;
  next_run_at: string | null;
  condition: Condition;
  /** In a row. */
  failures: number;
  error: string | null;
  runs_total: number;
  failures_total: number;
  crashes_total: number;
}

export interface RunRecord {
  run_id: string;
  worker: string;
  trigger: WorkerRunEntry['trigger'];
  requested_by: string | null;
  status: WorkerRunEntry['status'];
  shard: string | null;
  /** Null: all users. */
  slots: number[] | null;
  attempt: number;
  resumes: string | null;
  not_before: string;
  preferred_node: string | null;
  pinned: boolean;
  node_id: string | null;
  node_name: string | null;
  /** Nobody holds it any more, by the clock of the database. */
  lease_expired: boolean;
  checkpoint: JsonObject | null;
  items: number;
  changed: number;
  queued_at: string;
  started_at: string | null;
  ended_at: string | null;
  error: string | null;
}

/** A live node that has the worker. */
export interface BoardNode extends ShardNode {
  name: string;
}

/** How a run ended, seen from its node. `released`: the node gives it back, for another to go on with. */
export type RunOutcome =
  | { kind: 'succeeded' }
  | { kind: 'cancelled' }
  | { kind: 'released' | 'failed' | 'timed_out'; error: string };

/** What the log says of a run that its node gave back in order: nothing crashed. */
export const RELEASED = {
  stopped: 'its node was stopped',
  unheard: 'its node never heard that it was given it',
} as const;

export type RunEnd = Exclude<WorkerRunEntry['status'], 'queued' | 'running'>;

export const isActive = (run: RunRecord): boolean => run.status === 'queued' || run.status === 'running';
