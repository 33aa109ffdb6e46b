/** The server's own work (checkpoints, vacuum, snapshots), in the same line as the sessions. */
import { BackendBrokenError } from './backend-errors.ts';
import type { BackendClient, BackendQueue } from './backend-queue.ts';

export class BackendJobs implements BackendClient {
  readonly #queue: BackendQueue;
  readonly #jobs: (() => Promise<void>)[] = [];

  constructor(queue: BackendQueue) {
    this.#queue = queue;
  }

  /** Runs `job` when its turn comes, never inside a session's transaction. */
  run<T>(job: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#jobs.push(async () => {
        try {
          resolve(await job());
        } catch (error) {
          reject(error);
          if (error instanceof BackendBrokenError) throw error;
        }
      });
      this.#queue.submit(this);
    });
  }

  hasWork(): boolean {
    return this.#jobs.length > 0;
  }

  async runNext(): Promise<'free'> {
    await this.#jobs.shift()?.();
    return 'free';
  }

  expireHold(): void {
    throw new Error('a job never holds the backend');
  }
}
