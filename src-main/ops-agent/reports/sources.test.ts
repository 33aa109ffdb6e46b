/** What a report takes from the breakers, the log and the notes of the agent. */
import { describe, expect, it } from 'vitest';
import type { Breaker, BreakerTransition, LogEntry, OpsAction, OpsAlertDetail } from '../../../src-contract/index.ts';
import { actionsOf, alertsOf, countNotes } from './agent-notes.ts';
import { breakerTimes, openingsIn } from './breaker-times.ts';
import { ErrorGroups, normalised } from './top-errors.ts';

const START = Date.parse('2026-11-29T07:00:00.000Z');
const HOUR_MS = 3_600_000;
const period = { from_ms: START, to_ms: START + 24 * HOUR_MS };
const hour = (hours: number): string => new Date(START + hours * HOUR_MS).toISOString();

describe('breakers of a period', () => {
  const change = (
    hours: number,
    from: BreakerTransition['from'],
    to: BreakerTransition['to'],
    error: string | null = null,
  ) => ({ breaker: 'redis', from, to, at: hour(hours), error }) as BreakerTransition;
  const closed = { name: 'redis', state: { state: 'closed', failures: 0 } } as Breaker;

  it('were open from the opening to the closing, trials included', () => {
    const history = [
      change(4, 'half_open', 'closed'),
      change(3.9, 'open', 'half_open'),
      change(2, 'closed', 'open', 'gone'),
    ];
    expect(breakerTimes(period, history, [closed])).toEqual([
      { breaker: 'redis', openings: 1, open_seconds: 7200, last_error: 'gone' },
    ]);
    expect(openingsIn(period, history)).toBe(1);
  });

  it('count for the part of it that is in the period', () => {
    const history = [change(30, 'half_open', 'closed'), change(23, 'closed', 'open'), change(1, 'open', 'closed')];
    expect(breakerTimes(period, history, [closed])).toMatchObject([{ openings: 1, open_seconds: 2 * 3600 }]);
  });

  it('that were open all the time are told, those a person isolated or that never opened are not', () => {
    const open = {
      name: 'redis',
      state: { state: 'open', since: hour(-3), until: hour(25), error: 'gone' },
    } as Breaker;
    expect(breakerTimes(period, [], [open])).toEqual([
      { breaker: 'redis', openings: 0, open_seconds: 24 * 3600, last_error: 'gone' },
    ]);
    const isolated = { name: 'llm', state: { state: 'isolated', since: hour(-3), by: 'x', reason: 'y' } } as Breaker;
    expect(breakerTimes(period, [], [closed, isolated])).toEqual([]);
    expect(openingsIn(period, [change(2, 'half_open', 'open'), change(-1, 'closed', 'open')])).toBe(0);
  });
});

describe('errors of the log', () => {
  const entry = (message: string, at: number, error: string | null = null) =>
    ({
      message,
      component: 'storage',
      created_at: hour(at),
      error: error === null ? null : { message: error, type: null, code: null, stack: null },
    }) as LogEntry;

  it('are of one kind whatever ids, numbers, times and addresses are in them', () => {
    const kinds = [
      'job 0198c2f0-1111-7000-8000-000000000001 failed after 120 ms at 2026-11-29T07:00:00Z on 10.0.0.1:5432',
      'job 0198c2f0-2222-7000-8000-000000000002 failed after 7.5 ms at 2026-11-30T08:10:00.5+01:00 on 192.168.1.20',
    ].map(normalised);
    expect(new Set(kinds).size).toBe(1);
    expect(kinds[0]).toBe('job <id> failed after <n> ms at <time> on <address>');
    expect(normalised('the cafe is beside the facade')).toBe('the cafe is beside the facade');
    expect(normalised('x'.repeat(100_000))).toHaveLength(300);
  });

  it('are the ten that came most often, with the last time of each', () => {
    const groups = new ErrorGroups();
    for (let i = 0; i < 12; i += 1)
      for (let n = 0; n <= i; n += 1) groups.add(entry(`kind ${'abcdefghijkl'[i]}`, 10 - n));
    groups.add(entry('kind l', 20, 'because of 5'));
    const top = groups.top();
    expect(top).toHaveLength(10);
    expect(top[0]).toEqual({ message: 'kind l', component: 'storage', count: 12, last_at: hour(10) });
    expect(top.map(({ count }) => count)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
    groups.add(entry('kind l', 21, 'because of 6'));
    expect(groups.top().some(({ message }) => message.startsWith('kind l: because'))).toBe(false);
  });
});

describe('notes of the agent', () => {
  const alert = (id: string, state: OpsAlertDetail['state'], started: number, ended: number | null = null) =>
    ({
      id,
      state,
      severity: id === 'worst' ? 'critical' : 'low',
      rule_name: id,
      summary: '',
      started_at: hour(started),
      ended_at: ended === null ? null : hour(ended),
    }) as OpsAlertDetail;
  const action = (id: string, state: OpsAction['state'], created: number, alert_id?: string) =>
    ({
      id,
      state,
      remediator: 'cache-clear',
      cause: '',
      outcome: null,
      duration_ms: null,
      created_at: hour(created),
      origin: alert_id === undefined ? { kind: 'person' } : { kind: 'rule', alert_id },
    }) as OpsAction;
  const alerts = [
    alert('old', { state: 'resolved', since: hour(-10), at: hour(-9) }, -10, -9),
    alert('over midnight', { state: 'resolved', since: hour(-1), at: hour(1) }, -1, 1),
    alert('never fired', { state: 'resolved', since: null, at: hour(2) }, 2, 2),
    alert('pending', { state: 'pending', since: hour(3) }, 3),
    alert('worst', { state: 'firing', since: hour(4) }, 3.5),
    alert('later', { state: 'firing', since: hour(30) }, 30),
  ];
  const actions = [
    action('helped', { state: 'helped', at: hour(4.5) }, 4.2, 'worst'),
    action('by hand', { state: 'helped', at: hour(6) }, 5),
    action('failed', { state: 'failed', at: hour(6), error: '' }, 5, 'worst'),
    action('thought of', { state: 'dry_run', at: hour(6) }, 5, 'worst'),
    action('yesterday', { state: 'helped', at: hour(-2) }, -2, 'old'),
  ];

  it('count what fired and was done in the period', () => {
    expect(countNotes({ alerts, actions }, period)).toEqual({
      alerts_fired: 1,
      actions_taken: 3,
      actions_helped: 2,
      detect_to_heal_seconds: 3600,
    });
  });

  it('list alerts that fired at some time of it, and every action', () => {
    expect(alertsOf({ alerts, actions }, period).map(({ id }) => id)).toEqual(['worst', 'over midnight']);
    expect(actionsOf({ alerts, actions }, period).map(({ id }) => id)).toEqual([
      'by hand',
      'failed',
      'thought of',
      'helped',
    ]);
  });
});
