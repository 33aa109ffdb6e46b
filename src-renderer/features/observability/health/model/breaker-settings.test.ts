import { describe, expect, it } from 'vitest';
import { sampleBreaker } from '../../../../../tests/support/health-samples.ts';
import { formOf, patchOf } from './breaker-settings.ts';

const breaker = sampleBreaker();
const patch = (given: Partial<ReturnType<typeof formOf>>) => patchOf({ ...formOf(breaker), ...given }, breaker);

describe('the settings of a breaker', () => {
  it('send only what was changed', () => {
    expect(patch({})).toEqual({ patch: {} });
    expect(patch({ threshold: ' 7 ' })).toEqual({ patch: { threshold: 7 } });
    expect(patch({ enabled: false, reset_seconds: '3600' })).toEqual({
      patch: { enabled: false, reset_seconds: 3600 },
    });
  });

  it('say what is wrong beside the field', () => {
    for (const threshold of ['0', '11', '', '1.5', '-1', '1e1', '٣']) {
      expect(patch({ threshold })).toEqual({ errors: { threshold: 'A whole number from 1 to 10.' } });
    }
    expect(patch({ threshold: '0', reset_seconds: '3601' })).toEqual({
      errors: { threshold: 'A whole number from 1 to 10.', reset_seconds: 'A whole number from 1 to 3,600.' },
    });
  });
});
