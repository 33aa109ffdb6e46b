import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OpsCondition, OpsLabels, OpsMonitor, OpsObservation } from '../../../src-contract/index.ts';
import { sees } from '../../../tests/support/ops-judging.ts';
import { compare, evaluate, type Judged, worse } from './evaluate.ts';
import { labelsKey, Seen } from './seen.ts';

const condition = (
  signal: OpsCondition['signal'],
  operator: OpsCondition['operator'],
  value: number,
  labels: OpsLabels = {},
): OpsCondition => ({ signal, operator, labels, limit: { kind: 'number', value } });

const ruleOf = (match: Judged['match'], ...conditions: OpsCondition[]): Judged => ({
  match,
  conditions,
  limits: conditions.map(({ limit }) => (limit.kind === 'number' ? limit.value : Number.NaN)),
});

const knownOf = (...labels: OpsLabels[]) => new Map(labels.map((one) => [labelsKey(one), one]));

function holding(
  rule: Judged,
  observations: readonly OpsObservation[],
  { failed = [], known = [] }: { failed?: OpsMonitor[]; known?: OpsLabels[] } = {},
): [OpsLabels, unknown][] {
  return evaluate(rule, new Seen(observations, failed), knownOf(...known)).map(({ labels, holds }) => [labels, holds]);
}

const a = { node: 'a' };
const b = { node: 'b' };

describe('a rule', () => {
  it('holds for each series of its own', () => {
    const rule = ruleOf('all', condition('disk_percent', '>', 85));
    expect(holding(rule, [sees('disk_percent', 90, a), sees('disk_percent', 80, b)])).toEqual([[a, true]]);
  });

  it('looks only at series that it names, also by how they begin', () => {
    const seen = [
      sees('breaker_open_seconds', 9, { breaker: 'webhook:1', node: 'a' }),
      sees('breaker_open_seconds', 9, { breaker: 'redis', node: 'a' }),
    ];
    const webhooks = ruleOf('all', condition('breaker_open_seconds', '>', 5, { breaker: 'webhook:*' }));
    expect(holding(webhooks, seen)).toEqual([[{ breaker: 'webhook:1', node: 'a' }, true]]);
    const redis = ruleOf('all', condition('breaker_open_seconds', '>', 5, { breaker: 'redis' }));
    expect(holding(redis, seen)).toEqual([[{ breaker: 'redis', node: 'a' }, true]]);
  });

  it('with several conditions looks them up for the same node', () => {
    const rule = ruleOf(
      'all',
      condition('api_latency_p95_ms', '>', 500),
      condition('api_requests_per_minute', '>=', 6),
    );
    const seen = [
      sees('api_latency_p95_ms', 900, a),
      sees('api_requests_per_minute', 2, a),
      sees('api_latency_p95_ms', 900, b),
      sees('api_requests_per_minute', 60, b),
    ];
    expect(holding(rule, seen)).toEqual([[b, true]]);
  });

  it('looks up a condition without labels for every node, and one with nodes for what has none', () => {
    const lag = sees('event_lag_seconds', 400);
    const byNode = ruleOf('all', condition('disk_percent', '>', 85), condition('event_lag_seconds', '>', 300));
    expect(holding(byNode, [sees('disk_percent', 90, a), sees('disk_percent', 91, b), lag])).toHaveLength(2);
    const one = ruleOf('all', condition('event_lag_seconds', '>', 300), condition('disk_percent', '>', 85));
    expect(holding(one, [sees('disk_percent', 90, a), sees('disk_percent', 10, b), lag])).toEqual([[{}, true]]);
  });

  it('with any holds also for what the first condition knows nothing of', () => {
    const rule = ruleOf('any', condition('disk_percent', '>', 85), condition('dead_letters', '>', 10));
    expect(holding(rule, [sees('dead_letters', 20)])).toEqual([[{}, true]]);
    expect(holding(rule, [sees('dead_letters', 20), sees('disk_percent', 1, a)])).toEqual([[a, true]]);
    // An alert that there is stays the one, whatever comes and goes.
    expect(holding(rule, [sees('dead_letters', 20)], { known: [a] })).toEqual([[a, true]]);
  });

  it('does not hold any more for a series that is gone, and is unknown where its monitor tells nothing', () => {
    const rule = ruleOf('all', condition('breaker_open_seconds', '>', 5));
    const known = [{ breaker: 'redis', node: 'a' }];
    expect(holding(rule, [], { known })).toEqual([[known[0], false]]);
    expect(holding(rule, [], { known, failed: ['health'] })).toEqual([[known[0], 'unknown']]);
    expect(holding(rule, [], { known, failed: ['dlq'] })).toEqual([[known[0], false]]);
  });

  it('is unknown for a node whose own monitor failed, and for that one alone', () => {
    const rule = ruleOf('all', condition('disk_percent', '>', 85));
    const seen = [sees('monitor_failed', 1, { monitor: 'resources', node: 'b' })];
    expect(holding(rule, seen, { known: [a, b] })).toEqual([
      [a, false],
      [b, 'unknown'],
    ]);
  });

  it('goes by what was seen, also of a monitor that failed elsewhere', () => {
    const rule = ruleOf('all', condition('disk_percent', '>', 85));
    const verdicts = holding(rule, [sees('disk_percent', 90, b)], { failed: ['resources'], known: [a, b] });
    expect(verdicts).toEqual([
      [b, true],
      [a, 'unknown'],
    ]);
  });

  it('knows of failed monitors whatever failed', () => {
    const rule = ruleOf('all', condition('monitor_failed', '>=', 1));
    const labels = { monitor: 'dlq', node: 'a' };
    expect(holding(rule, [], { failed: ['health'], known: [labels] })).toEqual([[labels, false]]);
  });

  it('has no opinion on what is no number', () => {
    const rule = ruleOf('all', condition('disk_percent', '!=', 85));
    expect(holding(rule, [sees('disk_percent', Number.NaN, a)])).toEqual([]);
  });

  it('of three-valued conditions says what a person would', () => {
    const value = fc.constantFrom('yes', 'no', 'unknown');
    fc.assert(
      fc.property(value, value, fc.constantFrom('all' as const, 'any' as const), (disk, lag, match) => {
        const rule = ruleOf(match, condition('disk_percent', '>', 85), condition('event_lag_seconds', '>', 300));
        const seen = [
          ...(disk === 'unknown' ? [] : [sees('disk_percent', disk === 'yes' ? 90 : 10, a)]),
          ...(lag === 'unknown' ? [] : [sees('event_lag_seconds', lag === 'yes' ? 400 : 1)]),
        ];
        const failed: OpsMonitor[] = [];
        if (disk === 'unknown') failed.push('resources');
        if (lag === 'unknown') failed.push('health');
        const both = [disk, lag];
        const decisive = match === 'all' ? 'no' : 'yes';
        const expected = both.includes(decisive)
          ? match === 'any'
          : both.includes('unknown')
            ? 'unknown'
            : match === 'all';
        expect(holding(rule, seen, { failed, known: [a] })).toEqual([[a, expected]]);
      }),
    );
  });
});

describe('labels', () => {
  it('are the same in whatever order, and others when one is other', () => {
    const label = fc.dictionary(fc.string({ maxLength: 4 }), fc.string({ maxLength: 4 }), { maxKeys: 4 });
    fc.assert(
      fc.property(label, label, (one, other) => {
        const turned = Object.fromEntries(Object.entries(one).reverse());
        expect(labelsKey(turned)).toBe(labelsKey(one));
        const same = JSON.stringify(Object.entries(one).sort()) === JSON.stringify(Object.entries(other).sort());
        expect(labelsKey(one) === labelsKey(other)).toBe(same);
      }),
    );
  });
});

describe('the worse of two values', () => {
  it('is one that holds, if one of them does', () => {
    const operator = fc.constantFrom('>', '>=', '<', '<=', '=', '!=');
    fc.assert(
      fc.property(operator, fc.integer(), fc.integer(), fc.integer(), (op, limit, one, other) => {
        const worst = worse(op, limit, one, other);
        expect([one, other]).toContain(worst);
        if (op === '=' || (!compare(one, op, limit) && !compare(other, op, limit))) return;
        expect(compare(worst, op, limit)).toBe(true);
      }),
    );
  });
});
