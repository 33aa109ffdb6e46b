import { describe, expect, it } from 'vitest';
import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { sampleStatus } from '../../../../../tests/support/ops-samples.ts';
import { agentSentence, agentTone, doingWords, pauseEnd } from './agent-words.ts';

const NOW_MS = Date.parse('2026-11-30T12:00:00Z');
const says = (patch: Partial<OpsStatus>) => agentSentence(sampleStatus(patch));

describe('the sentence about the ops agent', () => {
  it('says what it does by its mode, and that nothing is wrong', () => {
    expect(says({})).toBe('The ops agent watches, and heals what it can. Nothing is wrong.');
    expect(says({ mode: 'approval' })).toMatch(/asks before it acts\. Nothing is wrong\.$/);
    expect(says({ mode: 'dry_run' })).toMatch(/only says what it would do/);
  });

  it('says how many alerts fire, and how many actions wait', () => {
    expect(says({ alerts: { firing: 1, pending: 0, worst: 'high' }, approvals: 2 })).toBe(
      'The ops agent watches, and heals what it can. 1 alert fires, the worst is high. 2 actions wait for your approval.',
    );
  });

  it('says that it is paused, whatever its mode', () => {
    const paused = { by: 'ada', at: '2026-11-30T11:00:00Z', reason: null, until: null };
    expect(says({ paused, mode: 'dry_run' })).toMatch(/^The ops agent is paused: it watches and tells/);
  });

  it('never says that nothing is wrong while it does not know', () => {
    const blind = sampleStatus({}).monitors.map((one) => ({ ...one, state: 'timed_out' as const }));
    expect(says({ monitors: blind })).toMatch(/No alert fires, but 5 monitors do not answer\.$/);
    expect(says({ last_round: null })).toMatch(/It has not looked yet\.$/);
    expect(says({ agent: { state: 'off', reason: 'Open for reading only.' } })).toBe(
      'The ops agent does not run here.',
    );
    const failed = { at: '2026-11-30T11:59:00Z', duration_ms: 3, trigger: 'event' as const, observations: 0 };
    expect(says({ last_round: { ...failed, error: 'no disk' } })).toMatch(/its last look failed\.$/);
  });
});

describe('the tone of the sentence', () => {
  it('goes with the worst that is known', () => {
    expect(agentTone(sampleStatus({}))).toBe('ok');
    expect(agentTone(sampleStatus({ alerts: { firing: 1, pending: 0, worst: 'low' } }))).toBe('warn');
    expect(agentTone(sampleStatus({ alerts: { firing: 2, pending: 0, worst: 'critical' } }))).toBe('bad');
    expect(agentTone(sampleStatus({ approvals: 1 }))).toBe('warn');
    expect(agentTone(sampleStatus({ agent: { state: 'off', reason: 'x' } }))).toBe('quiet');
  });
});

describe('what it does now', () => {
  it('counts down to the next look, and up while it works', () => {
    const at = (agent: OpsStatus['agent']) => doingWords(sampleStatus({ agent }), NOW_MS);
    expect(at({ state: 'waiting', next_round_at: '2026-11-30T12:00:42Z' })).toBe('Looks again in 42 s');
    expect(at({ state: 'waiting', next_round_at: '2026-11-30T11:59:00Z' })).toBe('Looks again now');
    expect(at({ state: 'working', since: '2026-11-30T11:59:57Z', doing: 'Asks the monitors' })).toBe(
      'Asks the monitors, for 3 s',
    );
    expect(at({ state: 'following', leader: 'b' })).toBe('b acts; this node tells it what it sees.');
    expect(at({ state: 'following', leader: null })).toMatch(/not known/);
    expect(at({ state: 'off', reason: 'It is switched off.' })).toBe('It is switched off.');
  });
});

it('says until when it is paused', () => {
  expect(pauseEnd(null, NOW_MS)).toBe('until somebody resumes it');
  expect(pauseEnd('2026-11-30T12:30:00Z', NOW_MS)).toMatch(/^until \d\d:\d\d$/);
  expect(pauseEnd('2026-12-03T12:30:00Z', NOW_MS)).toMatch(/^until \d Dec 2026, \d\d:\d\d$/);
});
