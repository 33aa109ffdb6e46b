import { describe, expect, it } from 'vitest';
import { freshnessOf } from './freshness.ts';

const given = { offline_since_ms: undefined, read_ms: 100_000, every_ms: 1000, now_ms: 100_000 } as const;

describe('freshness', () => {
  it('is not known before the first answer', () => {
    expect(freshnessOf({ ...given, read_ms: 0 })).toBeUndefined();
  });

  it('is current until some answers in a row did not come', () => {
    expect(freshnessOf({ ...given, now_ms: 105_000 })?.kind).toBe('current');
    expect(freshnessOf({ ...given, now_ms: 105_001 })?.kind).toBe('late');
    expect(freshnessOf({ ...given, every_ms: 10_000, now_ms: 130_000 })?.kind).toBe('current');
    expect(freshnessOf({ ...given, every_ms: 10_000, now_ms: 130_001 })?.kind).toBe('late');
  });

  it('is never current without a connection, or while nothing is asked', () => {
    expect(freshnessOf({ ...given, offline_since_ms: 99_000 })).toEqual({
      kind: 'offline',
      since_ms: 99_000,
      read_ms: 100_000,
    });
    expect(freshnessOf({ ...given, read_ms: 0, offline_since_ms: 99_000 })).toMatchObject({ read_ms: undefined });
    expect(freshnessOf({ ...given, every_ms: false })).toEqual({ kind: 'paused', read_ms: 100_000 });
  });
});
