/** Single histories that went wrong once, or would be hard to find by chance. */
import { describe, expect, it } from 'vitest';
import type { WorkerSchedule } from '../../src-contract/index.ts';
import { Board } from './board.ts';
import type { BoardNode, RunRecord, WorkerRecord } from './records.ts';
import type { Spread } from './worker.ts';

const NOW_MS = Date.parse('2026-03-01T10:00:00Z');
const HOUR_MS = 3_600_000;
const hourly: WorkerSchedule = { kind: 'interval', seconds: 3600 };
const nightly: WorkerSchedule = { kind: 'cron', expression: '0 3 * * *', time_zone: 'UTC' };
const at = (ms: number) => new Date(ms).toISOString();

const worker = (more: Partial<WorkerRecord> = {}): WorkerRecord => ({
  name: 'w',
  schedule: null,
  planned_by: hourly,
  next_run_at: at(NOW_MS + HOUR_MS),
  condition: { kind: 'in_service' },
  failures: 0,
  error: null,
  runs_total: 0,
  failures_total: 0,
  crashes_total: 0,
  ...more,
});
const run = (more: Partial<RunRecord>): RunRecord => ({
  run_id: 'r',
  worker: 'w',
  trigger: 'schedule',
  requested_by: null,
  status: 'queued',
  shard: null,
  slots: null,
  attempt: 1,
  resumes: null,
  not_before: at(NOW_MS),
  preferred_node: null,
  pinned: false,
  node_id: null,
  node_name: null,
  lease_expired: false,
  checkpoint: null,
  items: 0,
  changed: 0,
  queued_at: at(NOW_MS),
  started_at: null,
  ended_at: null,
  error: null,
  ...more,
});
const node = (node_id: string, fixed: BoardNode['fixed'] = null): BoardNode => ({ node_id, name: node_id, fixed });

function board(
  given: {
    worker?: WorkerRecord;
    runs?: RunRecord[];
    nodes?: BoardNode[];
    spread?: Spread;
    schedule?: WorkerSchedule;
    now_ms?: number;
  } = {},
): Board {
  let ids = 0;
  return new Board({
    worker: given.worker ?? worker(),
    runs: given.runs ?? [],
    nodes: given.nodes ?? [node('a')],
    rules: { spread: given.spread ?? 'once', default_schedule: given.schedule ?? hourly },
    now_ms: given.now_ms ?? NOW_MS,
    newId: () => {
      ids += 1;
      return `new-${ids}`;
    },
  });
}

/** As jsonb gives it back: its keys are in an order of their own. */
const fromDatabase = (schedule: WorkerSchedule): WorkerSchedule =>
  Object.fromEntries(
    Object.entries(schedule).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)),
  ) as WorkerSchedule;

describe('the time of a worker', () => {
  it('that came while no process was there is made up for, not passed over at the start', () => {
    const missed = at(NOW_MS - 7 * HOUR_MS);
    const started = board({
      worker: worker({ planned_by: fromDatabase(nightly), next_run_at: missed }),
      schedule: nightly,
    });
    started.followConfiguration();
    expect(started.worker.next_run_at).toBe(missed);
    started.plan();
    expect(started.active).toHaveLength(1);
    expect(started.worker.next_run_at).toBe('2026-03-02T03:00:00.000Z');
  });

  it('follows a configuration that says something else', () => {
    const started = board({ worker: worker({ planned_by: fromDatabase(nightly) }), schedule: hourly });
    started.followConfiguration();
    expect(started.worker).toMatchObject({ planned_by: hourly, next_run_at: at(NOW_MS + HOUR_MS) });
  });

  it('is not told of as changed when it is set to what it was', () => {
    const set = board({ worker: worker({ schedule: fromDatabase(nightly) }) });
    set.setSchedule(nightly);
    expect(set.events).toEqual([]);
    set.setSchedule(hourly);
    expect(set.events.map(({ type }) => type)).toEqual(['settings.changed']);
  });

  it('comes again after a clock that was ten years ahead was set right', () => {
    const ahead = at(NOW_MS + 10 * 365 * 24 * HOUR_MS);
    const right = board({ worker: worker({ next_run_at: ahead }) });
    expect(right.hasWorkFor(node('a'))).toBe(true);
    right.plan();
    expect(right.active).toEqual([]);
    expect(right.worker.next_run_at).toBe(at(NOW_MS + HOUR_MS));
  });

  it('is not made twice by nodes whose clocks differ a little', () => {
    const ahead_ms = Date.parse('2026-03-02T03:00:00Z');
    const first = board({
      worker: worker({ planned_by: nightly, next_run_at: at(ahead_ms) }),
      schedule: nightly,
      now_ms: ahead_ms,
    });
    first.plan();
    expect(first.active).toHaveLength(1);
    const behind = board({ worker: first.worker, schedule: nightly, now_ms: ahead_ms - 4000 });
    expect(behind.hasWorkFor(node('a'))).toBe(false);
    behind.plan();
    expect(behind.worker.next_run_at).toBe('2026-03-03T03:00:00.000Z');
  });

  it('of a new attempt that a wrong clock put years away has come', () => {
    const waiting = run({ trigger: 'retry', attempt: 2, not_before: at(NOW_MS + 1000 * 24 * HOUR_MS) });
    const right = board({ runs: [waiting] });
    expect(right.claim(node('a'), 1)).toHaveLength(1);
  });
});

describe('parts of the users', () => {
  const half = (index: number) => node(`half-${index}`, { index, of: 2 });
  const slots = Array.from({ length: 100 }, (_, slot) => slot);

  it('that no node there may take are shared out anew, from where they were', () => {
    const left = run({
      trigger: 'retry',
      shard: '1/3',
      slots,
      attempt: 2,
      resumes: 'before',
      checkpoint: { after: 'm' },
    });
    const nodes = [half(1), half(2)];
    const anew = board({ runs: [left], nodes, spread: 'users' });
    expect(nodes.every((each) => anew.hasWorkFor(each))).toBe(true);
    anew.expire();
    const claimed = nodes.flatMap((each) => anew.claim(each, 9));
    expect(claimed.flatMap((part) => part.slots ?? []).sort((a, b) => a - b)).toEqual(slots);
    for (const part of claimed) {
      expect(part).toMatchObject({ attempt: 2, resumes: 'before', checkpoint: { after: 'm' }, trigger: 'retry' });
    }
    expect(anew.runs.find(({ run_id }) => run_id === 'r')).toMatchObject({ status: 'cancelled' });
    expect(anew.worker.runs_total).toBe(0);
  });

  it('are shared out anew too when it was all of them', () => {
    const nodes = [half(1), half(2)];
    const anew = board({ runs: [run({ trigger: 'retry', attempt: 2 })], nodes, spread: 'users' });
    anew.expire();
    const claimed = nodes.flatMap((each) => anew.claim(each, 9));
    expect(claimed.flatMap((part) => part.slots ?? []).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 256 }, (_, slot) => slot),
    );
  });

  it('wait for their node when nobody else is there for any of them', () => {
    const even = Array.from({ length: 128 }, (_, at) => at * 2);
    const waiting = board({ runs: [run({ shard: '1/2', slots: even })], nodes: [half(2)], spread: 'users' });
    expect(waiting.hasWorkFor(half(2))).toBe(false);
    waiting.expire();
    expect(waiting.active.map(({ run_id }) => run_id)).toEqual(['r']);
  });
});

describe('a run asked for by hand', () => {
  it('is taken up by another node when its own stops, also while the worker is paused', () => {
    const paused = board({
      worker: worker({ condition: { kind: 'paused', since: at(NOW_MS), by: 'op' } }),
      runs: [run({ trigger: 'manual', requested_by: 'op', status: 'running', node_id: 'a', started_at: at(NOW_MS) })],
    });
    expect(paused.end('r', 'a', { kind: 'released', error: 'its node was stopped' })).toBe(true);
    expect(paused.active).toMatchObject([{ resumes: 'r', requested_by: 'op' }]);
  });
});
