/** A clock that stands still until it is moved. */
import type { Clock } from '../../src-main/clock.ts';

export class TestClock implements Clock {
  #now_ms: number;

  constructor(start: string | number = Date.now()) {
    this.#now_ms = typeof start === 'number' ? start : Date.parse(start);
  }

  now(): number {
    return this.#now_ms;
  }

  advance(step: { ms?: number; minutes?: number; days?: number }): void {
    this.#now_ms += (step.ms ?? 0) + (step.minutes ?? 0) * 60_000 + (step.days ?? 0) * 86_400_000;
  }
}
