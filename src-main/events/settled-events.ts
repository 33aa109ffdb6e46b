/**
 * Up to which id the event log is settled: no event with that id or a smaller one can appear any more.
 *
 * An event gets its id when it is inserted and shows when its transaction commits, so a reader that simply went by ids
 * would pass over the event of a transaction that commits late. Whoever inserts takes a RowExclusiveLock on the table
 * first, then the id, and gives the lock back after the commit shows. So when the last id given out is read first and
 * the holders of the lock second, every id up to that one belongs to a transaction that is over or to one of the
 * holders; once none of these holds the lock any more, all of them are settled.
 *
 * Only transactions that write events are waited for. Ordering by transaction ids would need no such look, but wait
 * for every open transaction of the whole server, and would not survive a dump and reload into another one.
 */
import type { Database } from '../storage/database.ts';

/** The identity column of `archon_events` counts here. */
const LAST_ID = 'SELECT CASE WHEN is_called THEN last_value ELSE 0 END AS last FROM archon_events_id_seq';
/** Transactions that may hold ids whose events do not show yet. */
const WRITERS = `SELECT virtualtransaction AS writer FROM pg_locks
  WHERE locktype = 'relation' AND relation = 'archon_events'::regclass AND mode = 'RowExclusiveLock' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

export interface LogState {
  /** Undefined while the first writers are still waited for. */
  settled: number | undefined;
  /** The last id given out, whether its event shows or not. */
  last: number;
  /** Some writers are waited for: look again soon. */
  open: boolean;
}

export class SettledEvents {
  readonly #database: Pick<Database, 'transaction'>;
  #settled: number | undefined;
  #waiting: { up_to: number; writers: readonly string[] } | undefined;

  constructor(database: Pick<Database, 'transaction'>) {
    this.#database = database;
  }

  get settled(): number | undefined {
    return this.#settled;
  }

  async look(): Promise<LogState> {
    const { last, writers } = await this.#database.transaction(async (tx) => {
      // Sent together, run in this order.
      const [[row], holders] = await Promise.all([
        tx.sql<{ last: number }>(LAST_ID),
        tx.sql<{ writer: string }>(WRITERS),
      ]);
      return { last: row?.last ?? 0, writers: new Set(holders.map(({ writer }) => writer)) };
    });
    const waiting = this.#waiting;
    if (waiting && !waiting.writers.some((writer) => writers.has(writer))) {
      this.#settled = waiting.up_to;
      this.#waiting = undefined;
    }
    if (writers.size === 0) this.#settled = last;
    else this.#waiting ??= { up_to: last, writers: [...writers] };
    return { settled: this.#settled, last, open: this.#waiting !== undefined };
  }

  /** After a lost connection: a server that crashed may give an id out again whose transaction came to nothing. */
  reset(): void {
    this.#settled = undefined;
    this.#waiting = undefined;
  }
}
