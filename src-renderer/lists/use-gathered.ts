import { useEffect, useRef } from 'react';
import { Gatherer } from './gatherer.ts';

/** @returns asks for the work: it is done once, soon, for all who ask meanwhile, and never twice at a time */
export function useGathered(work: () => Promise<unknown>, after_ms?: number): () => void {
  const current = useRef(work);
  current.current = work;
  const gatherer = useRef<Gatherer>(undefined);
  gatherer.current ??= new Gatherer(() => current.current(), after_ms);
  useEffect(() => () => gatherer.current?.stop(), []);
  return gatherer.current.ask;
}
