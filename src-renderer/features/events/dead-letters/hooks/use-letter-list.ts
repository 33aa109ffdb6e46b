/** The dead letters that match, as an endless list that follows what becomes of them. */
import { useEffect, useMemo } from 'react';
import type { DeadLetterSummary } from '../../../../../src-contract/index.ts';
import { Gatherer } from '../../../../lists/gatherer.ts';
import { type InUse, ListReader, type ListSource } from '../../../../lists/list-reader.ts';
import { type ListViewState, useListState } from '../../../../lists/use-list-state.ts';
import { client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../../rpc/live-events.ts';
import type { DeadLettersSearch } from '../dead-letters-search.ts';
import { belongs, type LetterInput, letterInput, newestFirst } from '../letter-filter.ts';

/** When more have changed at a time, the list is read again instead of each of them. */
const MANY = 20;

export interface LetterList extends ListViewState<DeadLetterSummary> {
  /** Which list it is: another filter is another list. */
  key: string;
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
  const state = useListState(reader, inUse);
  useEffect(() => {
    reader.start(true);
    shown.add(follower);
    return () => {
      shown.delete(follower);
      follower.stop();
    };
  }, [reader, follower]);
  useEvents(({ type, payload }) => {
    if (type !== 'event.delivery.dead' && type !== 'event.delivery.resolved') return;
    if (typeof payload.delivery_id === 'string') follower.note([payload.delivery_id]);
  });
  useEventGaps(() => follower.note());
  return { ...state, key };
}

/** A list, and what is to be read of it again. */
class Follower {
  readonly reader: ListReader<DeadLetterSummary>;
  readonly #changed = new Set<string>();
  readonly #gatherer = new Gatherer(async () => this.#tell());

  constructor(input: LetterInput) {
    this.reader = new ListReader(sourceOf(input), undefined);
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
