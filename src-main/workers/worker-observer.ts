/** Who is told how runs of workers go: for figures. Nothing here may fail or take time. */

/** `interrupted`: the process stops and gives the run back, or somebody else has decided about it. */
export type WorkerRunEnd = 'succeeded' | 'failed' | 'timed_out' | 'cancelled' | 'interrupted';

export interface WorkerObserver {
  /** A run of this process is over. */
  ran(worker: string, outcome: WorkerRunEnd, seconds: number): void;
  /** This process found out that the node of a run had ended under it. */
  crashed(worker: string): void;
}
