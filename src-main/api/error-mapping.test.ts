import { ValidationError } from '@orpc/contract';
import { ORPCError } from '@orpc/server';
import pino from 'pino';
import { describe, expect, it } from 'vitest';
import type { ERRORS } from '../../src-contract/index.ts';
import { invalidField } from '../errors.ts';
import { toApiError } from './error-mapping.ts';

type Data = { field: string; issues: (typeof ERRORS.VALIDATION_FAILED.data)['_output']['issues'] };

function refused(issues: readonly object[]): { message: string; data: Data } {
  const cause = new ValidationError({ message: 'invalid', issues: issues as ValidationError['issues'], data: {} });
  const error = toApiError(new ORPCError('BAD_REQUEST', { cause }), pino({ level: 'silent' }));
  expect(error).toMatchObject({ code: 'VALIDATION_FAILED', status: 400 });
  return error as unknown as { message: string; data: Data };
}

describe('an input that is refused', () => {
  it('is told by the field, as one would write it', () => {
    const { message, data } = refused([{ message: 'is wrong', path: ['messages', 3, 'content'] }]);
    expect(message).toBe('messages[3].content: is wrong');
    expect(data).toEqual({
      field: 'messages[3].content',
      issues: [{ field: 'messages[3].content', message: 'is wrong' }],
    });
  });

  it('is told by its first 20 faults and the number of the others', () => {
    const { message, data } = refused(
      Array.from({ length: 1_000 }, (_, index) => ({ message: 'is wrong', path: ['ids', index] })),
    );
    expect(message).toBe('ids[0]: is wrong (and 999 more)');
    expect(data.issues).toHaveLength(20);
  });

  it('is told by 20 of its unknown fields, each by the beginning of its name', () => {
    const keys = Array.from({ length: 400_000 }, (_, index) => `${index}${index === 0 ? 'x'.repeat(10_000) : ''}`);
    const { message, data } = refused([{ message: 'unknown keys', path: ['action'], keys }]);
    expect(message).toMatch(/^action\.0xxx.{0,200}… *: is not a known field \(and 399999 more\)$/);
    expect(data.issues).toHaveLength(20);
    expect(JSON.stringify(data).length).toBeLessThan(2000);
  });

  it('is told the same when the domain refuses it', () => {
    const error = toApiError(invalidField('confirm', 'must repeat the user id'), pino({ level: 'silent' }));
    expect(error.message).toBe('confirm: must repeat the user id');
  });
});
