import { describe, expect, it } from 'vitest';
import type { Finding } from '../../../../src-contract/index.ts';
import { groupsOf, reportOf, summaryOf } from './model.ts';

const finding = (status: Finding['status'], check: string, advice: string | null = null): Finding => ({
  status,
  check,
  detail: `${check} is so`,
  advice,
  fix: null,
});

describe('what the doctor found', () => {
  it('is grouped with the worst first, and empty groups are left out', () => {
    const groups = groupsOf([finding('ok', 'a'), finding('failed', 'b'), finding('ok', 'c')]);
    expect(groups.map(({ status, findings }) => [status, findings.map(({ check }) => check)])).toEqual([
      ['failed', ['b']],
      ['ok', ['a', 'c']],
    ]);
  });

  it('is told in a sentence', () => {
    expect(summaryOf([finding('ok', 'a')])).toBe('All 1 checks are in order.');
    expect(summaryOf([finding('failed', 'a'), finding('ok', 'b')])).toBe('1 problem, of 2 checks.');
    expect(summaryOf([finding('failed', 'a'), finding('failed', 'b'), finding('warning', 'c')])).toBe(
      '2 problems and 1 thing to look at, of 3 checks.',
    );
  });

  it('becomes a text that says all of it', () => {
    const at = { checked_at: '2026-01-01T00:00:00.000Z', version: '1.2.3' };
    expect(reportOf([finding('ok', 'disk'), finding('warning', 'privacy', 'chmod 700 x')], at)).toBe(
      [
        'Archon 1.2.3, checked at 2026-01-01T00:00:00.000Z',
        '1 thing to look at, of 2 checks.',
        '',
        'Warning  privacy: privacy is so',
        '         → chmod 700 x',
        'OK       disk: disk is so',
        '',
      ].join('\n'),
    );
  });
});
