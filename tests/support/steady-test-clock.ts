/** A clock for what lasts as well: both stand still until they are moved, and only the one of the computer can be set. */
import { TestClock } from './test-clock.ts';

export class SteadyTestClock extends TestClock {
  #steady_ms = 0;

  steady_ms(): number {
    return this.#steady_ms;
  }

  /** Time passes. */
  override advance(step: Parameters<TestClock['advance']>[0]): void {
    const before_ms = this.now();
    super.advance(step);
    this.#steady_ms += this.now() - before_ms;
  }

  /** Somebody sets the clock of the computer. */
  set(step: Parameters<TestClock['advance']>[0]): void {
    super.advance(step);
  }
}
