import { describe, expect, it } from 'vitest';
import { KeepingTime } from './keeping-time.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.parse('2026-11-30T12:00:00Z');

function timeFrom(newest_ms?: number) {
  const world = { clock: START, monotonic: 500 };
  const time = new KeepingTime({ now_ms: () => world.clock, monotonic_ms: () => world.monotonic, newest_ms });
  const pass = (ms: number, clock_ms = ms) => {
    world.monotonic += ms;
    world.clock += clock_ms;
    return time.now_ms() - START;
  };
  return { pass };
}

describe('the time by which old notes are removed', () => {
  it('is that of the clock, also after a night in which the computer slept', () => {
    const { pass } = timeFrom(START - HOUR);
    expect(pass(HOUR)).toBe(HOUR);
    expect(pass(0, 12 * HOUR)).toBe(13 * HOUR);
    expect(pass(0, 12 * HOUR)).toBe(25 * HOUR);
  });

  it('does not follow a clock that jumps ahead, nor remembers it once it is right again', () => {
    const { pass } = timeFrom();
    expect(pass(HOUR, 3650 * DAY)).toBe(HOUR);
    expect(pass(23 * HOUR)).toBe(DAY);
    expect(pass(0, HOUR - 3650 * DAY)).toBe(DAY);
    expect(pass(HOUR, 3650 * DAY)).toBe(25 * HOUR);
    expect(pass(23 * HOUR)).toBe(2 * DAY);
  });

  it('believes it when it stays so for a day', () => {
    const { pass } = timeFrom();
    expect(pass(0, 30 * DAY)).toBe(0);
    expect(pass(DAY)).toBe(31 * DAY);
    expect(pass(HOUR)).toBe(31 * DAY + HOUR);
  });

  it('does not believe a clock that is far from the last note when the process starts, for a day', () => {
    const { pass } = timeFrom(START - 400 * DAY);
    expect(pass(HOUR)).toBe(HOUR - 400 * DAY);
    expect(pass(DAY)).toBe(DAY + HOUR);
  });

  it('follows a clock that is set back', () => {
    const { pass } = timeFrom(START + 400 * DAY);
    expect(pass(HOUR, -5 * DAY)).toBe(-5 * DAY);
  });
});
