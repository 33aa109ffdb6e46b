/** One worker thread with the database in it, from its start to its end. It is never restarted; a new one is made. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { Logger } from 'pino';
import { assertNever } from '../../errors.ts';
import { BackendStatementError } from './backend-errors.ts';
import { EmbeddedPostgresUnavailableError } from './embedded-errors.ts';
import { SharedCounters } from './shared-counters.ts';
import { StuckWatch } from './stuck-watch.ts';
import type { FromWorker, ToWorker, WorkerCommand, WorkerInput } from './worker-messages.ts';

/**
 * Stack of the thread. PostgreSQL guards its recursion by the stack of the WebAssembly memory, of which many functions
 * use little; with V8's default of 4 MB its own stack runs out first, on nested JSON for example, and the backend is
 * lost instead of the statement. 64 MB hold 400,000 levels; the memory is only taken when used.
 */
const STACK_MB = 64;

/** From source the worker is a TypeScript file beside this one; in the bundle all files lie flat beside each other. */
function workerUrl(): URL {
  const file = import.meta.url.endsWith('.ts') ? './postgres-worker.ts' : './postgres-worker.js';
  return new URL(file, import.meta.url);
}

export type ThreadEnd = { kind: 'finished' } | { kind: 'crashed'; error: Error };

export interface ThreadOptions extends Pick<WorkerInput, 'task' | 'settings' | 'synced'> {
  /** A unit that runs longer than this is taken for stuck, and the thread is ended. */
  stuck_after_ms: number;
  logger: Logger;
}

export class PostgresThread {
  readonly counters = new SharedCounters();
  /** Resolves with the server's version when sessions may come; rejects when the thread ends before. */
  readonly ready: Promise<{ server_version: string }>;
  /** Resolves when the thread is gone, whatever the cause. */
  readonly ended: Promise<ThreadEnd>;
  readonly #worker: Worker;
  readonly #logger: Logger;
  readonly #commands = new Map<number, PromiseWithResolvers<void>>();
  readonly #watch: StuckWatch;
  #last_command = 0;
  #failure: Error | null = null;

  constructor(options: ThreadOptions) {
    this.#logger = options.logger;
    const { task, settings, synced } = options;
    const input: WorkerInput = { task, settings, synced, counters: this.counters.buffer };
    this.#worker = new Worker(workerUrl(), {
      name: 'embedded-postgres',
      workerData: input,
      resourceLimits: { stackSizeMb: STACK_MB },
    });
    this.#watch = new StuckWatch(this.counters, options.stuck_after_ms, () => {
      void this.kill(new Error(`a statement ran longer than ${options.stuck_after_ms} ms and was given up`));
    });
    const ready = Promise.withResolvers<{ server_version: string }>();
    this.ready = ready.promise;
    this.#worker.on('message', (message: FromWorker) => {
      if (message.type === 'ready') ready.resolve({ server_version: message.server_version });
      else this.#receive(message);
    });
    this.#worker.on('error', (error) => {
      this.#failure ??= error instanceof Error ? error : new Error(String(error));
    });
    this.ended = new Promise((resolve) => this.#worker.once('exit', (code) => resolve(this.#end(code))));
    this.ended.then((end) => {
      ready.reject(end.kind === 'crashed' ? end.error : new Error('the database worker ended before it was ready'));
    });
    // Told through `ended` too; nobody need wait for readiness.
    this.ready.catch(() => {});
  }

  openSession(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#post({ type: 'connect', port: port2 }, [port2]);
    return port1;
  }

  /** @throws BackendStatementError, EmbeddedPostgresUnavailableError */
  command(command: WorkerCommand): Promise<void> {
    this.#last_command += 1;
    const answer = Promise.withResolvers<void>();
    this.#commands.set(this.#last_command, answer);
    this.#post({ type: 'command', id: this.#last_command, command });
    return answer.promise;
  }

  /**
   * Ends the thread in order: running work gets `grace_ms`, then the cluster is closed. After `limit_ms` the thread
   * is ended as it is, which loses nothing that was committed.
   */
  async stop(grace_ms: number, limit_ms: number): Promise<void> {
    this.#post({ type: 'stop', grace_ms });
    const limit = setTimeout(() => {
      this.#logger.warn({ limit_ms }, 'embedded database did not stop in time; ended without a shutdown checkpoint');
      void this.#worker.terminate();
    }, limit_ms);
    await this.ended;
    clearTimeout(limit);
  }

  /** Ends the thread at once; `reason` becomes the error of its end. */
  async kill(reason: Error): Promise<void> {
    this.#failure ??= reason;
    await this.#worker.terminate();
  }

  #post(message: ToWorker, transfer: MessagePort[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: Exclude<FromWorker, { type: 'ready' }>): void {
    switch (message.type) {
      case 'done':
        this.#settle(message.id)?.resolve();
        break;
      case 'failed':
        this.#settle(message.id)?.reject(new BackendStatementError(message.code, message.message));
        break;
      case 'log':
        this.#logger[message.level]({ component: 'embedded-postgres' }, message.line);
        break;
      default:
        assertNever(message);
    }
  }

  #settle(id: number): PromiseWithResolvers<void> | undefined {
    const answer = this.#commands.get(id);
    this.#commands.delete(id);
    return answer;
  }

  #end(exit_code: number): ThreadEnd {
    this.#watch.stop();
    const error = this.#failure ?? (exit_code === 0 ? null : new Error(`the database worker exited with ${exit_code}`));
    for (const answer of this.#commands.values()) {
      answer.reject(new EmbeddedPostgresUnavailableError('57P02', 'the embedded database stopped', { cause: error }));
    }
    this.#commands.clear();
    return error ? { kind: 'crashed', error } : { kind: 'finished' };
  }
}
