/** Quitting waits for the engine, says so, and does not wait for ever. */
import type { App, Event } from 'electron';
import type { Logger } from 'pino';

/** Milliseconds the engine has to close. Nothing acknowledged is lost when it takes longer. */
const LIMIT_MS = 10_000;

export interface GracefulQuitOptions {
  app: App;
  /** Shows that Archon is closing. */
  tell: () => void;
  stop: () => Promise<void>;
  logger: () => Logger;
  limit_ms?: number;
}

export class GracefulQuit {
  readonly #options: GracefulQuitOptions;
  #state: 'running' | 'closing' | 'closed' = 'running';
  #listening = false;
  #exit_code = 0;

  constructor(options: GracefulQuitOptions) {
    this.#options = options;
  }

  /** The app is on its way out: windows may close. */
  get isQuitting(): boolean {
    return this.#state !== 'running';
  }

  listen(): void {
    this.#listening = true;
    this.#options.app.on('before-quit', (event: Event) => {
      if (this.#state === 'closed') return;
      event.preventDefault();
      if (this.#state === 'running') void this.#close();
    });
  }

  /** Quits because of an error, in order as far as there is something to close: whoever started the app sees it. */
  fail(): void {
    const { app } = this.#options;
    this.#exit_code = 1;
    if (this.#listening) app.quit();
    else app.exit(this.#exit_code);
  }

  async #close(): Promise<void> {
    this.#state = 'closing';
    const { app, tell, stop, logger, limit_ms = LIMIT_MS } = this.#options;
    const limit = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => limit.resolve('late'), limit_ms);
    try {
      tell();
    } catch (error) {
      logger().warn({ err: error }, 'nobody could be told that Archon is closing');
    }
    try {
      const ending = await Promise.race([stop(), limit.promise]);
      if (ending === 'late') logger().error(`not everything ended within ${limit_ms} ms; leaving it`);
    } catch (error) {
      logger().error({ err: error }, 'closing failed');
    }
    clearTimeout(timer);
    this.#state = 'closed';
    app.exit(this.#exit_code);
  }
}
