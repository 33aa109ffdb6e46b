import { describe, expect, it } from 'vitest';
import { OPS_SIGNAL_NAMES, OPS_SIGNALS, type OpsLabels, type OpsSignalName } from '../../../src-contract/index.ts';
import { amountText, durationText } from './amounts.ts';
import { summaryOf } from './summary.ts';

const told = (signal: OpsSignalName, value: number, limit: number, labels: OpsLabels = {}, at?: string) =>
  summaryOf({ signal, value, limit, labels, operator: '>' }, at);

describe('the sentence of an alert', () => {
  it('says what is wrong with its value, its limit and their unit', () => {
    expect(told('breaker_open_seconds', 360, 300, { breaker: 'redis' })).toBe(
      'Circuit breaker of redis is open for 6 min (limit 5 min)',
    );
    expect(told('dead_letters', 1234, 500)).toBe('1,234 dead letters (limit 500)');
    expect(told('dead_letters', 1, 0)).toBe('1 dead letter (limit 0)');
    expect(told('disk_percent', 91.26, 85)).toBe('The disk is 91.3 % full (limit 85 %)');
    expect(told('api_latency_p95_ms', 812.4, 500)).toBe('95 of 100 requests take up to 812.4 ms (limit 500 ms)');
    expect(told('component_status', 2, 2, { component: 'workers' })).toBe('The workers as a whole are unhealthy');
    expect(told('monitor_failed', 1, 1, { monitor: 'dlq' }, 'a')).toBe('Monitor dlq tells nothing at a');
  });

  it('says what was expected where less is worse', () => {
    const few = { signal: 'events_per_minute', value: 0, limit: 10, labels: {}, operator: '<' } as const;
    expect(summaryOf(few, undefined)).toBe('0 events a minute (expected at least 10)');
  });

  it('names every label of every signal but the node', () => {
    for (const signal of OPS_SIGNAL_NAMES) {
      const names = OPS_SIGNALS[signal].labels.filter((name) => name !== 'node');
      const sentence = told(signal, 2, 1, Object.fromEntries(names.map((name) => [name, `some-${name}`])));
      for (const name of names) expect(sentence).toContain(`some-${name}`);
      expect(sentence).not.toContain('unknown');
    }
  });
});

describe('amounts', () => {
  it('are told in the units that people read', () => {
    expect([5, 59.6, 60, 3599, 3900, 90_000, 172_800, 200_000].map(durationText)).toEqual([
      '5 s',
      '1 min',
      '1 min',
      '59 min',
      '1 h 5 min',
      '25 h',
      '2 days',
      '2 days 7 h',
    ]);
    expect(amountText('bytes', 1_500_000)).toBe('1.5 MB');
    expect(amountText('ms', 12_000)).toBe('12 s');
    expect(amountText('level', 1)).toBe('degraded');
  });
});
