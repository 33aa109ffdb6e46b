/** What a list of memories asks the server, and in which order the answers stand. */
import type { QueryKey } from '@tanstack/react-query';
import { LONGTERM_TYPES, WORKING_TYPES } from '../../../src-contract/entities.ts';
import type { LongTermMemoryEntry, WorkingMemoryEntry } from '../../../src-contract/index.ts';
import { api, client } from '../../rpc/client.ts';
import { type Compare, type ListPage, nextSeq } from './memory-list-model.ts';
import type { MemorySearch, Sort } from './memory-search.ts';

export type Layer = 'working' | 'longterm';
export type Memory = ({ layer: 'working' } & WorkingMemoryEntry) | ({ layer: 'longterm' } & LongTermMemoryEntry);
export type MemoryPage = ListPage<Memory> & { next_cursor: string | null };

const PAGE = 200;

/** Everything of one layer that is in the cache: after a change of several memories. */
export const layerKey = (layer: Layer): QueryKey => (layer === 'working' ? api.working.key() : api.longterm.key());

/** All lists of one layer. */
export const listsKey = (layer: Layer): QueryKey => [...layerKey(layer), 'endless'];

export type ListInput = ReturnType<typeof inputOf>;

export function inputOf(layer: Layer, user_id: string, search: MemorySearch) {
  const shared = {
    user_id,
    ...(search.tag ? { tags: search.tag } : {}),
    ...(search.q ? { text: search.q } : {}),
    ...(search.from ? { created_after: dayStart(search.from) } : {}),
    ...(search.to ? { created_before: dayStart(search.to, 1) } : {}),
    ...(search.deleted ? { include_deleted: true } : {}),
    sort: search.sort ?? ('newest' as const),
  };
  if (layer === 'working') {
    return {
      ...shared,
      ...typeFilter(WORKING_TYPES, search),
      ...(search.min === undefined ? {} : { min_relevance: search.min }),
      ...(search.expired ? { include_expired: true } : {}),
    };
  }
  return {
    ...shared,
    ...typeFilter(LONGTERM_TYPES, search),
    ...(search.min === undefined ? {} : { min_importance: search.min }),
    ...(search.pinned ? { pinned: true } : {}),
    ...(search.superseded ? { include_superseded: true } : {}),
  };
}

/** One page; what is asked for late knows better, so the number of the question goes with it. */
export async function readPage(
  layer: Layer,
  input: ListInput,
  cursor: string | undefined,
  signal: AbortSignal,
): Promise<MemoryPage> {
  const seq = nextSeq();
  const { items, next_cursor } = await list(
    layer,
    { ...input, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
    signal,
  );
  return { items, next_cursor, seq };
}

/** Those of some memories that are in the list. */
export async function readThese(layer: Layer, input: ListInput, ids: string[]): Promise<Memory[]> {
  return (await list(layer, { ...input, ids, limit: ids.length })).items;
}

async function list(
  layer: Layer,
  input: ListInput & { limit: number; cursor?: string; ids?: string[] },
  signal?: AbortSignal,
): Promise<{ items: Memory[]; next_cursor: string | null }> {
  const options = signal === undefined ? {} : { signal };
  if (layer === 'working') {
    const page = await client.working.list(input as Parameters<typeof client.working.list>[0], options);
    return { ...page, items: page.items.map((item) => ({ layer, ...item })) };
  }
  const page = await client.longterm.list(input as Parameters<typeof client.longterm.list>[0], options);
  return { ...page, items: page.items.map((item) => ({ layer, ...item })) };
}

/** The order of the server (`src-main/memory/memory-list.ts`). */
export function orderOf(sort: Sort): Compare<Memory> {
  switch (sort) {
    case 'newest':
      return (a, b) => compareText(b.created_at, a.created_at) || compareText(b.id, a.id);
    case 'oldest':
      return (a, b) => compareText(a.created_at, b.created_at) || compareText(a.id, b.id);
    case 'score':
      return (a, b) => scoreOf(b) - scoreOf(a) || compareText(b.id, a.id);
  }
}

/** Relevance fades between two readings: what differs by so little stands where it stood. */
const scoreOf = (memory: Memory): number =>
  Math.round((memory.layer === 'longterm' ? memory.importance_score : memory.relevance_score) * 1000);

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The types of the URL that this layer has: those of another mean nothing here. */
function typeFilter<T extends string>(types: readonly T[], { type }: MemorySearch): { memory_type?: T[] } {
  const known = types.filter((one) => type?.includes(one));
  return known.length > 0 ? { memory_type: known } : {};
}

/** Midnight at the place of the person, some days later. */
function dayStart(day: string, later = 0): string {
  const date = new Date(`${day}T00:00:00`);
  date.setDate(date.getDate() + later);
  return date.toISOString();
}
