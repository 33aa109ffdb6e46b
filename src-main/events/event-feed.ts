/**
 * The event log, live: any number of readers, each at its own pace.
 *
 * A reader pulls pages from the table after its own cursor, so nothing is kept in memory for a slow one and nothing is
 * lost to one that was away. A commit of this node, or a hint of another, only says when to look; a look every few
 * seconds finds what nobody told of.
 */
import type { Logger } from 'pino';
import type { EventEnvelope } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import type { Scope } from '../identity/scope.ts';
import type { Database } from '../storage/database.ts';
import { Bell } from './bell.ts';
import type { NodeHint } from './event-hint.ts';
import { type FeedFilter, type FeedPage, FeedPages } from './feed-page.ts';
import { endingWith, FeedReader, firstCursor } from './feed-reader.ts';
import { NodeHints } from './node-hints.ts';
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

/** A node wrote notes of the ops agent of an organisation. */
export type OpsHint = Extract<NodeHint, { kind: 'ops' }>;

export class EventFeed {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #tuning: FeedTuning;
  readonly #log: SettledEvents;
  readonly #pages: FeedPages;
  readonly #hints: NodeHints | undefined;
  readonly #readers = new Set<FeedReader>();
  readonly #settingsListeners = new Set<(org_id: string | undefined) => void>();
  readonly #opsListeners = new Set<(note: OpsHint | undefined) => void>();
  readonly #newsListeners = new Set<(org_id: string | undefined) => void>();
  /** Rings when there is a reason to look at the log. */
  readonly #news = new Bell();
  /** Rings at the end. */
  readonly #end = new Bell();
  #stopped = false;
  #watching: Promise<void> = Promise.resolve();
  #isWatching = false;
  /** Since when the log is settled no further than this. */
  #open_since_ms: number | undefined;
  #patient_for: number | undefined;

  /** @param deps.shared other nodes may work on the same database */
  constructor(deps: { database: Database; logger: Logger; shared: boolean; tuning?: Partial<FeedTuning> }) {
    this.#database = deps.database;
    this.#logger = deps.logger;
    this.#tuning = { ...DEFAULT_TUNING, ...deps.tuning };
    this.#log = new SettledEvents(deps.database);
    this.#pages = new FeedPages(deps.database);
    if (deps.shared) this.#hints = this.#hintsOf(deps);
  }

  /** Begins to listen, in the background: readers need not wait for it. */
  start(): void {
    this.#database.onEventsWritten((org_id) => this.#onWritten(org_id));
    this.#hints?.start();
  }

  /**
   * Calls the listener with the organisation whose settings were changed by any node, once that is committed; with
   * undefined when some may have been missed.
   */
  onSettingsChanged(listener: (org_id: string | undefined) => void): void {
    this.#settingsListeners.add(listener);
  }

  /** Calls the listener when a node wrote notes of the ops agent; with undefined when some may have been missed. */
  onOpsNotes(listener: (note: OpsHint | undefined) => void): void {
    this.#opsListeners.add(listener);
  }

  /**
   * Calls the listener with the organisation that any node has written events of, once they are committed; with undefined
   * when some may have been missed.
   */
  onNews(listener: (org_id: string | undefined) => void): void {
    this.#newsListeners.add(listener);
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
    filter: FeedFilter,
    options: { after_id?: string | undefined; signal?: AbortSignal | undefined } = {},
  ): Promise<AsyncGenerator<EventEnvelope, void>> {
    const reader = new FeedReader(scope.org_id, () => this.#readers.delete(reader));
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

  /** Whether the other nodes on the database are heard; undefined where there can be none. */
  get listening(): boolean | undefined {
    return this.#hints?.hears;
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
    await this.#hints?.stop();
  }

  async *#read(
    scope: Scope,
    filter: FeedFilter,
    reader: FeedReader,
    begin: number,
  ): AsyncGenerator<EventEnvelope, void> {
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
  async #page(scope: Scope, filter: FeedFilter, after: number, to: number): Promise<FeedPage | undefined> {
    try {
      return await this.#pages.read(scope, filter, { after, to });
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
  async #lookFor(concerned: readonly FeedReader[]): Promise<boolean> {
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
      // What was written while the log was looked at has made it due already, and stays to be looked at.
      if (state.open) reader.due = true;
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

  #hintsOf({ database, logger }: { database: Database; logger: Logger }): NodeHints {
    return new NodeHints({
      database,
      logger,
      tuning: this.#tuning,
      onHint: (hint) => this.#onHint(hint),
      // The server may be another process than before.
      onReconnect: () => {
        this.#log.reset();
        this.#mayHaveMissed();
      },
      onListening: () => this.#mayHaveMissed(),
    });
  }

  #allDue(): void {
    for (const reader of this.#readers) reader.due = true;
  }

  #onWritten(org_id: string): void {
    for (const listener of this.#newsListeners) listener(org_id);
    this.#wakeOrgs([org_id]);
    this.#hints?.tell(org_id);
  }

  #onHint(hint: NodeHint | undefined): void {
    switch (hint?.kind) {
      case 'settings':
        for (const listener of this.#settingsListeners) listener(hint.org_id);
        return;
      case 'ops':
        for (const listener of this.#opsListeners) listener(hint);
        return;
      case 'events':
        for (const org_id of hint.orgs) for (const listener of this.#newsListeners) listener(org_id);
        this.#wakeOrgs(hint.orgs);
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
    for (const listener of this.#newsListeners) listener(undefined);
    for (const listener of this.#opsListeners) listener(undefined);
    this.#allDue();
    this.#wake();
  }
}

function isAway(error: unknown): boolean {
  return error instanceof ArchonError && error.code === 'STORAGE_UNAVAILABLE';
}
