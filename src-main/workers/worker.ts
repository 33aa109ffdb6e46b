/** What a worker is: one file each, put into the registry by `create-workers.ts`. */
import type { Logger } from 'pino';
import type { JsonObject, WorkerSchedule } from '../../src-contract/index.ts';
import type { Clock } from '../clock.ts';
import type { Scope } from '../identity/scope.ts';
import type { Transaction } from '../storage/database.ts';
import type { Shard } from './shards.ts';

/**
 * Who does it: `once` one node for all of the organisation; `users` the live nodes share the users; `each_node` every
 * node that has it, for what lies on that node alone.
 */
export type Spread = 'once' | 'users' | 'each_node';

/** What one step did. `checkpoint` is where another node goes on when this one ends: with it, the step counts as done. */
export interface Progress {
  /** What was looked at. */
  items: number;
  changed: number;
  checkpoint?: JsonObject;
}

export interface RunContext {
  scope: Scope;
  /** The users it is for; null for all of them, and for workers that are not about users. */
  shard: Shard | null;
  /** Where the run that was cut short had come to, which may have been for more users; null at the beginning. */
  checkpoint: JsonObject | null;
  /** Aborted when it is cancelled, stands still, has lost its lease, or the node stops. */
  signal: AbortSignal;
  logger: Logger;
  clock: Clock;
  /**
   * One step: what `work` writes and its progress are one transaction, which is rolled back when the run is not this
   * node's any more. Everybody else gets a turn after it.
   */
  batch(work: (tx: Transaction) => Promise<Progress>): Promise<Progress>;
  /** Tells of a step that wrote elsewhere, or only looked. */
  progress(progress: Progress): Promise<void>;
}

export interface WorkerDefinition {
  /** In tables, routes and settings: kebab-case. */
  name: string;
  title: string;
  /** What it does, in a sentence or two. */
  description: string;
  spread: Spread;
  /** When it runs unless somebody says otherwise: as it is set in the organisation now. */
  schedule(scope: Scope): WorkerSchedule;
  /** Milliseconds without progress after which a run is cancelled and counts as crashed. */
  timeout_ms: number;
  /** Only in the organisation of this computer: it works on what all organisations share. */
  only_local?: boolean;
  /** Idempotent: after a failure it is run again from its last checkpoint. */
  run(context: RunContext): Promise<void>;
}
