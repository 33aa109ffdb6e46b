import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type LiveMachine, step } from './alert-machine.ts';
import { calmFor, type Ended, LONGEST_CALM_MS, repeatsOf } from './flapping.ts';

const MINUTE_MS = 60_000;

/** How many alerts something is that holds for a while and does not for another, over a day of rounds. */
function alertsOf(up_rounds: number, down_rounds: number, resolve_after_ms: number): number {
  let machine: LiveMachine | undefined;
  let ended: Ended | undefined;
  let repeats = 0;
  let count = 0;
  for (let round = 0; round < 24 * 60; round++) {
    const at_ms = round * MINUTE_MS;
    const next = step(machine, {
      holds: round % (up_rounds + down_rounds) < up_rounds,
      at_ms,
      elapsed_ms: MINUTE_MS,
      for_ms: 0,
      resolve_after_ms: calmFor(resolve_after_ms, repeats),
    });
    if (next.what === 'fired') {
      repeats = repeatsOf(ended, at_ms);
      count += 1;
    }
    if (next.what === 'resolved') ended = { at_ms, repeats };
    machine = next.machine?.state === 'resolved' ? undefined : next.machine;
  }
  return count;
}

describe('what flaps', () => {
  it('is a handful of alerts over a day, however fast, where it is never calm for half an hour', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 29 }),
        fc.constantFrom(MINUTE_MS, 2 * MINUTE_MS, 10 * MINUTE_MS),
        (up, down, resolve_after_ms) => {
          expect(alertsOf(up, down, resolve_after_ms)).toBeLessThanOrEqual(6);
        },
      ),
    );
  });

  it('is an alert each time where hours lie between, and over as soon as its rule says', () => {
    expect(alertsOf(1, 119, 2 * MINUTE_MS)).toBe(12);
    expect(calmFor(2 * MINUTE_MS, repeatsOf({ at_ms: 0, repeats: 5 }, 61 * MINUTE_MS))).toBe(2 * MINUTE_MS);
  });

  it('never takes less than its rule says, nor more than half an hour unless that does', () => {
    expect(calmFor(2 * MINUTE_MS, 20)).toBe(LONGEST_CALM_MS);
    expect(calmFor(120 * MINUTE_MS, 3)).toBe(120 * MINUTE_MS);
    // Over at once is what its rule asks for.
    expect(calmFor(0, 9)).toBe(0);
  });
});
