import { expect, it } from 'vitest';
import { sampleStatus } from '../../../../tests/support/ops-samples.ts';
import { opsMark } from './ops-mark.ts';

it('says nothing while nothing fires or waits', () => {
  expect(opsMark(sampleStatus({}))).toBeUndefined();
  expect(opsMark(sampleStatus({ alerts: { firing: 0, pending: 3, worst: null } }))).toBeUndefined();
});

it('counts what fires and what waits, and is as bad as the worst', () => {
  expect(opsMark(sampleStatus({ approvals: 1 }))).toEqual({
    tone: 'accent',
    count: 1,
    words: '1 action waits for approval',
  });
  expect(opsMark(sampleStatus({ alerts: { firing: 2, pending: 0, worst: 'high' }, approvals: 2 }))).toEqual({
    tone: 'bad',
    count: 4,
    words: '2 alerts fire, 2 actions wait for approval',
  });
  const paused = { by: 'ada', at: '2026-11-30T12:00:00Z', reason: null, until: null };
  expect(opsMark(sampleStatus({ paused }))).toEqual({ tone: 'warn', count: 0, words: 'paused' });
});
