import { expect, it } from 'vitest';
import type { ConnectionStep } from '../../../../../src-contract/index.ts';
import { outcomeOf, reportText, tookText, withStep } from './test-report.ts';

const step = (name: ConnectionStep['step'], rest: Partial<ConnectionStep> = {}): ConnectionStep => ({
  step: name,
  state: 'ok',
  detail: null,
  advice: null,
  took_ms: null,
  ...rest,
});

it('a step is told as running and then with what came of it, in its place', () => {
  const told = [step('dns', { state: 'running' }), step('tcp', { state: 'running' }), step('dns')];
  expect(told.reduce<ConnectionStep[]>(withStep, [])).toEqual([step('dns'), step('tcp', { state: 'running' })]);
});

it('the worst of the steps is how it went', () => {
  expect(outcomeOf([step('dns'), step('tls', { state: 'skipped' })])).toBe('ok');
  expect(outcomeOf([step('dns'), step('pooler', { state: 'warning' })])).toBe('warning');
  expect(outcomeOf([step('pooler', { state: 'warning' }), step('login', { state: 'failed' })])).toBe('failed');
});

it('the report says each step with its time and advice', () => {
  const steps = [
    step('tcp', { took_ms: 3.21, detail: 'db:5432' }),
    step('login', { state: 'failed', took_ms: 1500, detail: 'wrong password', advice: 'Write the password anew.' }),
  ];
  expect(reportText('Production', steps)).toBe(
    [
      'Test of the connection Production',
      'Reach the server: ok (3.2 ms): db:5432',
      'Log in: failed (1.5 s): wrong password',
      '  Write the password anew.',
    ].join('\n'),
  );
  expect(tookText(12.4)).toBe('12 ms');
});
