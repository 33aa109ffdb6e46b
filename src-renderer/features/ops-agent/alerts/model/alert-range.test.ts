import { describe, expect, it } from 'vitest';
import { spanOf, stretchOf } from './alert-range.ts';

const NOW = Date.parse('2026-11-30T12:00:00Z');
const DAY_MS = 86_400_000;

describe('the time that the history is of', () => {
  it('is the last week while nobody says otherwise', () => {
    expect(spanOf({}, NOW)).toEqual({ from_ms: NOW - 7 * DAY_MS, to_ms: NOW, endsNow: true });
  });

  it('goes on when only its beginning was given', () => {
    expect(spanOf({ from: '2026-11-30T06:00:00Z' }, NOW)).toMatchObject({ to_ms: NOW, endsNow: true });
  });

  it('ends where it was said to, and is as long as its name before that', () => {
    const to = '2026-11-29T12:00:00Z';
    expect(spanOf({ range: '24h', to }, NOW)).toEqual({
      from_ms: NOW - 2 * DAY_MS,
      to_ms: NOW - DAY_MS,
      endsNow: false,
    });
  });

  it('is the usual one when the times make none', () => {
    const backwards = { from: '2026-11-30T11:00:00Z', to: '2026-11-30T10:00:00Z' };
    expect(spanOf(backwards, NOW)).toEqual(spanOf({}, NOW));
  });

  it('is no shorter than a minute when it is chosen on the strip', () => {
    const { from, to } = stretchOf(NOW / 1000, NOW / 1000 + 20);
    expect([from, to]).toEqual(['2026-11-30T11:59:40.000Z', '2026-11-30T12:00:40.000Z']);
    expect(spanOf({ from, to }, NOW)).toMatchObject({ endsNow: false });
  });
});
