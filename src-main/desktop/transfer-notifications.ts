/** Tells of imports and exports that end while nobody looks at the window. */
import type { TransferJob } from '../../src-contract/index.ts';

const LOOK_EVERY_MS = 2000;

export interface TransferNotificationsOptions {
  jobs: () => TransferJob[];
  /** A person looks at the window, which shows the end itself. */
  isAttended: () => boolean;
  notify: (title: string, body: string) => void;
  onError: (error: unknown) => void;
}

/**
 * Looks at the jobs now and then, only while the window is hidden or behind others. Jobs come from the window and from
 * callers of the HTTP API alike, so there is no one place that starts them.
 */
export class TransferNotifications {
  readonly #options: TransferNotificationsOptions;
  /** Jobs that had ended when the person last looked; undefined while they look. */
  #seen: Set<string> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: TransferNotificationsOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Called by a timer and by events of the window: a list that cannot be read must not end the app. */
  look(): void {
    try {
      this.#look();
    } catch (error) {
      this.#options.onError(error);
    }
  }

  #look(): void {
    if (this.#options.isAttended()) {
      this.#seen = undefined;
      return;
    }
    const ended = this.#options.jobs().filter(({ state }) => state !== 'running');
    const seen = this.#seen;
    this.#seen = new Set(ended.map(({ job_id }) => job_id));
    // The first look after the person turned away only notes what they have seen.
    if (seen === undefined) return;
    for (const job of ended) if (!seen.has(job.job_id)) this.#tell(job);
  }

  #tell(job: TransferJob): void {
    const text = describe(job);
    if (text !== undefined) this.#options.notify(text.title, text.body);
  }
}

function describe(job: TransferJob): { title: string; body: string } | undefined {
  const what = job.kind === 'import' ? 'Import' : 'Export';
  const name = job.kind === 'import' ? job.name : job.file_name;
  switch (job.state) {
    case 'succeeded':
      return {
        title: `${what} finished`,
        body: `${name}: ${job.kind === 'import' ? importCounts(job) : 'ready to be saved'}`,
      };
    case 'failed':
      return { title: `${what} failed`, body: `${name}: ${job.failure ?? 'open Archon to see why'}` };
    // The person did it, or Archon is closing.
    case 'paused':
    case 'cancelled':
    case 'interrupted':
    case 'running':
      return undefined;
  }
}

function importCounts({ added, error_count }: Extract<TransferJob, { kind: 'import' }>): string {
  const parts = [
    [added.messages, 'message'],
    [added.working + added.longterm, 'memory', 'memories'],
    [error_count, 'record with errors', 'records with errors'],
  ] as const;
  const said = parts.filter(([count]) => count > 0);
  if (said.length === 0) return 'nothing new in it';
  return said.map(([count, one, many]) => `${count} ${count === 1 ? one : (many ?? `${one}s`)}`).join(', ');
}
