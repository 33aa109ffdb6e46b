import { describe, expect, it } from 'vitest';
import type { BreakerTransition } from '../../../../../src-contract/resilience.ts';
import { MOST_CHANGES, readTransitions } from './transitions.ts';

const PAGE = 500;

/** The change of a second, counted from the epoch. */
const change = (second: number): BreakerTransition => ({
  id: `018f0000-0000-7000-8000-${String(second).padStart(12, '0')}`,
  breaker: 'redis',
  service: 'redis',
  from: 'closed',
  to: 'open',
  at: new Date(second * 1000).toISOString(),
  failures: null,
  error: null,
  reason: null,
  by: null,
});

/** An engine with one change a second, up to a time. */
function engine(until: number) {
  const asked: (string | undefined)[] = [];
  const kept = Array.from({ length: until }, (_, i) => change(until - i));
  const read = async (cursor: string | undefined) => {
    asked.push(cursor);
    const begin = Number(cursor ?? 0);
    const end = begin + PAGE;
    return { items: kept.slice(begin, end), next_cursor: end < kept.length ? String(end) : null };
  };
  return { asked, read };
}

const seconds = (changes: readonly BreakerTransition[]) => changes.map(({ at }) => Date.parse(at) / 1000);

describe('changes of breakers', () => {
  it('are read to before the time that was asked for', async () => {
    const { asked, read } = engine(2000);
    const { changes, isCut } = await readTransitions(1200, read, undefined);
    expect(asked).toHaveLength(2);
    expect(seconds(changes).at(0)).toBe(2000);
    expect(seconds(changes).at(-1)).toBeLessThan(1200);
    expect(isCut).toBe(false);
  });

  it('are not read again: the new ones go before those that are known', async () => {
    const before = await readTransitions(0, engine(1800).read, undefined);
    const { asked, read } = engine(1803);
    const { changes, isCut } = await readTransitions(0, read, before);
    expect(asked).toEqual([undefined]);
    expect(seconds(changes)).toEqual(Array.from({ length: 1803 }, (_, i) => 1803 - i));
    expect(isCut).toBe(false);
  });

  it('are read anew when what is known is gone', async () => {
    const { read } = engine(3);
    const before = { changes: [change(9)], isCut: false };
    expect(seconds((await readTransitions(0, read, before)).changes)).toEqual([3, 2, 1]);
  });

  it('have an end, which is told', async () => {
    const { asked, read } = engine(3 * MOST_CHANGES);
    const { changes, isCut } = await readTransitions(0, read, undefined);
    expect(changes).toHaveLength(MOST_CHANGES);
    expect(asked).toHaveLength(MOST_CHANGES / PAGE);
    expect(isCut).toBe(true);
  });
});
