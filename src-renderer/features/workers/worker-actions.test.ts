import { describe, expect, it } from 'vitest';
import { activeRun, at, sampleWorker } from '../../../tests/support/worker-samples.ts';
import { needsConsent, pauseAction, reasonAgainst, WORKER_ACTIONS } from './worker-actions.ts';

const scheduled = sampleWorker();
const running = sampleWorker({ state: { state: 'running', since: at(0), runs: 1 }, active_runs: [activeRun(1)] });
const paused = sampleWorker({ state: { state: 'paused', since: at(0), by: 'ops', runs: 0 } });
const waiting = sampleWorker({
  state: { state: 'backing_off', until: at(9000), failures: 1, error: 'no disk' },
  active_runs: [activeRun(1, { status: 'queued' })],
});
const able = (worker: typeof scheduled) =>
  WORKER_ACTIONS.filter((action) => !reasonAgainst(action, worker, { isOnline: true }));

describe('what can be done with a worker', () => {
  it('depends on its state', () => {
    expect(able(scheduled)).toEqual(['run', 'pause', 'restart', 'schedule']);
    expect(able(running)).toEqual(['pause', 'restart', 'cancel', 'schedule']);
    expect(able(paused)).toEqual(['run', 'resume', 'restart', 'schedule']);
    expect(able(waiting)).toEqual(['run', 'pause', 'restart', 'cancel', 'schedule']);
  });

  it('is nothing without the engine, with the reason', () => {
    for (const action of WORKER_ACTIONS)
      expect(reasonAgainst(action, scheduled, { isOnline: false })).toMatch(/cannot be reached/);
  });

  it('is not to run where no node is there for it', () => {
    expect(able(sampleWorker({ nodes: [] }))).toEqual(['pause', 'schedule']);
    expect(reasonAgainst('run', sampleWorker({ nodes: [] }), { isOnline: true })).toMatch(/No live node/);
  });

  it('pauses what is not paused, and resumes what is', () => {
    expect(pauseAction(scheduled)).toBe('pause');
    expect(pauseAction(paused)).toBe('resume');
  });

  it('is asked about when it ends what runs', () => {
    expect(needsConsent('restart', running)).toBe(true);
    expect(needsConsent('restart', scheduled)).toBe(false);
    expect(needsConsent('cancel', waiting)).toBe(true);
    expect(needsConsent('pause', running)).toBe(false);
    expect(needsConsent('restart', waiting)).toBe(false);
    // Read between the asking and the beginning of its run.
    expect(needsConsent('restart', { ...running, active_runs: [activeRun(1, { status: 'queued' })] })).toBe(true);
  });
});
