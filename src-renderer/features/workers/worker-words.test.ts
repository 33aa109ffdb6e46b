import { describe, expect, it } from 'vitest';
import { activeRun, at, SAMPLE_NOW_MS, sampleRun, sampleWorker } from '../../../tests/support/worker-samples.ts';
import { failingSince, isFailure, runsInWords, stateError, stateSentence, untilWords } from './worker-words.ts';

const sentence = (...given: Parameters<typeof sampleWorker>) => stateSentence(sampleWorker(...given), SAMPLE_NOW_MS);

describe('the state of a worker in words', () => {
  it('counts down to the next run, and says when it is due', () => {
    expect(sentence()).toBe('Runs next in 4 min.');
    expect(sentence({ state: { state: 'scheduled', next_run_at: at(-3000) } })).toBe('Runs next now.');
    expect(untilWords(at(65_000), SAMPLE_NOW_MS)).toBe('in 1 min 5 s');
  });

  it('says what a run has done so far', () => {
    const state = { state: 'running', since: at(-72_000), runs: 1 } as const;
    const active_runs = [activeRun(1, { items: 1200, changed: 30 })];
    expect(sentence({ state, active_runs })).toBe('Running for 1 min 12 s: 1,200 looked at, 30 changed.');
  });

  it('adds up the runs of all shards, and says when they wait for a node', () => {
    const state = { state: 'running', since: at(-5000), runs: 2 } as const;
    const active_runs = [activeRun(1, { shard: '1/2', items: 4 }), activeRun(2, { shard: '2/2', items: 5 })];
    expect(sentence({ state, active_runs })).toBe('Running for 5 s: 9 looked at, 4 changed, in 2 runs.');
    const queued = activeRun(1, { status: 'queued', started_at: null, items: 0 });
    expect(sentence({ state, active_runs: [queued] })).toBe('Running for 5 s: it waits for a node.');
  });

  it('says who paused it, and what goes on meanwhile', () => {
    const state = { state: 'paused', since: at(-60_000), by: 'ops', runs: 0 } as const;
    expect(sentence({ state })).toBe('Paused by ops, for 1 min.');
    expect(sentence({ state: { ...state, runs: 1 } })).toBe('Paused by ops, for 1 min. 1 run still goes on.');
    expect(sentence({ state: { ...state, runs: 2 } })).toBe('Paused by ops, for 1 min. 2 runs still go on.');
  });

  it('says how often it failed and when it is tried again', () => {
    const state = { state: 'backing_off', until: at(16_000), failures: 5, error: 'no disk' } as const;
    expect(sentence({ state })).toBe('Failed 5 times in a row; tried again in 16 s.');
    expect(sentence({ state: { ...state, failures: 1 } })).toBe('Failed once; tried again in 16 s.');
    expect(stateError(state)).toBe('no disk');
  });

  it('says that it is out of service, and whether it gets another chance', () => {
    const state = { state: 'crashed', since: at(-120_000), failures: 10, error: 'no disk', next_run_at: null } as const;
    expect(sentence({ state })).toBe('Out of service for 2 min, after it failed 10 times in a row.');
    expect(sentence({ state: { ...state, next_run_at: at(60_000) } })).toBe(
      'Out of service for 2 min, after it failed 10 times in a row. Gets another chance in 1 min.',
    );
  });

  it('says that an idle one waits to be asked', () => {
    expect(sentence({ state: { state: 'idle' } })).toBe('Runs when it is asked to, and at no other time.');
  });
});

describe('since when a worker fails', () => {
  it('is the first failure after its last success', () => {
    const recent_runs = [
      sampleRun(5, { status: 'failed' }),
      sampleRun(4),
      sampleRun(3, { status: 'cancelled' }),
      sampleRun(2, { status: 'failed', ended_at: at(-90_000) }),
      sampleRun(1, { status: 'timed_out' }),
    ];
    expect(failingSince(sampleWorker({ recent_runs }))).toBe(at(-90_000));
  });

  it('is unknown while it does well', () => {
    expect(failingSince(sampleWorker({ recent_runs: [sampleRun(2, { status: 'failed' }), sampleRun(1)] }))).toBe(
      undefined,
    );
  });
});

describe('the last runs in words', () => {
  it('say how long they took, and how many failed', () => {
    const runs = [
      sampleRun(3, { duration_ms: 40 }),
      sampleRun(2, { duration_ms: 2500, status: 'failed' }),
      sampleRun(1, { duration_ms: 120 }),
    ];
    expect(runsInWords(runs)).toBe('Duration of the last 3 runs: 40 ms to 2.5 s, the newest 120 ms; 1 failed');
    expect(runsInWords([])).toBe('No runs yet');
  });

  it('do not count as failed what somebody cancelled', () => {
    const failed = ['failed', 'timed_out', 'interrupted'] as const;
    for (const status of failed) expect(isFailure(sampleRun(1, { status }))).toBe(true);
    for (const status of ['succeeded', 'cancelled', 'running', 'queued'] as const) {
      expect(isFailure(sampleRun(1, { status }))).toBe(false);
    }
  });
});
