import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BREAKER_STATES,
  type BreakerStateName,
  type BreakerTransition,
} from '../../../../../src-contract/resilience.ts';
import type { Frame } from './chart-data.ts';
import { sampledOf, segmentsOf, shortName, timelineRows } from './timeline.ts';

const START = 1_000_000;
const STEP = 10;

function frame(measured: boolean[], open_from = measured.length): Frame {
  const times = measured.map((_, i) => START + i * STEP);
  return { times, step: STEP, from: START, to: START + measured.length * STEP, measured, open_from };
}
const always = (steps: number) => frame(Array(steps).fill(true));

const change = (at: number, from: BreakerStateName, to: BreakerStateName, breaker = 'redis'): BreakerTransition => ({
  id: '018f0000-0000-7000-8000-000000000000',
  breaker,
  service: breaker.startsWith('webhook') ? 'webhook' : 'redis',
  from,
  to,
  at: new Date((START + at) * 1000).toISOString(),
  failures: null,
  error: null,
  reason: null,
  by: null,
});

const told = (segments: ReturnType<typeof segmentsOf>) =>
  segments.map(({ from, to, state }) => [from - START, to - START, state]);

describe('the timeline of a breaker', () => {
  it('changes at the very moment of each transition', () => {
    const values = [0, 2, 2, 0, 0];
    const changes = [
      change(32.25, 'half_open', 'closed'),
      change(12.5, 'closed', 'open'),
      change(32, 'open', 'half_open'),
    ];
    expect(told(segmentsOf(always(5), sampledOf(values), changes))).toEqual([
      [0, 12.5, 'closed'],
      [12.5, 32, 'open'],
      [32, 32.25, 'half_open'],
      [32.25, 50, 'closed'],
    ]);
  });

  it('begins as it was left before, or as it was measured when nothing is known', () => {
    expect(told(segmentsOf(always(2), sampledOf([2, 2]), [change(-100, 'closed', 'open')]))).toEqual([[0, 20, 'open']]);
    expect(told(segmentsOf(always(2), sampledOf([3, 3]), []))).toEqual([[0, 20, 'isolated']]);
  });

  it('has a gap while Archon did not run, and begins anew after it', () => {
    const values = [0, 2, null, null, 0, 0];
    const measured = values.map((value) => value !== null);
    expect(told(segmentsOf(frame(measured), sampledOf(values), [change(11, 'closed', 'open')]))).toEqual([
      [0, 11, 'closed'],
      [11, 20, 'open'],
      [40, 60, 'closed'],
    ]);
  });

  it('follows the samples over a restart too short for a gap', () => {
    const values = [0, 2, 2, 2, 0, 0];
    expect(told(segmentsOf(always(6), sampledOf(values), [change(11, 'closed', 'open')]))).toEqual([
      [0, 11, 'closed'],
      [11, 40, 'open'],
      [40, 60, 'closed'],
    ]);
  });

  it('goes on to the end while the last figures are not due', () => {
    expect(told(segmentsOf(frame([true, true, false], 2), sampledOf([2, 2, null]), []))).toEqual([[0, 30, 'open']]);
  });

  it('never overlaps, covers what was measured, and is as the last change left it', () => {
    const steps = fc.array(fc.boolean(), { minLength: 1, maxLength: 30 });
    const path = fc.array(fc.tuple(fc.integer({ min: 0, max: 299_999 }), fc.constantFrom(...BREAKER_STATES)), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(steps, path, (measured, moves) => {
        let state: BreakerStateName = 'closed';
        const changes = moves
          .sort(([one], [other]) => one - other)
          .map(([at_ms, to]) => {
            const made = change(at_ms / 1000, state, to);
            state = to;
            return made;
          });
        const given = frame(measured);
        const segments = segmentsOf(given, sampledOf(measured.map((is) => (is ? 0 : null))), changes);
        segments.forEach(({ from, to }, i) => {
          expect(to).toBeGreaterThanOrEqual(from);
          expect(segments[i + 1]?.from ?? Number.POSITIVE_INFINITY).toBeGreaterThanOrEqual(to);
        });
        for (const [i, time] of given.times.entries()) {
          if (measured[i]) expect(segments.some(({ from, to }) => from <= time && to > time)).toBe(true);
        }
        for (const { change: made, state: shown } of segments) if (made !== undefined) expect(shown).toBe(made.to);
      }),
    );
  });
});

describe('the short name of a breaker', () => {
  it('tells webhooks apart that were made at the same time', () => {
    expect(['redis', 'webhook:018f0000-0000-7000-8000-000000000001'].map(shortName)).toEqual([
      'redis',
      'webhook …0001',
    ]);
  });
});

describe('rows of the timeline', () => {
  const id = 'webhook:018f0000-0000-7000-8000-000000000001';
  const rowsOf = (given: Frame, sampled: Record<string, (number | null)[]>, changes: BreakerTransition[]) =>
    timelineRows(given, new Map(Object.entries(sampled)), changes).map(({ name, segments }) => [name, told(segments)]);

  it('are the services, and the webhooks that something happened to', () => {
    expect(
      rowsOf(always(3), { redis: [0, 0, 0], webhook: [0, 2, 2] }, [
        change(15, 'closed', 'open', id),
        change(-500, 'open', 'closed', 'webhook:018f0000-0000-7000-8000-000000000002'),
      ]),
    ).toEqual([
      ['redis', [[0, 30, 'closed']]],
      [
        id,
        [
          [0, 15, 'closed'],
          [15, 30, 'open'],
        ],
      ],
    ]);
  });

  it('of a webhook that stays open stay open: no samples tell of it alone', () => {
    expect(rowsOf(always(30), {}, [change(15, 'closed', 'open', id)])).toEqual([
      [
        id,
        [
          [0, 15, 'closed'],
          [15, 300, 'open'],
        ],
      ],
    ]);
  });

  it('are there for a webhook that was left open before, until all webhooks were closed', () => {
    const changes = [change(-500, 'closed', 'open', id)];
    expect(rowsOf(always(3), { webhook: [2, 2, 2] }, changes)).toEqual([[id, [[0, 30, 'open']]]]);
    expect(rowsOf(always(6), { webhook: [2, 2, 2, 2, 0, 0] }, changes)).toEqual([
      [
        id,
        [
          [0, 40, 'open'],
          [40, 60, 'closed'],
        ],
      ],
    ]);
    expect(rowsOf(always(3), { webhook: [0, 0, 0] }, changes)).toEqual([]);
  });

  it('keep an isolation over a restart, and nothing else', () => {
    const restarted = frame([true, false, true]);
    expect(rowsOf(restarted, {}, [change(-5, 'closed', 'isolated', id)])).toEqual([
      [
        id,
        [
          [0, 10, 'isolated'],
          [20, 30, 'isolated'],
        ],
      ],
    ]);
    expect(rowsOf(restarted, {}, [change(-5, 'closed', 'open', id)])).toEqual([
      [
        id,
        [
          [0, 10, 'open'],
          [20, 30, 'closed'],
        ],
      ],
    ]);
  });
});
