/** What the main thread and the database worker say to each other, besides the wire protocol of the sessions. */
import type { MessagePort } from 'node:worker_threads';

export interface WorkerSettings {
  cluster_dir: string;
  shared_buffers_mb: number;
  checkpoint_interval_ms: number;
  wal_limit_bytes: number;
  vacuum_interval_ms: number;
  idle_in_transaction_timeout_ms: number;
}

export interface WorkerInput {
  /** 'create' initialises a new cluster in the folder, closes it and ends; 'serve' opens one and takes sessions. */
  task: 'create' | 'serve';
  settings: WorkerSettings;
  /** Every file of the cluster was synced to the disk just before. */
  synced: boolean;
  counters: SharedArrayBuffer;
}

/** Work that is asked for and answered. */
export type WorkerCommand =
  | { command: 'checkpoint' }
  /** Copies the cluster's files, consistent and checkpointed, into a folder that does not exist yet. */
  | { command: 'snapshot'; folder: string };

export type ToWorker =
  | { type: 'connect'; port: MessagePort }
  | { type: 'command'; id: number; command: WorkerCommand }
  /** Finish what runs within `grace_ms`, close the cluster, end. */
  | { type: 'stop'; grace_ms: number };

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type FromWorker =
  | { type: 'ready'; server_version: string }
  | { type: 'done'; id: number }
  | { type: 'failed'; id: number; code: string; message: string }
  | { type: 'log'; level: LogLevel; line: string };
