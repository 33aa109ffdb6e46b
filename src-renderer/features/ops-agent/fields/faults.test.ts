import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { opsChannelDraft, opsRuleDraft } from '../../../../src-contract/index.ts';
import { faultAt, faultsIn, faultsOf } from './faults.ts';

const RULE = {
  name: 'Many',
  severity: 'high',
  conditions: [{ signal: 'dead_letters', operator: '>', limit: { kind: 'number', value: 5 } }],
};

describe('what is wrong with a form', () => {
  it('is nothing with what the contract takes', () => {
    expect(faultsIn(opsRuleDraft, RULE)).toEqual({});
  });

  it('is told beside its field, in words', () => {
    const condition = { ...RULE.conditions[0], limit: { kind: 'number', value: Number.NaN } };
    const faults = faultsIn(opsRuleDraft, {
      ...RULE,
      name: ' ',
      conditions: [condition],
      for_seconds: 1.5,
      resolve_after_seconds: 100_000,
      advice: 'x'.repeat(2001),
    });
    expect(faults).toEqual({
      name: 'It must not be empty.',
      'conditions[0].limit.value': 'It must be a number.',
      for_seconds: 'It must be a whole number.',
      resolve_after_seconds: 'It must be at most 86,400.',
      advice: 'It is too long: at most 2,000 characters.',
    });
    expect(faultAt(faults, 'conditions[0]')).toBe('It must be a number.');
    expect(faultAt(faults, 'condition')).toBeUndefined();
  });

  it('names what an address and a time look like', () => {
    const draft = {
      name: 'Mail',
      target: { kind: 'email', to: ['nobody'] },
      quiet_hours: { from: '25:00', to: '07:00', time_zone: 'UTC' },
    };
    expect(faultsIn(opsChannelDraft, draft)).toEqual({
      'target.to[0]': 'It must be an e-mail address.',
      'quiet_hours.from': 'It must be a time such as 22:30.',
    });
  });

  it('is told as the engine says it', () => {
    const error = new ORPCError('VALIDATION_FAILED', {
      data: { field: 'draft.name', issues: [{ field: 'draft.name', message: 'must not be taken' }] },
    });
    expect(faultsOf(error, 'draft')).toEqual({ name: 'It must not be taken.' });
    const deep = new ORPCError('VALIDATION_FAILED', {
      data: { field: '', issues: [{ field: 'draft.conditions.2.limit', message: 'can never hold: it is 0 to 2' }] },
    });
    expect(faultsOf(deep, 'draft')).toEqual({ 'conditions[2].limit': 'It can never hold: it is 0 to 2.' });
    expect(faultsOf(new Error('away'))).toEqual({});
  });
});
