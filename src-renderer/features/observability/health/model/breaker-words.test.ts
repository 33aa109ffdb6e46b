import { describe, expect, it } from 'vitest';
import { sampleBreaker } from '../../../../../tests/support/health-samples.ts';
import { at, SAMPLE_NOW_MS } from '../../../../../tests/support/worker-samples.ts';
import { clock } from '../../../../ui/format.ts';
import { actionsOf, breakerSentence, reasonAgainst } from './breaker-words.ts';

const say = (given: Parameters<typeof sampleBreaker>[0]) => breakerSentence(sampleBreaker(given), SAMPLE_NOW_MS);
const open = (until_ms: number) =>
  ({ state: 'open', since: at(-1000), until: at(until_ms), error: 'refused' }) as const;
const isolated = { state: 'isolated', since: at(0), by: 'ada', reason: 'moved' } as const;

describe('a breaker in words', () => {
  it('counts failures against its threshold, and down to its next try', () => {
    expect(say({})).toBe('No failures.');
    expect(say({ state: { state: 'closed', failures: 3 } })).toBe('3 of 5 failures in a row.');
    expect(say({ enabled: false })).toContain('never opens');
    expect(say({ state: open(7000) })).toBe('Tried again in 7 s.');
    expect(say({ state: open(-7000) })).toBe('Tried again at any moment.');
    const { until } = open(7000);
    expect(breakerSentence(sampleBreaker({ state: open(7000) }), undefined)).toBe(
      `It was to be tried again at ${clock(until)}.`,
    );
    expect(say({ state: isolated })).toBe('No call is made until it is released. ada: moved');
  });

  it('offers what makes sense as it is, and says why something does not', () => {
    expect(actionsOf(sampleBreaker())).toEqual(['probe', 'reset', 'isolate']);
    expect(actionsOf(sampleBreaker({ state: isolated }))).toEqual(['probe', 'release']);
    // Each webhook has one of its own: that for all of them has settings only.
    expect(actionsOf(sampleBreaker({ name: 'webhook', service: 'webhook' }))).toEqual([]);
    expect(reasonAgainst('reset', sampleBreaker(), true)).toContain('no failures');
    expect(reasonAgainst('reset', sampleBreaker({ state: open(0) }), true)).toBeUndefined();
    expect(reasonAgainst('probe', sampleBreaker({ probe: false }), true)).toContain('cannot be tested');
    expect(reasonAgainst('probe', sampleBreaker({ in_use: false }), true)).toContain('does not use it');
    expect(reasonAgainst('release', sampleBreaker({ state: isolated }), false)).toContain('cannot be reached');
  });
});
