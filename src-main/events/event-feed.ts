/**
 * The event log, live: any number of readers, each at its own pace.
 *
 * A reader pulls pages from the table after its own cursor, so nothing is kept in memory for a slow one and nothing is
 * lost to one that was away. A commit of this node, or a hint of another, only says when to look; a look every few
 * seconds finds what nobody told of.
 */
import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { EventEnvelope, EventFeedInput, JsonObject } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';
import { Bell } from './bell.ts';
import { HINT_CHANNEL, ORGS_PER_HINT, parsePayload, toPayload } from './event-hint.ts';
import { type LogState, SettledEvents } from './settled-events.ts';

/** Milliseconds. */
export interface FeedTuning {
  /** Between looks at the log while nothing is told of. */
  poll: number;
  /** Between looks, and between hints to other nodes, at least: however much is written. */
  gap: number;
  /** Before looking again at writers that are waited for: doubles from the first to the last. */
  recheck: readonly [number, number];
  /** Before listening is tried again: doubles from the first to the last. */
  relisten: readonly [number, number];
  /** After which writers that are waited for are told of in the log. */
  patience: number;
}

const DEFAULT_TUNING: FeedTuning = {
  poll: 2000,
  gap: 40,
  recheck: [20, 500],
  relisten: [500, 10_000],
  patience: 30_000,
};
/** Events looked through per query: with a filter most of them may be passed over. */
const PAGE = 500;

type Filter = Pick<EventFeedInput, 'user_id' | 'types'>;

interface Page {
  events: EventEnvelope[];
  /** Every event up to this one has been looked at. */
  to: number;
  more: boolean;
}

export class EventFeed {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #tuning: FeedTuning;
  readonly #log: SettledEvents;
  readonly #shared: boolean;
  readonly #node = randomUUID();
  readonly #readers = new Set<Reader>();
  readonly #settingsListeners = new Set<(org_id: string | undefined) => void>();
  /** Organisations whose events the other nodes have not been told of. */
  readonly #untold = new Set<string>();
  #telling: Promise<void> | undefined;
  /** Rings when there is a reason to look at the log. */
  readonly #news = new Bell();
  /** Rings at the end. */
  readonly #end = new Bell();
  #stopped = false;
  #watching: Promise<void> = Promise.resolve();
  #isWatching = false;
  #listening: Promise<(() => Promise<void>) | undefined> = Promise.resolve(undefined);
  /** Since when the log is settled no further than this. */
  #open_since_ms: number | undefined;
  #patient_for: number | undefined;

  /** @param deps.shared other nodes may work on the same database */
  constructor(deps: { database: Database; logger: Logger; shared: boolean; tuning?: Partial<FeedTuning> }) {
    this.#database = deps.database;
    this.#shared = deps.shared;
    this.#logger = deps.logger;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#log = new SettledEvents(deps.database);
  }

  /** Begins to listen, in the background: readers need not wait for it. */
  start(): void {
    this.#database.onEventsWritten((org_id) => this.#onWritten(org_id));
    if (this.#shared) this.#listening = this.#listen();
  }

  /**
   * Calls the listener with the organisation whose settings were changed by any node, once that is committed; with
   * undefined when some may have been missed.
   */
  onSettingsChanged(listener: (org_id: string | undefined) => void): void {
    this.#settingsListeners.add(listener);
  }

  /**
   * Events after `after_id`, or from now on: everything committed after this has resolved is among them.
   *
   * The iterator ends when the signal aborts or the feed stops. While the database is away it waits.
   *
   * @throws ArchonError STORAGE_UNAVAILABLE when the database is away now
   */
  async open(
    scope: Scope,
    filter: Filter,
    options: { after_id?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<AsyncGenerator<EventEnvelope, void>> {
    const reader = new Reader(scope.org_id, () => this.#readers.delete(reader));
    if (options.signal?.aborted || this.#stopped) reader.end();
    else this.#readers.add(reader);
    const end = () => reader.end();
    options.signal?.addEventListener('abort', end, { once: true });
    reader.onEnd(() => options.signal?.removeEventListener('abort', end));
    this.#wake();
    let cursor: number;
    try {
      cursor = firstCursor(await reader.started, options.after_id);
    } catch (error) {
      reader.end();
      throw error;
    }
    return endingWith(this.#read(scope, filter, reader, cursor), reader);
  }

  /** How many readers are open. */
  get readers(): number {
    return this.#readers.size;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    for (const reader of [...this.#readers]) reader.end();
    this.#news.ring();
    this.#end.ring();
    await this.#watching;
    await this.#telling;
    const stopListening = await this.#listening;
    await stopListening?.();
  }

  async *#read(scope: Scope, filter: Filter, reader: Reader, begin: number): AsyncGenerator<EventEnvelope, void> {
    let cursor = begin;
    try {
      while (!reader.ended) {
        // Taken before the log's state: what is told of in between is not slept through.
        const { woken } = reader;
        const settled = this.#log.settled ?? cursor;
        const page = cursor < settled ? await this.#page(scope, filter, cursor, settled) : undefined;
        for (const event of page?.events ?? []) {
          if (reader.ended) return;
          yield event;
        }
        cursor = page?.to ?? cursor;
        if (!page?.more) await woken;
      }
    } finally {
      reader.end();
    }
  }

  /** Undefined while the database is away: the next look at the log wakes the reader again. */
  async #page(scope: Scope, filter: Filter, after: number, to: number): Promise<Page | undefined> {
    try {
      return await this.#database.withScope(scope, async (tx) => {
        const rows = await tx.sql<PageRow>(PAGE_QUERY, [
          scope.org_id,
          after,
          to,
          filter.user_id ?? null,
          filter.types ?? null,
        ]);
        const events = rows.flatMap(toEnvelope);
        const more = rows[0]?.looked_at === PAGE;
        return { events, more, to: more ? (rows[0]?.looked_to ?? to) : to };
      });
    } catch (error) {
      if (!isAway(error)) throw error;
      return undefined;
    }
  }

  /** Looks at the log whenever there is reason to, as long as there is a reader. */
  async #watch(): Promise<void> {
    const { poll, gap, recheck } = this.#tuning;
    let recheck_ms = recheck[0];
    while (this.#readers.size > 0 && !this.#stopped) {
      this.#news.silence();
      const looked_at_ms = performance.now();
      const concerned = [...this.#readers].filter((reader) => reader.due);
      for (const reader of concerned) reader.due = false;
      const before = this.#log.settled;
      const open = await this.#lookFor(concerned);
      // Among busy writers some are always open, but never the same: only those that stay are looked at less often.
      if (!open || this.#log.settled !== before) recheck_ms = recheck[0];
      if (open) {
        await this.#end.wait(recheck_ms);
        recheck_ms = Math.min(recheck_ms * 2, recheck[1]);
        continue;
      }
      if (await this.#news.wait(poll)) await this.#end.wait(Math.max(0, looked_at_ms + gap - performance.now()));
      else this.#allDue();
    }
  }

  /** @returns whether to look again soon */
  async #lookFor(concerned: readonly Reader[]): Promise<boolean> {
    let state: LogState;
    try {
      state = await this.#log.look();
    } catch (error) {
      if (isAway(error)) this.#logger.debug({ err: error }, 'event log out of reach');
      else this.#logger.error({ err: error }, 'looking at the event log failed');
      this.#log.reset();
      for (const reader of concerned) {
        reader.refuse(error);
        reader.due = true;
      }
      return false;
    }
    this.#tellOfPatience(state);
    for (const reader of concerned) {
      reader.begin(state);
      reader.wake();
      reader.due = state.open;
    }
    return state.open;
  }

  #tellOfPatience({ open, settled }: LogState): void {
    if (!open || settled !== this.#patient_for) this.#open_since_ms = undefined;
    this.#patient_for = settled;
    this.#open_since_ms ??= performance.now();
    if (!open || performance.now() - this.#open_since_ms < this.#tuning.patience) return;
    this.#open_since_ms = performance.now();
    const seconds = Math.round(this.#tuning.patience / 1000);
    this.#logger.warn(`a transaction that wrote events is open for ${seconds} s: live events wait for its end`);
  }

  #wake(): void {
    this.#news.ring();
    if (this.#isWatching || this.#readers.size === 0 || this.#stopped) return;
    this.#isWatching = true;
    this.#watching = this.#watch().finally(() => {
      this.#isWatching = false;
      // One may have come while the last look ended.
      this.#wake();
    });
  }

  #allDue(): void {
    for (const reader of this.#readers) reader.due = true;
  }

  #onWritten(org_id: string): void {
    this.#wakeOrgs([org_id]);
    if (!this.#shared || this.#stopped) return;
    this.#untold.add(org_id);
    this.#telling ??= this.#tellOthers().finally(() => {
      this.#telling = undefined;
    });
  }

  async #tellOthers(): Promise<void> {
    while (this.#untold.size > 0 && !this.#stopped) {
      const orgs = [...this.#untold].slice(0, ORGS_PER_HINT);
      for (const org_id of orgs) this.#untold.delete(org_id);
      const payload = toPayload({ kind: 'events', node: this.#node, orgs });
      try {
        await this.#database.transaction((tx) =>
          Promise.all([
            // A notification is written to the log like a change; one that is lost in a crash is not worth the wait.
            tx.sql('SET LOCAL synchronous_commit = off'),
            tx.sql('SELECT pg_notify($1, $2)', [HINT_CHANNEL, payload]),
          ]),
        );
      } catch (error) {
        this.#logger.debug({ err: error }, 'other nodes were not told of events: they find them when they look');
      }
      await this.#end.wait(this.#tuning.gap);
    }
  }

  #onNotify(payload: string): void {
    const hint = parsePayload(payload);
    switch (hint?.kind) {
      case 'settings':
        for (const listener of this.#settingsListeners) listener(hint.org_id);
        return;
      case 'events':
        if (hint.node !== this.#node) this.#wakeOrgs(hint.orgs);
        return;
      default:
        this.#mayHaveMissed();
    }
  }

  #wakeOrgs(orgs: readonly string[]): void {
    let any = false;
    for (const reader of this.#readers) {
      if (!orgs.includes(reader.org_id)) continue;
      reader.due = true;
      any = true;
    }
    if (any) this.#wake();
  }

  /** Nobody was listening for a while. */
  #mayHaveMissed(): void {
    for (const listener of this.#settingsListeners) listener(undefined);
    this.#allDue();
    this.#wake();
  }

  async #listen(): Promise<(() => Promise<void>) | undefined> {
    const [first, last] = this.#tuning.relisten;
    for (let delay_ms = first; !this.#stopped; delay_ms = Math.min(delay_ms * 2, last)) {
      try {
        const stop = await this.#database.listen(
          HINT_CHANNEL,
          (payload) => this.#onNotify(payload),
          () => {
            // The server may be another process than before.
            this.#log.reset();
            this.#mayHaveMissed();
          },
        );
        this.#mayHaveMissed();
        return stop;
      } catch (error) {
        this.#logger.warn({ err: error }, 'live events come late: listening to the database failed');
        await this.#end.wait(delay_ms);
      }
    }
    return undefined;
  }
}

interface PageRow {
  looked_to: number | null;
  looked_at: number;
  id: number | null;
  org_id: string;
  type: string;
  user_id: string | null;
  actor: string;
  payload: JsonObject;
  created_at: string;
}

/** One row at least: how far the log was looked through, and beside it the events that passed. */
const PAGE_QUERY = `
  WITH page AS MATERIALIZED (
    SELECT * FROM archon_events WHERE org_id = $1 AND id > $2 AND id <= $3 ORDER BY id LIMIT ${PAGE}
  ), edge AS (
    SELECT max(id) AS looked_to, count(*)::int AS looked_at FROM page
  )
  SELECT edge.looked_to, edge.looked_at, page.id, page.org_id, page.type, page.user_id, page.actor, page.payload,
    page.created_at
  FROM edge LEFT JOIN page
    ON ($4::text IS NULL OR page.user_id = $4) AND ($5::text[] IS NULL OR page.type = ANY ($5))
  ORDER BY page.id`;

function toEnvelope({ looked_to: _to, looked_at: _at, id, ...event }: PageRow): EventEnvelope[] {
  return id === null ? [] : [{ ...event, id: String(id) }];
}

function isAway(error: unknown): boolean {
  return error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
}

/** An id beyond the log is of another database: from there, nothing can be gone on with. */
function firstCursor(state: { settled: number; last: number }, after_id: string | undefined): number {
  const after = after_id === undefined ? Number.POSITIVE_INFINITY : Number(after_id);
  return after > state.last ? state.settled : after;
}

/** A generator that waits for an event hears of `return` only after it: so the reader is ended first. */
function endingWith(events: AsyncGenerator<EventEnvelope, void>, reader: Reader): AsyncGenerator<EventEnvelope, void> {
  const giveBack = events.return.bind(events);
  events.return = (value) => {
    reader.end();
    return giveBack(value);
  };
  return events;
}

/** Who waits for events. */
class Reader {
  readonly org_id: string;
  readonly #started = Promise.withResolvers<{ settled: number; last: number }>();
  readonly #whenEnded: (() => void)[];
  #bell = Promise.withResolvers<void>();
  /** There may be something new for it that no look at the log has covered. */
  due = true;
  ended = false;

  constructor(org_id: string, onEnd: () => void) {
    this.org_id = org_id;
    this.#whenEnded = [onEnd];
    // Told to whoever opens the reader; nobody may be waiting any more.
    this.#started.promise.catch(() => {});
  }

  /** How the log was at a look that began after the reader did. */
  get started(): Promise<{ settled: number; last: number }> {
    return this.#started.promise;
  }

  /** Resolves with the next `wake`. */
  get woken(): Promise<void> {
    return this.#bell.promise;
  }

  begin({ settled, last }: LogState): void {
    if (settled !== undefined) this.#started.resolve({ settled, last });
  }

  refuse(error: unknown): void {
    this.#started.reject(error);
  }

  wake(): void {
    if (this.ended) return;
    this.#bell.resolve();
    this.#bell = Promise.withResolvers();
  }

  onEnd(action: () => void): void {
    if (this.ended) action();
    else this.#whenEnded.push(action);
  }

  end(): void {
    if (this.ended) return;
    this.ended = true;
    this.#bell.resolve();
    this.#started.resolve({ settled: 0, last: 0 });
    for (const action of this.#whenEnded) action();
  }
}
