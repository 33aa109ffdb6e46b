/** Which memories of a list to ask for again, gathered from the events of a short while. */
import { useRef } from 'react';
import type { EventEnvelope } from '../../../../src-contract/index.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { useSoon } from '../../../rpc/use-soon.ts';
import type { Layer } from '../memory-list-query.ts';

/** Events within so long are answered with one question. */
const GATHER_MS = 250;

export interface ListChanges {
  created: Set<string>;
  changed: Set<string>;
  /** Something happened that names no memory: any may have changed. */
  any: boolean;
}

const nothing = (): ListChanges => ({ created: new Set(), changed: new Set(), any: false });

/** Calls `ask` with what has changed; one call at a time, and again with the same when the server was away. */
export function useListChanges(layer: Layer, user_id: string, ask: (changes: ListChanges) => Promise<void>): void {
  const pending = useRef(nothing());
  const isAsking = useRef(false);
  const work = async () => {
    if (isAsking.current) return;
    isAsking.current = true;
    const changes = pending.current;
    pending.current = nothing();
    try {
      await ask(changes);
    } catch (error) {
      // What is refused for good is not asked again: the next event tells of it anew.
      if (problemOf(error).transient) putBack(pending.current, changes);
    } finally {
      isAsking.current = false;
    }
    if (!isNothing(pending.current)) soon();
  };
  const soon = useSoon(() => void work(), GATHER_MS);
  useEvents((event) => {
    if (note(event, layer, user_id, pending.current)) soon();
  });
  useEventGaps(() => {
    pending.current.any = true;
    soon();
  });
}

/** @returns whether the event is about this list */
function note(event: EventEnvelope, layer: Layer, user_id: string, pending: ListChanges): boolean {
  const { type, payload } = event;
  // An import of several users names none.
  if (event.user_id !== user_id && !(event.user_id === null && type === 'memory.imported')) return false;
  if (type === 'memory.imported' && payload.layer === layer) {
    pending.any = true;
    return true;
  }
  if (!type.startsWith(`memory.${layer}.`) || typeof payload.memory_id !== 'string') return false;
  (type.endsWith('.created') ? pending.created : pending.changed).add(payload.memory_id);
  // A successor is no news: it stands for what was there.
  if (typeof payload.superseded_by === 'string') pending.changed.add(payload.superseded_by);
  return true;
}

function putBack(pending: ListChanges, changes: ListChanges): void {
  for (const id of changes.created) pending.created.add(id);
  for (const id of changes.changed) pending.changed.add(id);
  pending.any ||= changes.any;
}

const isNothing = ({ created, changed, any }: ListChanges): boolean => !any && created.size === 0 && changed.size === 0;
