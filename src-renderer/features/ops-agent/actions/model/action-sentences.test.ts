import { describe, expect, it } from 'vitest';
import { OPS_ACTION_STATES, type OpsActionState } from '../../../../../src-contract/ops-actions.ts';
import { sampleAction } from '../../../../../tests/support/ops-samples.ts';
import { ACTION_STATES } from '../../words/action-words.ts';
import { originWords, stateSentence } from './action-sentences.ts';

const NOW_MS = Date.parse('2026-11-30T12:00:00Z');
const says = (state: OpsActionState) => stateSentence(sampleAction(1, { state }), NOW_MS);

describe('the sentence about an action', () => {
  it('counts up what goes on, and down what ends by itself', () => {
    expect(says({ state: 'running', since: '2026-11-30T11:59:56Z' })).toBe('Under way for 4 s.');
    expect(says({ state: 'waiting_approval', expires_at: '2026-11-30T12:59:00Z' })).toBe(
      'Waits for a person, for 59 min more.',
    );
    expect(says({ state: 'verifying', since: '2026-11-30T11:59:56Z', until: '2026-11-30T11:59:59Z' })).toMatch(
      /at its end now\.$/,
    );
  });

  it('gives the reason there is', () => {
    expect(says({ state: 'failed', at: '2026-11-30T12:00:00Z', error: 'no disk' })).toBe(
      'It could not be done: no disk',
    );
    expect(says({ state: 'rejected', at: '2026-11-30T12:00:00Z', by: 'ada', reason: null })).toBe('ada rejected it.');
    expect(says({ state: 'rejected', at: '2026-11-30T12:00:00Z', by: 'ada', reason: 'later' })).toBe(
      'ada rejected it: later',
    );
  });
});

it('has a name for every state there is', () => {
  expect(Object.keys(ACTION_STATES).toSorted()).toEqual(OPS_ACTION_STATES.toSorted());
});

it('says who wanted it', () => {
  expect(originWords(sampleAction(1))).toBe('Rule: A worker crashes');
  expect(originWords(sampleAction(1, { origin: { kind: 'person', by: 'ada', reason: null } }))).toBe('By ada');
});
