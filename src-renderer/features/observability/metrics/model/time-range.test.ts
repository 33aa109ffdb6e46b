import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { askedOf, checkedSpan, every_ms, LAST, rangeOf, SHORTEST_MS, shifted, spanOf, zoomed } from './time-range.ts';

const NOW = Date.parse('2026-03-10T12:00:00Z');
const iso = (ms: number) => new Date(ms).toISOString();
const HOUR = 3_600_000;

describe('the range in the URL', () => {
  it('is the last hour when it says nothing', () => {
    expect(rangeOf({}, NOW)).toEqual({ kind: 'last', name: '1h' });
    expect(spanOf(rangeOf({}, NOW), NOW)).toEqual({ from_ms: NOW - HOUR, to_ms: NOW });
  });

  it('is what lies between two times, whatever else it says', () => {
    const from = iso(NOW - 2 * HOUR);
    const to = iso(NOW - HOUR);
    expect(rangeOf({ range: '7d', from, to }, NOW)).toEqual({
      kind: 'between',
      from_ms: NOW - 2 * HOUR,
      to_ms: NOW - HOUR,
    });
  });

  it('goes on to now when it has a beginning only, and is as long as it is named when it has an end only', () => {
    expect(rangeOf({ from: iso(NOW - HOUR) }, NOW)).toEqual({ kind: 'since', from_ms: NOW - HOUR });
    expect(rangeOf({ range: '3h', to: iso(NOW - HOUR) }, NOW)).toEqual({
      kind: 'between',
      from_ms: NOW - 4 * HOUR,
      to_ms: NOW - HOUR,
    });
  });

  it('means nothing when its times make no span', () => {
    const last = { kind: 'last', name: '1h' };
    expect(rangeOf({ from: iso(NOW), to: iso(NOW - HOUR) }, NOW)).toEqual(last);
    expect(rangeOf({ from: iso(NOW + HOUR) }, NOW)).toEqual(last);
    expect(rangeOf({ from: iso(NOW - 40 * LAST['24h'].ms), to: iso(NOW) }, NOW)).toEqual(last);
  });
});

describe('what the engine is asked for', () => {
  it('ends now by its own clock, and else where it is said', () => {
    expect(askedOf({ kind: 'last', name: '3h' })).toEqual({ last_seconds: 10_800 });
    expect(askedOf({ kind: 'since', from_ms: NOW - HOUR })).toEqual({ from: iso(NOW - HOUR) });
    expect(askedOf({ kind: 'between', from_ms: NOW - 2 * HOUR, to_ms: NOW - HOUR })).toEqual({
      from: iso(NOW - 2 * HOUR),
      to: iso(NOW - HOUR),
    });
  });
});

const span = fc
  .tuple(fc.integer({ min: 0, max: 29 * 86_400 }), fc.integer({ min: 60, max: 86_400 }))
  .map(([ago_s, length_s]) => ({ from_ms: NOW - (ago_s + length_s) * 1000, to_ms: NOW - ago_s * 1000 }));

describe('shifting', () => {
  it('keeps the length, goes the right way, and never beyond now or what is kept', () => {
    fc.assert(
      fc.property(span, fc.constantFrom('earlier' as const, 'later' as const), (before, way) => {
        const after = shifted(before, way, NOW);
        if (after === undefined) return;
        expect(after.to_ms - after.from_ms).toBeCloseTo(before.to_ms - before.from_ms);
        expect(Math.sign(after.from_ms - before.from_ms)).toBe(way === 'earlier' ? -1 : 1);
        expect(after.to_ms).toBeLessThanOrEqual(NOW);
        expect(after.from_ms).toBeGreaterThanOrEqual(NOW - LAST['30d'].ms);
      }),
    );
  });

  it('ends: there is nothing later than now, nothing earlier than the first figures', () => {
    expect(shifted({ from_ms: NOW - HOUR, to_ms: NOW }, 'later', NOW)).toBeUndefined();
    const oldest = NOW - LAST['30d'].ms;
    expect(shifted({ from_ms: oldest, to_ms: oldest + HOUR }, 'earlier', NOW)).toBeUndefined();
  });

  it('comes back to where it was', () => {
    const there = shifted({ from_ms: NOW - 3 * HOUR, to_ms: NOW - 2 * HOUR }, 'earlier', NOW);
    expect(there && shifted(there, 'later', NOW)).toEqual({ from_ms: NOW - 3 * HOUR, to_ms: NOW - 2 * HOUR });
  });
});

describe('zooming', () => {
  it('holds both ends in their order, and is never shorter than can be drawn', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), fc.integer({ min: 0, max: 1e9 }), (one, other) => {
        const { from_ms, to_ms } = zoomed(one, other);
        expect(from_ms).toBeLessThanOrEqual(Math.min(one, other));
        expect(to_ms).toBeGreaterThanOrEqual(Math.max(one, other));
        expect(to_ms - from_ms).toBeGreaterThanOrEqual(SHORTEST_MS);
      }),
    );
  });
});

describe('a span that is typed', () => {
  const check = (from: string, to: string) => checkedSpan({ from, to }, NOW);

  it('is taken when it is whole', () => {
    expect(check('2026-03-10T10:00:00Z', '2026-03-10T11:00:00Z')).toEqual({
      ok: true,
      span: { from_ms: NOW - 2 * HOUR, to_ms: NOW - HOUR },
    });
  });

  it.each([
    ['', '2026-03-10T11:00:00Z', { from: 'Choose a day and a time.' }],
    ['2026-03-10T10:00:00Z', '', { to: 'Choose a day and a time.' }],
    ['2026-03-11T10:00:00Z', '2026-03-11T11:00:00Z', { from: 'Lies in the future: choose a time before now.' }],
    ['2026-03-10T10:00:00Z', '2026-03-10T09:00:00Z', { to: 'Must be later than the beginning.' }],
    ['2026-03-10T10:00:00Z', '2026-03-10T10:00:30Z', { to: 'Must be a minute after the beginning, or later.' }],
    ['2026-01-10T10:00:00Z', '2026-03-10T10:00:00Z', { from: 'At most 30 days: figures are kept no longer.' }],
    ['2025-03-10T10:00:00Z', '2025-03-10T11:00:00Z', { to: 'Is more than 30 days ago: those figures are gone.' }],
  ])('from %s to %s is refused at the field that is to be changed', (from, to, problem) => {
    expect(check(from, to)).toEqual({ ok: false, ...problem });
  });

  it('is one that the URL means as well', () => {
    fc.assert(
      fc.property(span, ({ from_ms, to_ms }) => {
        const checked = check(iso(from_ms), iso(to_ms));
        if (!checked.ok) return;
        expect(rangeOf({ from: iso(from_ms), to: iso(to_ms) }, NOW)).toEqual({ kind: 'between', ...checked.span });
      }),
    );
  });
});

describe('following', () => {
  it('asks every 10 seconds, and less often where a step is long', () => {
    expect([10, 20, 30, 120, 3600].map(every_ms)).toEqual([10_000, 10_000, 15_000, 60_000, 60_000]);
  });
});
