/** Keeps one list as the server has it: reads pages as they are wanted, and again whatever has changed. */
import { MAX_IDS } from '../../src-contract/memories.ts';
import {
  addPage,
  applyPatch,
  askPage,
  covers,
  emptyList,
  itemsOf,
  type ListItem,
  type ListModel,
  losePage,
  type Order,
} from './list-model.ts';

/** Events within so long are answered with one reading. */
const GATHER_MS = 250;
/** Before a reading that failed for a passing reason is tried again. */
const AGAIN_MS = 2000;
export const PAGE = 200;
/** Most items of one page, for reading much again. */
const LARGE_PAGE = 500;
/** When more have changed, the list is read again instead of each of them. */
const MANY = 1000;

export interface ListAnswer<T> {
  items: readonly T[];
  next_cursor: string | null;
  /** The time that scores are taken at, where they fade. */
  scored_at?: string;
}

export interface ListSource<T> {
  order: Order<T>;
  page(request: { cursor: string | undefined; limit: number }, signal: AbortSignal): Promise<ListAnswer<T>>;
  /** Those of these items that belong into the list, as they are now. */
  some(ids: readonly string[], scored_at: string | undefined, signal: AbortSignal): Promise<readonly T[]>;
  /** Whether a reading that failed so is worth another try by itself. */
  isTransient(error: unknown): boolean;
  later(work: () => void, delay_ms: number): () => void;
  now_ms(): number;
}

/** What of the list somebody looks at. */
export interface InUse {
  /** Rows from the top to the last one in use. */
  rows: number;
  /** The top is out of sight: what is in sight must still be there after the list was read again. */
  isScrolled: boolean;
}

export interface KnownList<T> {
  model: ListModel<T>;
  scored_at: string | undefined;
}

export interface ListState<T> extends KnownList<T> {
  /** Why there is nothing to show. */
  error: unknown;
  more: 'rest' | 'reading' | 'failed';
}

export class ListReader<T extends ListItem> {
  readonly #source: ListSource<T>;
  readonly #listeners = new Set<() => void>();
  #state: ListState<T>;
  /** The list as it is read again, shown as soon as it holds all that is in use. */
  #next: KnownList<T> | undefined;
  /** Changed since they were read. */
  #changed = new Set<string>();
  /** Patched while the list is read again. */
  #patched = new Set<string>();
  #isReadingChanged = false;
  #mustReadAnew = false;
  #isReadingAnew = false;
  #seq = 0;
  #abort = new AbortController();
  #cancelChanged: (() => void) | undefined;
  #cancelAnew: (() => void) | undefined;
  /** What is in use, told by whoever shows the list. */
  inUse: () => InUse = () => ({ rows: 0, isScrolled: false });

  /** @param known what was read before, and may be out of date */
  constructor(source: ListSource<T>, known: KnownList<T> | undefined) {
    this.#source = source;
    this.#seq = Math.max(0, ...(known?.model.pages.map(({ seq }) => seq) ?? []));
    this.#state = { model: known?.model ?? emptyList(), scored_at: known?.scored_at, error: null, more: 'rest' };
  }

  /** @param isStale whether what is known must be read again */
  start(isStale: boolean): void {
    this.#abort = new AbortController();
    if (isStale || !this.#hasPages) this.readAnew();
  }

  /** @returns what is known, and whether nothing is known to have changed since */
  stop(): KnownList<T> & { isCurrent: boolean } {
    const isCurrent =
      this.#changed.size === 0 && !this.#isReadingChanged && !this.#mustReadAnew && !this.#isReadingAnew;
    this.#abort.abort();
    this.#cancelChanged?.();
    this.#cancelAnew?.();
    this.#cancelChanged = undefined;
    this.#cancelAnew = undefined;
    this.#isReadingChanged = false;
    this.#isReadingAnew = false;
    this.#next = undefined;
    const { model, scored_at } = this.#state;
    this.#state = { ...this.#state, model: losePage(model), more: 'rest' };
    return { model: this.#state.model, scored_at, isCurrent };
  }

  /** Calls the listener after each change of `state`. @returns ends it */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  };

  readonly state = (): ListState<T> => this.#state;

  /** The next page, unless it is on its way or there is none. */
  readMore(): void {
    if (this.#state.more !== 'reading' && this.#hasPages) void this.#readMore();
  }

  /** These memories have changed, come or gone. */
  noteChanged(ids: Iterable<string>, delay_ms: number = GATHER_MS): void {
    for (const id of ids) this.#changed.add(id);
    if (this.#changed.size > MANY) {
      this.#changed.clear();
      this.readAnew();
    } else if (this.#changed.size > 0) this.#readChangedIn(delay_ms);
  }

  /** Anything may have changed. What is shown stays until it is known better. */
  readAnew(): void {
    this.#mustReadAnew = true;
    if (this.#cancelAnew === undefined) void this.#readAnew();
  }

  /** The server can be reached again: what failed is tried once more. */
  wake(): void {
    if (this.#state.error !== null) this.readAnew();
    if (this.#state.more === 'failed') this.readMore();
  }

  get #hasPages(): boolean {
    return this.#state.model.pages.length > 0;
  }

  #set(change: Partial<ListState<T>>): void {
    this.#state = { ...this.#state, ...change };
    for (const listener of this.#listeners) listener();
  }

  async #readMore(): Promise<void> {
    const { signal } = this.#abort;
    const last = this.#state.model.pages.at(-1);
    if (last === undefined || last.next_cursor === null) return;
    this.#seq += 1;
    this.#set({ model: askPage(this.#state.model, this.#seq), more: 'reading' });
    const asked = this.#seq;
    // The list may have been read again meanwhile: then nobody waits for this page.
    const isAwaited = () => !signal.aborted && this.#state.model.coming?.seq === asked;
    try {
      const answer = await this.#source.page({ cursor: last.next_cursor, limit: PAGE }, signal);
      if (isAwaited()) this.#set({ model: addPage(this.#state.model, answer, this.#source.order), more: 'rest' });
    } catch {
      if (isAwaited()) this.#set({ model: losePage(this.#state.model), more: 'failed' });
    }
  }

  #readChangedIn(delay_ms: number): void {
    if (delay_ms === 0) this.#cancelChanged?.();
    else if (this.#cancelChanged !== undefined) return;
    this.#cancelChanged = this.#source.later(() => {
      this.#cancelChanged = undefined;
      void this.#readChanged();
    }, delay_ms);
  }

  async #readChanged(): Promise<void> {
    // The first page brings what has changed before it, and goes on from there.
    if (this.#isReadingChanged || !this.#hasPages) return;
    const { signal } = this.#abort;
    this.#isReadingChanged = true;
    const left = [...this.#changed];
    this.#changed.clear();
    try {
      while (left.length > 0) {
        await this.#patch(left.slice(0, MAX_IDS), signal);
        if (signal.aborted) return;
        left.splice(0, MAX_IDS);
      }
    } catch (error) {
      if (!signal.aborted && this.#source.isTransient(error)) this.noteChanged(left, AGAIN_MS);
    } finally {
      if (!signal.aborted) this.#isReadingChanged = false;
    }
    if (this.#changed.size > 0) this.#readChangedIn(GATHER_MS);
  }

  async #patch(ids: readonly string[], signal: AbortSignal): Promise<void> {
    const { scored_at } = this.#state;
    this.#seq += 1;
    const seq = this.#seq;
    const found = await this.#source.some(ids, scored_at, signal);
    if (signal.aborted) return;
    // Scores of different times do not compare.
    if (scored_at !== this.#state.scored_at) {
      this.noteChanged(ids);
      return;
    }
    const memories = new Map<string, T | null>(ids.map((id) => [id, null]));
    for (const memory of found) memories.set(memory.id, memory);
    const { order } = this.#source;
    if (this.#next !== undefined) {
      this.#next = { ...this.#next, model: applyPatch(this.#next.model, { seq, memories }, order) };
      for (const id of ids) this.#patched.add(id);
    }
    this.#set({ model: applyPatch(this.#state.model, { seq, memories }, order) });
  }

  /** One reading at a time, and between two as long a pause as the last one took: writers must not keep it busy. */
  async #readAnew(): Promise<void> {
    if (this.#isReadingAnew || !this.#mustReadAnew) return;
    const { signal } = this.#abort;
    const begun_ms = this.#source.now_ms();
    this.#isReadingAnew = true;
    this.#mustReadAnew = false;
    let pause_ms = GATHER_MS;
    try {
      await this.#readPagesAgain(signal);
      pause_ms = Math.max(GATHER_MS, this.#source.now_ms() - begun_ms);
    } catch (error) {
      if (signal.aborted) return;
      if (!this.#hasPages) this.#set({ error });
      else if (this.#source.isTransient(error)) {
        this.#mustReadAnew = true;
        pause_ms = AGAIN_MS;
      }
    } finally {
      if (!signal.aborted) {
        this.#isReadingAnew = false;
        this.#next = undefined;
      }
    }
    if (signal.aborted) return;
    this.#cancelAnew = this.#source.later(() => {
      this.#cancelAnew = undefined;
      void this.#readAnew();
    }, pause_ms);
  }

  async #readPagesAgain(signal: AbortSignal): Promise<void> {
    this.#next = { model: emptyList(), scored_at: undefined };
    this.#patched.clear();
    if (this.#state.error !== null) this.#set({ error: null });
    while (this.#next !== undefined && !this.#isEnough(this.#next.model)) {
      const cursor = this.#next.model.pages.at(-1)?.next_cursor ?? undefined;
      this.#seq += 1;
      this.#next = { ...this.#next, model: askPage(this.#next.model, this.#seq) };
      const limit = this.inUse().rows > PAGE ? LARGE_PAGE : PAGE;
      const answer = await this.#source.page({ cursor, limit }, signal);
      if (signal.aborted) return;
      this.#next = {
        model: addPage(this.#next.model, answer, this.#source.order),
        scored_at: this.#next.scored_at ?? answer.scored_at,
      };
    }
    if (this.#next !== undefined) this.#show(this.#next);
  }

  #isEnough(model: ListModel<T>): boolean {
    const last = model.pages.at(-1);
    if (last === undefined) return false;
    if (last.next_cursor === null || !this.#hasPages) return true;
    const { rows, isScrolled } = this.inUse();
    if (model.pages.reduce((sum, { items }) => sum + items.length, 0) < rows) return false;
    const lastInUse = isScrolled ? itemsOf(this.#state.model).slice(0, rows).at(-1) : undefined;
    return lastInUse === undefined || covers(model, lastInUse, this.#source.order);
  }

  #show(next: KnownList<T>): void {
    const isScoredAnew = next.scored_at !== this.#state.scored_at;
    this.#next = undefined;
    this.#set({ ...next, error: null, more: 'rest' });
    if (isScoredAnew) this.noteChanged(this.#patched);
    if (this.#changed.size > 0) this.#readChangedIn(GATHER_MS);
  }
}
