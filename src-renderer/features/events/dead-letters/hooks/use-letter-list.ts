/** The dead letters that match, as an endless list that follows what becomes of them. */
import { useCallback, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { DeadLetterSummary } from '../../../../../src-contract/index.ts';
import { client } from '../../../../rpc/client.ts';
import { useConnection } from '../../../../rpc/connection.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import { Gatherer } from '../../../memory/gatherer.ts';
import { itemsOf } from '../../../memory/memory-list-model.ts';
import { type InUse, type ListSource, MemoryListReader } from '../../../memory/memory-list-reader.ts';
import type { DeadLettersSearch } from '../dead-letters-search.ts';
import { belongs, type LetterInput, letterInput, newestFirst } from '../letter-filter.ts';

/** When more have changed at a time, the list is read again instead of each of them. */
const MANY = 20;

export interface LetterList {
  /** Which list it is: another filter is another list. */
  key: string;
  letters: readonly DeadLetterSummary[];
  isLoading: boolean;
  error: unknown;
  retry(): void;
  hasMore: boolean;
  loadMore(): void;
  isLoadingMore: boolean;
  moreError: boolean;
  retryMore(): void;
}

/** The lists that are shown: what is changed here need not wait for its event. */
const shown = new Set<Follower>();

/** These letters are not what they were; without ids, any may have changed. */
export function tellShownLetters(ids?: readonly string[]): void {
  for (const follower of shown) follower.note(ids);
}

/** @param inUse which part of the list somebody looks at */
export function useLetterList(search: DeadLettersSearch, inUse: () => InUse): LetterList {
  const key = JSON.stringify(letterInput(search));
  const follower = useMemo(() => new Follower(JSON.parse(key)), [key]);
  const { reader } = follower;
  const currentUse = useRef(inUse);
  currentUse.current = inUse;
  useEffect(() => {
    reader.inUse = () => currentUse.current();
    reader.start(true);
    shown.add(follower);
    return () => {
      shown.delete(follower);
      follower.stop();
    };
  }, [reader, follower]);
  useEffect(
    () =>
      useConnection.subscribe(({ state }, before) => {
        if (state.phase === 'open' && before.state.phase !== 'open') reader.wake();
      }),
    [reader],
  );
  useEvents(({ type, payload }) => {
    if (type !== 'event.delivery.dead' && type !== 'event.delivery.resolved') return;
    if (typeof payload.delivery_id === 'string') follower.note([payload.delivery_id]);
  });
  useEventGaps(() => follower.note());

  const { model, error, more } = useSyncExternalStore(reader.subscribe, reader.state);
  const letters = useMemo(() => itemsOf({ pages: model.pages }), [model.pages]);
  const readMore = useCallback(() => reader.readMore(), [reader]);
  return {
    key,
    letters,
    isLoading: model.pages.length === 0 && error === null,
    error,
    retry: () => reader.readAnew(),
    hasMore: model.pages.at(-1)?.next_cursor != null,
    loadMore: useCallback(() => {
      if (more === 'rest') readMore();
    }, [more, readMore]),
    isLoadingMore: more === 'reading',
    moreError: more === 'failed',
    retryMore: readMore,
  };
}

/** A list, and what is to be read of it again. */
class Follower {
  readonly reader: MemoryListReader<DeadLetterSummary>;
  readonly #changed = new Set<string>();
  readonly #gatherer = new Gatherer(async () => this.#tell());

  constructor(input: LetterInput) {
    this.reader = new MemoryListReader(sourceOf(input), undefined);
  }

  note(ids?: readonly string[]): void {
    if (ids === undefined) {
      this.reader.readAnew();
      return;
    }
    for (const id of ids) this.#changed.add(id);
    this.#gatherer.ask();
  }

  stop(): void {
    this.#gatherer.stop();
    this.reader.stop();
  }

  #tell(): void {
    const ids = [...this.#changed];
    this.#changed.clear();
    if (ids.length > MANY) this.reader.readAnew();
    else this.reader.noteChanged(ids, 0);
  }
}

function sourceOf(input: LetterInput): ListSource<DeadLetterSummary> {
  return {
    order: newestFirst,
    page: ({ cursor, limit }, signal) =>
      client.deadLetters.list({ ...input, limit, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
    some: async (ids, _scored_at, signal) => {
      const found = await Promise.all(ids.map((id) => readLetter(id, signal)));
      return found.filter(
        (letter) => letter !== undefined && belongs(letter, input, Date.now()),
      ) as DeadLetterSummary[];
    },
    isTransient: (error) => problemOf(error).transient,
    later: (work, delay_ms) => {
      const timer = setTimeout(work, delay_ms);
      return () => clearTimeout(timer);
    },
    now_ms: () => performance.now(),
  };
}

/** Undefined for one that is not there any more. */
async function readLetter(id: string, signal: AbortSignal): Promise<DeadLetterSummary | undefined> {
  try {
    return await client.deadLetters.get({ id }, { signal });
  } catch (error) {
    if (problemOf(error).code === 'NOT_FOUND') return undefined;
    throw error;
  }
}
