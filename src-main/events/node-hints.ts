/** Tells the other nodes on the same database of events that were written here, and hears what they tell. */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Database } from '../storage/database.ts';
import { Bell } from './bell.ts';
import { HINT_CHANNEL, type NodeHint, ORGS_PER_HINT, parsePayload, toPayload } from './event-hint.ts';

export interface NodeHintsDeps {
  database: Pick<Database, 'transaction' | 'listen'>;
  logger: Logger;
  /** Milliseconds: between hints at least; before listening is tried again, from the first to the last. */
  tuning: { gap: number; relisten: readonly [number, number] };
  /** Another node told of something; undefined for what cannot be read. */
  onHint(hint: NodeHint | undefined): void;
  /** Listening has begun: what came before was not heard. */
  onListening(): void;
  /** It was lost and has begun again. */
  onReconnect(): void;
}

export class NodeHints {
  readonly #deps: NodeHintsDeps;
  readonly #node = randomUUID();
  /** Organisations whose events the other nodes have not been told of. */
  readonly #untold = new Set<string>();
  readonly #end = new Bell();
  #stopped = false;
  #hears = false;
  #telling: Promise<void> | undefined;
  #listening: Promise<(() => Promise<void>) | undefined> = Promise.resolve(undefined);

  constructor(deps: NodeHintsDeps) {
    this.#deps = deps;
  }

  /** Begins to listen, in the background. */
  start(): void {
    this.#listening = this.#listen();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end.ring();
    await this.#telling;
    const stopListening = await this.#listening;
    await stopListening?.();
  }

  /** Whether the other nodes are heard now. */
  get hears(): boolean {
    return this.#hears;
  }

  /** The others shall know that there are new events of an organisation. */
  tell(org_id: string): void {
    if (this.#stopped) return;
    this.#untold.add(org_id);
    this.#telling ??= this.#tellOthers().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellOthers(): Promise<void> {
    const { database, logger, tuning } = this.#deps;
    while (this.#untold.size > 0 && !this.#stopped) {
      const orgs = [...this.#untold].slice(0, ORGS_PER_HINT);
      for (const org_id of orgs) this.#untold.delete(org_id);
      const payload = toPayload({ kind: 'events', node: this.#node, orgs });
      try {
        await database.transaction((tx) =>
          Promise.all([
            // A notification is written to the log like a change; one that is lost in a crash is not worth the wait.
            tx.sql('SET LOCAL synchronous_commit = off'),
            tx.sql('SELECT pg_notify($1, $2)', [HINT_CHANNEL, payload]),
          ]),
        );
      } catch (error) {
        logger.debug({ err: error }, 'other nodes were not told of events: they find them when they look');
      }
      await this.#end.wait(tuning.gap);
    }
  }

  async #listen(): Promise<(() => Promise<void>) | undefined> {
    const { database, logger, tuning, onListening, onReconnect } = this.#deps;
    const onLost = () => {
      this.#hears = false;
    };
    const onHeardAgain = () => {
      this.#hears = true;
      onReconnect();
    };
    const [first, last] = tuning.relisten;
    for (let delay_ms = first; !this.#stopped; delay_ms = Math.min(delay_ms * 2, last)) {
      try {
        const stop = await database.listen(HINT_CHANNEL, (payload) => this.#hear(payload), onHeardAgain, onLost);
        this.#hears = true;
        onListening();
        return stop;
      } catch (error) {
        logger.warn({ err: error }, 'live events come late: listening to the database failed');
        await this.#end.wait(delay_ms);
      }
    }
    return undefined;
  }

  #hear(payload: string): void {
    const hint = parsePayload(payload);
    // Our own.
    if (hint?.kind === 'events' && hint.node === this.#node) return;
    this.#deps.onHint(hint);
  }
}
