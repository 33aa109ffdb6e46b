/** Which memories a list shows and in which order, as the server is asked for them. */
import type { QueryKey } from '@tanstack/react-query';
import { LONGTERM_TYPES, WORKING_TYPES } from '../../../src-contract/entities.ts';
import type { Inputs, LongTermMemoryEntry, WorkingMemoryEntry } from '../../../src-contract/index.ts';
import type { Order } from '../../lists/list-model.ts';
import { api } from '../../rpc/client.ts';
import type { MemorySearch, Sort } from './memory-search.ts';

export type Layer = 'working' | 'longterm';
export type Memory = ({ layer: 'working' } & WorkingMemoryEntry) | ({ layer: 'longterm' } & LongTermMemoryEntry);
export type ListInput =
  | ({ layer: 'working' } & Inputs['working']['list'])
  | ({ layer: 'longterm' } & Inputs['longterm']['list']);

/** Everything of one layer that is in the cache: after a change of several memories. */
export const layerKey = (layer: Layer): QueryKey => (layer === 'working' ? api.working.key() : api.longterm.key());

export function listInput(layer: Layer, user_id: string, search: MemorySearch): ListInput {
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
      layer,
      ...shared,
      ...typeFilter(WORKING_TYPES, search),
      ...(search.min === undefined ? {} : { min_relevance: search.min }),
      ...(search.expired ? { include_expired: true } : {}),
    };
  }
  return {
    layer,
    ...shared,
    ...typeFilter(LONGTERM_TYPES, search),
    ...(search.min === undefined ? {} : { min_importance: search.min }),
    ...(search.pinned ? { pinned: true } : {}),
    ...(search.superseded ? { include_superseded: true } : {}),
  };
}

/** The server's own orders. */
export const ORDERS: Record<Sort, Order<Memory>> = {
  newest: (a, b) => compare(b.created_at, a.created_at) || compare(b.id, a.id),
  oldest: (a, b) => compare(a.created_at, b.created_at) || compare(a.id, b.id),
  score: (a, b) => scoreOf(b) - scoreOf(a) || compare(b.id, a.id),
};

export const scoreOf = (memory: Memory): number =>
  memory.layer === 'longterm' ? memory.importance_score : memory.relevance_score;

/** Times and ids are written so that their texts sort as they do. */
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

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
