/** What is killed, and when: made from a seed, so that a run can be made again. */
import { randomNumbers } from '../support/random-numbers.ts';

export const FAULT_KINDS = ['server', 'worker', 'PostgreSQL', 'listener', 'database thread'] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

export interface Fault {
  kind: FaultKind;
  /** From 0 to 1: which one, where there are several. */
  pick: number;
  /** Milliseconds before it, beside the time it takes until something is published. */
  pause_ms: number;
  /** Milliseconds what was stopped stays away, where that is ours to say. */
  away_ms: number;
}

const LONGEST_PAUSE_MS = 1500;
const LONGEST_AWAY_MS = 1500;

/** Deals the kinds in rounds, each round in an order of its own: random, and every kind as often as the others. */
export function planFaults({
  seed,
  kinds,
  kills,
}: {
  seed: number;
  kinds: readonly FaultKind[];
  kills: number;
}): Fault[] {
  const random = randomNumbers(seed);
  const faults: Fault[] = [];
  while (faults.length < kills) {
    for (const kind of shuffled(kinds, random)) {
      faults.push({
        kind,
        pick: random(),
        pause_ms: Math.round(random() * LONGEST_PAUSE_MS),
        away_ms: Math.round(random() * LONGEST_AWAY_MS),
      });
    }
  }
  return faults.slice(0, kills);
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  return list
    .map((item) => ({ item, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
