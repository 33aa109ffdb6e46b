/**
 * The way from the event log into the queues: for each subscriber, every event once and in order.
 *
 * Jobs and the cursor change in one transaction, under the lock of the cursor's row: a node that is killed has done both
 * or neither, and of two nodes one waits and finds nothing left. Only settled events are taken, so none can appear
 * behind a cursor.
 */
import type { EventEnvelope } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database, Transaction } from '../../storage/database.ts';
import { type JobQueue, queueOf } from './job-queue.ts';
import { isLetterNews } from './letter-events.ts';

/** Events taken at a time: so many, and so many bytes of payload, but at least one. */
const PAGE = 500;
const PAGE_BYTES = 4 * 1024 * 1024;
/** With so many events in a queue, further ones stay in the log until some are done. */
const ENOUGH_WAITING = 2000;

export interface RelayRound {
  /** Subscribers that got new jobs. */
  fed: Set<string>;
  /** There is more in the log for some of them that can be moved now. */
  more: boolean;
  /** Some were passed over: so much waits for them that the rest stays in the log. */
  held: boolean;
}

interface SubscriberRow {
  name: string;
  types: string[] | null;
  user_id: string | null;
  cursor: number;
}

interface Page {
  events: EventEnvelope[];
  to: number;
  more: boolean;
}

export class Relay {
  readonly #database: Database;
  readonly #queue: JobQueue;
  /** Subscribers whose queue was full when last looked at. */
  readonly #full = new Set<string>();

  constructor(deps: { database: Database; queue: JobQueue }) {
    this.#database = deps.database;
    this.#queue = deps.queue;
  }

  /** Moves one page for each of the subscribers. `settled`: no event up to it can still appear. */
  async round(scope: Scope, names: readonly string[], settled: number): Promise<RelayRound> {
    const wanted: string[] = [];
    for (const name of names) if (!(await this.#isFull(scope, name))) wanted.push(name);
    return await this.#database.withScope(scope, async (tx) => {
      // Jobs and cursor are lost together, if at all: what is not on the disk yet is moved once more.
      const [, rows] = await Promise.all([
        tx.sql('SET LOCAL synchronous_commit = off'),
        lockBehind(tx, scope, wanted, settled),
      ]);
      const writes: Promise<unknown>[] = [];
      const pages = new Map<number, Page>();
      const round: RelayRound = { fed: new Set(), more: false, held: wanted.length < names.length };
      const moves: { name: string; to: number }[] = [];
      for (const row of rows) {
        const page = pages.get(row.cursor) ?? (await readPage(tx, scope, row.cursor, settled));
        pages.set(row.cursor, page);
        const events = page.events.filter((event) => wants(row, event));
        if (events.length > 0) {
          const jobs = events.map((event) => ({
            place: Number(event.id),
            data: { kind: 'event' as const, event, attempts: [] },
          }));
          writes.push(this.#queue.put(tx, queueOf(scope.org_id, row.name), jobs));
          round.fed.add(row.name);
        }
        moves.push({ name: row.name, to: page.to });
        if (page.more) {
          round.more = true;
          this.#full.add(keyOf(scope, row.name));
        }
      }
      if (moves.length > 0) writes.push(moveCursors(tx, scope, moves));
      await Promise.all(writes);
      return round;
    });
  }

  /** Asked only of those that have a backlog. */
  async #isFull(scope: Scope, name: string): Promise<boolean> {
    const key = keyOf(scope, name);
    if (!this.#full.has(key)) return false;
    const full = await this.#queue.holdsEvents(queueOf(scope.org_id, name), ENOUGH_WAITING);
    if (!full) this.#full.delete(key);
    return full;
  }
}

const keyOf = (scope: Scope, name: string): string => `${scope.org_id} ${name}`;

function wants(row: SubscriberRow, event: EventEnvelope): boolean {
  const isWanted = row.types === null ? !isLetterNews(event.type) : row.types.includes(event.type);
  return isWanted && (row.user_id === null || row.user_id === event.user_id);
}

/** The rows that have something to do, locked in the order of their names. */
async function lockBehind(
  tx: Transaction,
  scope: Scope,
  names: readonly string[],
  settled: number,
): Promise<SubscriberRow[]> {
  return await tx.sql<SubscriberRow>(
    `SELECT name, types, user_id, cursor FROM archon_event_subscribers AS s
     WHERE org_id = $1 AND name = ANY ($2) AND enabled AND cursor < $3
       AND EXISTS (SELECT FROM archon_events AS e WHERE e.org_id = $1 AND e.id > s.cursor AND e.id <= $3)
     ORDER BY name FOR UPDATE OF s`,
    [scope.org_id, names, settled],
  );
}

async function readPage(tx: Transaction, scope: Scope, after: number, settled: number): Promise<Page> {
  const rows = await tx.sql<EventEnvelope & { id: number; found: number }>(
    `SELECT id, org_id, type, user_id, actor, payload, created_at, found FROM (
       SELECT *, sum(octet_length(payload::text)) OVER places AS bytes, row_number() OVER places AS place,
         count(*) OVER () AS found
       FROM (SELECT * FROM archon_events WHERE org_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT ${PAGE}) AS page
       WINDOW places AS (ORDER BY id)
     ) AS measured
     WHERE bytes <= ${PAGE_BYTES} OR place = 1 ORDER BY id`,
    [scope.org_id, after, settled],
  );
  const last = rows.at(-1);
  // Also when the page was just full: the next look finds nothing then.
  const more = last !== undefined && (last.found === PAGE || last.found > rows.length);
  const events = rows.map(({ found: _found, ...event }) => ({ ...event, id: String(event.id) }));
  return { events, to: more ? last.id : settled, more };
}

async function moveCursors(tx: Transaction, scope: Scope, moves: readonly { name: string; to: number }[]) {
  await tx.sql(
    `UPDATE archon_event_subscribers AS s SET cursor = moved.to
     FROM unnest($2::text[], $3::bigint[]) AS moved (name, "to") WHERE s.org_id = $1 AND s.name = moved.name`,
    [scope.org_id, moves.map(({ name }) => name), moves.map(({ to }) => to)],
  );
}
