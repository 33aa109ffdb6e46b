/**
 * Keeps the rows of a feed, such as that of events or of the log: reads the newest, adds what the stream brings once a
 * frame, and reads on back in time. However much happens, it holds a bounded number of events, and loses none of what it
 * says it shows.
 */
import { type FeedItem, type FeedPage, type FeedRows, idOf, joined, merged, trimmed, withOlder } from './feed-rows.ts';

/** Rows at most while the newest is in sight; then the oldest go. */
export const MAX_ROWS = 5000;
/** Events at most that wait to be shown; of more than these only the number is kept, and the log is read for them. */
export const MAX_HELD = 2000;
const PAGE = 100;
const LARGE_PAGE = 500;
/** Pages that are read at most to find the way back to the rows: more than there can be rows. */
const CATCH_UP_PAGES = 12;
/** Rows that a search back in time finds before it rests, and that a first look should find. */
const ENOUGH = 50;
/** Before a reading that failed for a passing reason is tried again. */
const AGAIN_MS = 2000;

export interface FeedSource<T> {
  matches(event: T): boolean;
  page(request: { cursor: string | undefined; limit: number }, signal: AbortSignal): Promise<FeedPage<T>>;
  isTransient(error: unknown): boolean;
  later(work: () => void, delay_ms: number): () => void;
  /** Calls `work` before the page is drawn again. */
  nextFrame(work: () => void): () => void;
}

/** Reading the newest events. */
export type Head = { phase: 'reading' } | { phase: 'ready' } | { phase: 'failed'; error: unknown };
/** Reading back in time; `pages` were looked through without finding enough. */
export type Search =
  | { phase: 'rest' }
  | { phase: 'searching'; pages: number }
  | { phase: 'stopped' }
  | { phase: 'failed'; error: unknown };

export interface FeedState<T> extends FeedRows<T> {
  head: Head;
  search: Search;
  isPaused: boolean;
  /** Events that came and are not shown yet: because it is paused, or because somebody reads further down. */
  held: number;
}

interface Held<T> {
  events: readonly T[];
  count: number;
  /** All that were counted are in `events`. */
  isWhole: boolean;
}
const NOTHING: Held<never> = { events: [], count: 0, isWhole: true };

export class FeedReader<T extends FeedItem> {
  readonly #source: FeedSource<T>;
  readonly #listeners = new Set<() => void>();
  #state: FeedState<T>;
  /** Since the last frame, oldest first. */
  #incoming: T[] = [];
  #held: Held<T> = NOTHING;
  /** The last event of the stream, whether it matches or not. */
  #streamed: number | undefined;
  /** All that match up to this event are among the rows, as far as these go back. */
  #floor: number | undefined;
  #headReading: AbortController | undefined;
  #isReading = false;
  /** There was a gap since the reading began: what is read is not all. */
  #isGapped = false;
  #searching: AbortController | undefined;
  #cancelFrame: (() => void) | undefined;
  #cancelAgain: (() => void) | undefined;
  /** Somebody reads further down: what is there must not go. Told by whoever shows the rows. */
  isScrolled: () => boolean = () => false;

  constructor(source: FeedSource<T>, isPaused: boolean) {
    this.#source = source;
    this.#state = {
      rows: [],
      older: { at: 'top' },
      head: { phase: 'reading' },
      search: { phase: 'rest' },
      isPaused,
      held: 0,
    };
  }

  start(): void {
    void this.#readHead();
  }

  stop(): void {
    this.#headReading?.abort();
    this.#searching?.abort();
    this.#cancelFrame?.();
    this.#cancelAgain?.();
    this.#cancelFrame = undefined;
    this.#cancelAgain = undefined;
  }

  /** Calls the listener after each change of `state`. @returns ends it */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly state = (): FeedState<T> => this.#state;

  /** The next event of the stream. */
  note(event: T): void {
    this.#streamed = idOf(event);
    if (!this.#source.matches(event)) return;
    this.#incoming.push(event);
    // A page that nobody looks at is not drawn.
    if (this.#incoming.length >= MAX_HELD) this.flush();
    else this.#cancelFrame ??= this.#source.nextFrame(() => this.flush());
  }

  /** The stream may have left out events, or tells of another log. */
  noteGap(): void {
    this.#streamed = undefined;
    if (this.#isReading) {
      // Read to its end: where gaps come faster than pages are read, there would never be one.
      this.#isGapped = true;
      return;
    }
    if (!this.#state.isPaused || this.#state.head.phase !== 'ready') {
      void this.#readHead();
      return;
    }
    this.#held = { ...this.#held, events: [], isWhole: false };
  }

  setPaused(isPaused: boolean): void {
    // What came until now is shown still.
    if (isPaused) this.flush();
    this.#change({ isPaused });
    if (!isPaused) this.flush();
  }

  /** Shows what has come, if it may be shown: with each frame, and when the top of the list is in sight again. */
  flush(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = undefined;
    const news = this.#incoming.reverse();
    this.#incoming = [];
    const held = holding(this.#held, news);
    if (held === NOTHING) this.#settle();
    else if (this.#mustHold(held.count)) this.#hold(held);
    else if (held.isWhole) this.#show(held.events);
    else void this.#readHead();
  }

  /** On back in time, until enough is found, the log ends, or {@link stopSearch}. */
  readOlder(): void {
    const { rows, head, search, older } = this.#state;
    if (search.phase === 'searching' || older.at === 'end') return;
    // Before the first page there is nothing to go on from.
    if (rows.length > 0 || head.phase === 'ready') void this.#readOlder();
  }

  stopSearch(): void {
    if (this.#state.search.phase !== 'searching') return;
    this.#searching?.abort();
    this.#change({ search: { phase: 'stopped' } });
  }

  /** After it failed. */
  retry(): void {
    void this.#readHead();
  }

  #mustHold(count: number): boolean {
    const { isPaused, head, rows } = this.#state;
    return isPaused || head.phase !== 'ready' || (this.isScrolled() && rows.length + count > MAX_ROWS);
  }

  #hold(held: Held<T>): void {
    this.#held = held;
    this.#change({ held: held.count });
  }

  #show(events: readonly T[]): void {
    const { rows, older } = this.#state;
    // What lies below the last row is found where the rows go on; shown now, it would leave a hole above it.
    const last = older.at === 'end' ? undefined : this.#lastId();
    const news = last === undefined ? events : events.filter((event) => idOf(event) > last);
    const all = { rows: merged(rows, news), older };
    const shown = this.isScrolled() ? all : trimmed(all, MAX_ROWS);
    if (shown.older !== older) this.#endSearch();
    this.#held = NOTHING;
    this.#change({ ...shown, held: 0 });
    this.#settle();
  }

  #settle(): void {
    if (!this.#state.isPaused && this.#state.head.phase === 'ready') this.#floor = this.#streamed ?? this.#floor;
  }

  async #readHead(): Promise<void> {
    this.#headReading?.abort();
    this.#cancelAgain?.();
    this.#cancelAgain = undefined;
    const reading = new AbortController();
    this.#headReading = reading;
    this.#isReading = true;
    this.#isGapped = false;
    // What has come until now is found in the log.
    this.#hold(NOTHING);
    // What failed is told of until it succeeds.
    if (this.#state.head.phase !== 'failed') this.#change({ head: { phase: 'reading' } });
    // Nothing before it can be missing from what is read from now on.
    const settled = this.#streamed;
    const floor = this.#floor ?? this.#lastId();
    try {
      const page = await this.#readDownTo(floor, reading.signal);
      if (reading.signal.aborted) return;
      this.#isReading = false;
      this.#joinHead(page, floor, settled);
    } catch (error) {
      if (reading.signal.aborted) return;
      this.#isReading = false;
      this.#change({ head: { phase: 'failed', error } });
      if (this.#source.isTransient(error)) {
        this.#cancelAgain = this.#source.later(() => void this.#readHead(), AGAIN_MS);
      }
    }
  }

  #lastId(): number | undefined {
    const last = this.#state.rows.at(-1);
    return last && idOf(last);
  }

  /** Without a floor one page is enough. */
  async #readDownTo(floor: number | undefined, signal: AbortSignal): Promise<FeedPage<T>> {
    const items: T[] = [];
    let cursor: string | undefined;
    for (let pages = 0; pages < CATCH_UP_PAGES; pages += 1) {
      const page = await this.#source.page({ cursor, limit: floor === undefined ? PAGE : LARGE_PAGE }, signal);
      items.push(...page.items);
      const last = items.at(-1);
      const isEnough = floor === undefined || (last !== undefined && idOf(last) <= floor);
      if (isEnough || page.next_cursor === null || signal.aborted) return { items, next_cursor: page.next_cursor };
      cursor = page.next_cursor;
    }
    return { items, next_cursor: cursor ?? null };
  }

  #joinHead(page: FeedPage<T>, floor: number | undefined, settled: number | undefined): void {
    const { isAnew, ...shown } = joined(this.#state, page, floor);
    if (isAnew) this.#endSearch();
    this.#floor = settled ?? (isAnew ? undefined : this.#floor);
    this.#hold(without(this.#held, page.items));
    if (this.#isGapped && !this.#state.isPaused) {
      this.#change(shown);
      void this.#readHead();
      return;
    }
    // What is missing is read when it goes on.
    if (this.#isGapped) this.#held = { ...this.#held, events: [], isWhole: false };
    this.#change({ ...shown, head: { phase: 'ready' } });
    this.flush();
    if (this.#state.rows.length < ENOUGH) this.readOlder();
  }

  async #readOlder(): Promise<void> {
    const searching = new AbortController();
    this.#searching = searching;
    this.#change({ search: { phase: 'searching', pages: 0 } });
    const before = this.#state.rows.length;
    let cursor = this.#state.older.at === 'cursor' ? this.#state.older.cursor : undefined;
    try {
      for (let pages = 1; ; pages += 1) {
        const limit = this.#state.older.at === 'top' ? LARGE_PAGE : PAGE;
        const page = await this.#source.page({ cursor, limit }, searching.signal);
        if (searching.signal.aborted) return;
        const shown = withOlder(this.#state, page);
        const isDone = shown.older.at === 'end' || shown.rows.length - before >= ENOUGH;
        this.#change({ ...shown, search: isDone ? { phase: 'rest' } : { phase: 'searching', pages } });
        if (isDone) return;
        cursor = page.next_cursor ?? undefined;
      }
    } catch (error) {
      if (!searching.signal.aborted) this.#change({ search: { phase: 'failed', error } });
    }
  }

  /** The rows do not end where they did: it begins again when somebody scrolls there. */
  #endSearch(): void {
    if (this.#state.search.phase === 'rest') return;
    this.#searching?.abort();
    this.#change({ search: { phase: 'rest' } });
  }

  #change(patch: Partial<FeedState<T>>): void {
    this.#state = { ...this.#state, ...patch };
    for (const tell of this.#listeners) tell();
  }
}

/** Those that came while the log was read may be in it already. */
function without<T extends FeedItem>({ events, count, isWhole }: Held<T>, read: readonly T[]): Held<T> {
  const known = new Set(read.map(({ id }) => id));
  const left = events.filter(({ id }) => !known.has(id));
  return { events: left, count: count - events.length + left.length, isWhole };
}

/** @param news newest first */
function holding<T extends FeedItem>({ events, count, isWhole }: Held<T>, news: readonly T[]): Held<T> {
  const all = count + news.length;
  if (all === 0 && isWhole) return NOTHING;
  if (!isWhole || events.length + news.length > MAX_HELD) return { events: [], count: all, isWhole: false };
  return { events: [...news, ...events], count: all, isWhole };
}
