/** Removes what has run out, every hour: expired sessions, idempotency keys that no longer count. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import { forgetOldKeys } from './idempotency.ts';

const TIDY_EVERY_MS = 3_600_000;
/** Removed at a time: SQLite does it on the main thread, and one backend serves the whole embedded database. */
const BATCH = 500;

export interface TidyingDeps {
  database: Database;
  sessions: Pick<SessionStore, 'sweep'>;
  /** Organisations whose keys are looked after: those that callers of this process can have acted for. */
  organisations(): Iterable<string>;
  clock: Clock;
  logger: Logger;
}

/**
 * Row-level security lets nobody list the organisations of a database, and upkeep is no reason to open it: every node
 * tidies the organisations it has tokens for, each in its own scope.
 */
export class Tidying {
  readonly #deps: TidyingDeps;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(deps: TidyingDeps) {
    this.#deps = deps;
  }

  start(): void {
    this.#timer = setInterval(() => void this.tidy(), TIDY_EVERY_MS).unref();
    void this.tidy();
  }

  /** Waits for the batch under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** One round; asked for again while one is running, it is that one. */
  async tidy(): Promise<void> {
    this.#running ??= this.#tidy().finally(() => {
      this.#running = undefined;
    });
    await this.#running;
  }

  async #tidy(): Promise<void> {
    const { sessions, database, clock } = this.#deps;
    await this.#task('expired sessions', async () => {
      await this.#inBatches(() => sessions.sweep(clock.now(), BATCH));
    });
    await this.#task('old idempotency keys', async () => {
      for (const org_id of new Set(this.#deps.organisations())) {
        const scope = { org_id, actor: 'upkeep' };
        await this.#inBatches(() => forgetOldKeys(database, scope, clock.now(), BATCH));
      }
    });
  }

  /** A store that is away keeps nobody from tidying the other. */
  async #task(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#deps.logger.warn({ err: error }, `removing ${what} failed; it is tried again within the hour`);
    }
  }

  /** Until a batch is not full any more; between two of them everybody else gets a turn. */
  async #inBatches(remove: () => Promise<number>): Promise<void> {
    while (!this.#stopped && (await remove()) >= BATCH) await nextTurn();
  }
}
