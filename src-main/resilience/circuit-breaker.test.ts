import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../tests/support/test-clock.ts';
import { ArchonError } from '../errors.ts';
import { type BreakerSettings, CircuitBreaker, type StateChange } from './circuit-breaker.ts';

class GoneError extends Error {}
const gone = new GoneError('connection refused');
const mistake = new Error('no such table');
const unheard = new Error('no place in the queue');
const ada = { by: 'ada', reason: 'maintenance' };

/** A breaker whose two clocks are moved by hand: the one of the computer, and time as it passes. */
class Bench {
  readonly wall = new TestClock('2026-03-01T12:00:00.000Z');
  passed_ms = 0;
  settings: BreakerSettings = { enabled: true, threshold: 3, reset_seconds: 10 };
  readonly changes: StateChange[] = [];
  readonly breaker = new CircuitBreaker({
    title: 'The store',
    settings: () => this.settings,
    judge: (error) => (error instanceof GoneError ? 'away' : error === unheard ? 'nothing' : 'answered'),
    clock: this.wall,
    elapsed_ms: () => this.passed_ms,
    onChange: (change) => this.changes.push(change),
  });

  pass(ms: number): void {
    this.passed_ms += ms;
    this.wall.advance({ ms });
  }

  /** How a call ended: its answer, what it threw, or that it was not made. */
  async call(end: 'answer' | 'gone' | 'mistake' | 'unheard', how: 'run' | 'try' = 'run'): Promise<string> {
    let isMade = false;
    const work = async () => {
      isMade = true;
      if (end === 'gone') throw gone;
      if (end === 'mistake') throw mistake;
      if (end === 'unheard') throw unheard;
      return 'answer';
    };
    try {
      return await this.breaker[how](work);
    } catch (error) {
      if (!isMade) {
        expect(error).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
        return 'refused';
      }
      expect(error).toBe({ gone, mistake, unheard, answer: undefined }[end]);
      return end;
    }
  }
}

let bench: Bench;
beforeEach(() => {
  bench = new Bench();
});

const open = async () => {
  for (let i = 0; i < bench.settings.threshold; i += 1) await bench.call('gone');
  expect(bench.breaker.state.state).toBe('open');
};

describe('a circuit breaker', () => {
  it('opens after so many failures in a row, and says since when, until when and why', async () => {
    await bench.call('gone');
    await bench.call('answer');
    await bench.call('gone');
    await bench.call('gone');
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 2 });
    await bench.call('gone');
    expect(bench.breaker.state).toEqual({
      state: 'open',
      since: '2026-03-01T12:00:00.000Z',
      until: '2026-03-01T12:00:10.000Z',
      error: 'connection refused',
    });
    expect(bench.changes).toEqual([
      {
        from: 'closed',
        to: 'open',
        at: '2026-03-01T12:00:00.000Z',
        failures: 3,
        error: 'connection refused',
        reason: null,
        by: null,
      },
    ]);
  });

  it('takes an answer that says no for an answer', async () => {
    await bench.call('gone');
    await bench.call('gone');
    expect(await bench.call('mistake')).toBe('mistake');
    await bench.call('gone');
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 1 });
  });

  it('learns nothing from a call that never came to be asked, but does not close by one', async () => {
    await bench.call('gone');
    await bench.call('gone');
    await bench.call('unheard');
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 2 });
    await bench.call('gone');
    expect(await bench.call('unheard', 'try')).toBe('unheard');
    expect(bench.breaker.state).toMatchObject({ state: 'open', error: 'no place in the queue' });
  });

  it('tells whom it refuses when to come again', async () => {
    await open();
    bench.pass(2500);
    const refused = await bench.breaker.run(async () => 'never').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ArchonError);
    expect(refused).toMatchObject({ code: 'STORAGE_UNAVAILABLE', retry_after_seconds: 8 });
    expect(String(refused)).toContain(
      'The store is away since 2026-03-01T12:00:00.000Z (connection refused). It is tried again at 2026-03-01T12:00:10.000Z',
    );
  });

  it('refuses until it was tried, and closes when that is answered', async () => {
    await open();
    bench.pass(10_000);
    expect(bench.breaker.due_in_ms).toBe(0);
    expect(await bench.call('answer')).toBe('refused');
    expect(await bench.call('gone', 'try')).toBe('gone');
    expect(bench.breaker.due_in_ms).toBe(10_000);
    expect(await bench.call('answer', 'try')).toBe('answer');
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
    expect(bench.changes.map(({ from, to }) => `${from} ${to}`)).toEqual([
      'closed open',
      'open half_open',
      'half_open open',
      'open half_open',
      'half_open closed',
    ]);
  });

  it('is tried by one call at a time; others are refused at once meanwhile', async () => {
    await open();
    const answer = Promise.withResolvers<string>();
    const trial = bench.breaker.try(() => answer.promise);
    expect(bench.breaker.state.state).toBe('half_open');
    expect(await bench.call('answer')).toBe('refused');
    answer.resolve('there');
    expect(await trial).toBe('there');
    expect(await bench.call('answer')).toBe('answer');
  });

  it('does not count what began before it opened', async () => {
    const late = Promise.withResolvers<string>();
    const slow = bench.breaker.run(() => late.promise);
    await open();
    const answer = Promise.withResolvers<string>();
    const trial = bench.breaker.try(() => answer.promise);
    late.reject(gone);
    await expect(slow).rejects.toBe(gone);
    expect(bench.breaker.state.state).toBe('half_open');
    answer.resolve('there');
    await trial;
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
  });

  it('keeps its time when the clock of the computer is put back or forward', async () => {
    await open();
    bench.wall.advance({ days: -1 });
    expect(bench.breaker.due_in_ms).toBe(10_000);
    bench.pass(10_000);
    expect(bench.breaker.due_in_ms).toBe(0);
    bench.wall.advance({ days: 2 });
    expect(await bench.call('answer', 'try')).toBe('answer');
    expect(bench.breaker.state.state).toBe('closed');
  });

  it('follows settings at once', async () => {
    await bench.call('gone');
    await bench.call('gone');
    bench.settings = { ...bench.settings, threshold: 1 };
    bench.breaker.settingsChanged(ada);
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
    await bench.call('gone');
    expect(bench.breaker.state.state).toBe('open');
    bench.settings = { ...bench.settings, reset_seconds: 2 };
    bench.breaker.settingsChanged(ada);
    expect(bench.breaker.due_in_ms).toBe(2000);
    expect(bench.breaker.state).toMatchObject({ until: '2026-03-01T12:00:02.000Z' });
    bench.settings = { ...bench.settings, enabled: false };
    bench.breaker.settingsChanged(ada);
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
    for (let i = 0; i < 20; i += 1) expect(await bench.call('gone')).toBe('gone');
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
  });

  it('is reset, isolated and released by hand, and says by whom', async () => {
    await open();
    bench.breaker.reset(ada);
    expect(bench.breaker.state).toEqual({ state: 'closed', failures: 0 });
    bench.breaker.isolate(ada);
    expect(bench.breaker.state).toEqual({ state: 'isolated', since: '2026-03-01T12:00:00.000Z', ...ada });
    expect(await bench.call('answer')).toBe('refused');
    expect(await bench.call('answer', 'try')).toBe('answer');
    expect(bench.breaker.state.state).toBe('isolated');
    expect(() => bench.breaker.reset(ada)).toThrow('release it instead');
    expect(() => bench.breaker.isolate(ada)).toThrow('isolated already by ada');
    bench.breaker.release(ada);
    expect(() => bench.breaker.release(ada)).toThrow('not isolated');
    expect(await bench.call('answer')).toBe('answer');
    expect(bench.changes.slice(1).map(({ from, to, by }) => `${from} ${to} ${by}`)).toEqual([
      'open closed ada',
      'closed isolated ada',
      'isolated closed ada',
    ]);
  });

  it('behaves as its description, whatever is done to it in whatever order', async () => {
    const step = fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(...(['gone', 'gone', 'gone', 'answer', 'mistake', 'unheard'] as const)),
      },
      { weight: 3, arbitrary: fc.constantFrom('try gone' as const, 'try answer' as const) },
      { weight: 3, arbitrary: fc.constantFrom('begin' as const, 'end gone' as const, 'end answer' as const) },
      fc.constantFrom('isolate' as const, 'release' as const, 'reset' as const),
      fc.record({ pass: fc.integer({ min: 0, max: 15_000 }) }),
      fc.record({ jump: fc.integer({ min: -100_000, max: 100_000 }) }),
      fc.record({ threshold: fc.integer({ min: 1, max: 5 }) }),
      fc.record({ reset_seconds: fc.integer({ min: 1, max: 10 }) }),
      fc.record({ enabled: fc.boolean() }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        bench = new Bench();
        const model = new Model();
        for (const one of steps) await model.do(one);
      }),
      { numRuns: 400 },
    );
  });
});

type Step =
  | 'gone'
  | 'answer'
  | 'mistake'
  | 'unheard'
  | 'try gone'
  | 'try answer'
  | 'begin'
  | 'end gone'
  | 'end answer'
  | 'isolate'
  | 'release'
  | 'reset'
  | { pass: number }
  | { jump: number }
  | Partial<BreakerSettings>;

/** What a breaker is, in the fewest words. */
class Model {
  state: 'closed' | 'open' | 'isolated' = 'closed';
  failures = 0;
  /** When it opened. */
  opened_ms = 0;
  /** Grows with every change of state. */
  period = 0;
  slow: { end: PromiseWithResolvers<string>; done: Promise<unknown>; period: number; isCounted: boolean } | undefined;

  async do(step: Step): Promise<void> {
    if (typeof step === 'object') this.#set(step);
    else if (step === 'isolate' || step === 'release' || step === 'reset') this.#byHand(step);
    else if (step === 'begin') this.#begin();
    else if (step === 'end gone' || step === 'end answer') await this.#end(step === 'end gone');
    else if (step === 'try gone' || step === 'try answer') await this.#try(step === 'try gone');
    else await this.#call(step);
    this.#check();
  }

  #enter(state: Model['state']): void {
    if (this.state === state && state !== 'open') return;
    this.state = state;
    this.period += 1;
    if (state === 'open') this.opened_ms = bench.passed_ms;
    else this.failures = 0;
  }

  #heard(isGone: boolean): void {
    if (!bench.settings.enabled) return;
    this.failures = isGone ? this.failures + 1 : 0;
    if (this.failures >= bench.settings.threshold) this.#enter('open');
  }

  async #call(end: 'gone' | 'answer' | 'mistake' | 'unheard'): Promise<void> {
    const outcome = await bench.call(end);
    expect(outcome).toBe(this.state === 'closed' ? end : 'refused');
    if (this.state === 'closed' && end !== 'unheard') this.#heard(end === 'gone');
  }

  async #try(isGone: boolean): Promise<void> {
    expect(await bench.call(isGone ? 'gone' : 'answer', 'try')).toBe(isGone ? 'gone' : 'answer');
    if (this.state === 'closed') this.#heard(isGone);
    else if (this.state === 'open') this.#enter(isGone ? 'open' : 'closed');
  }

  /** A call that ends later. */
  #begin(): void {
    if (this.slow) return;
    const end = Promise.withResolvers<string>();
    const done = bench.breaker.run(() => end.promise).catch(() => 'failed');
    if (this.state !== 'closed') return;
    this.slow = { end, done, period: this.period, isCounted: bench.settings.enabled };
  }

  async #end(isGone: boolean): Promise<void> {
    if (!this.slow) return;
    const { end, done, period, isCounted } = this.slow;
    this.slow = undefined;
    if (isGone) end.reject(gone);
    else end.resolve('answer');
    await done;
    if (!isCounted || (isGone && !bench.settings.enabled)) return;
    // An answer is one whenever it was asked for; a failure counts for its own time only.
    if (!isGone && this.state === 'closed') this.failures = 0;
    if (isGone && period === this.period && this.state === 'closed') {
      this.failures += 1;
      if (this.failures >= bench.settings.threshold) this.#enter('open');
    }
  }

  #byHand(step: 'isolate' | 'release' | 'reset'): void {
    const isAllowed = (step === 'release') === (this.state === 'isolated');
    const act = () => (step === 'reset' ? bench.breaker.reset(ada) : bench.breaker[step](ada));
    if (!isAllowed) {
      expect(act).toThrow(ArchonError);
      return;
    }
    act();
    this.failures = 0;
    this.#enter(step === 'isolate' ? 'isolated' : 'closed');
  }

  #set(step: { pass: number } | { jump: number } | Partial<BreakerSettings>): void {
    if ('pass' in step) bench.pass(step.pass);
    else if ('jump' in step) bench.wall.advance({ ms: step.jump });
    else this.#setSettings(step);
  }

  #setSettings(step: Partial<BreakerSettings>): void {
    bench.settings = { ...bench.settings, ...step };
    bench.breaker.settingsChanged(ada);
    const { enabled, threshold } = bench.settings;
    if (!enabled && this.state === 'open') this.#enter('closed');
    if (!enabled) this.failures = 0;
    else if (this.state === 'closed') this.failures = Math.min(this.failures, threshold - 1);
  }

  #check(): void {
    const { state } = bench.breaker;
    expect(state.state).toBe(this.state);
    if (state.state === 'closed') expect(state.failures).toBe(this.failures);
    if (this.state === 'open') {
      const due_ms = this.opened_ms + bench.settings.reset_seconds * 1000 - bench.passed_ms;
      expect(bench.breaker.due_in_ms).toBe(Math.max(0, due_ms));
    } else {
      expect(bench.breaker.due_in_ms).toBeUndefined();
    }
    // Every change begins where the one before ended, and none is told of twice.
    let before = 'closed';
    for (const { from, to } of bench.changes) {
      expect(from).toBe(before);
      expect(to).not.toBe(from);
      before = to;
    }
    expect(before).toBe(this.state);
  }
}
