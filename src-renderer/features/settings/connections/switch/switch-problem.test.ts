import { ORPCError } from '@orpc/client';
import { expect, it } from 'vitest';
import { switchProblem } from './switch-problem.ts';

const PREVIEW = { current: 1, target: 3, pending: [{ version: 2, name: 'links', sql: 'CREATE TABLE links ()' }] };

it('asks for the migrations that the engine lists', () => {
  const error = new ORPCError('MIGRATIONS_PENDING', { status: 409, data: PREVIEW });
  expect(switchProblem(error)).toEqual({ kind: 'migrations', preview: PREVIEW });
});

it('tells of migrations whose list cannot be read as of a failure, rather than confirming what nobody has seen', () => {
  const error = new ORPCError('MIGRATIONS_PENDING', { status: 409, data: { pending: 'all' } });
  expect(switchProblem(error)).toEqual({ kind: 'failed', error });
});

it('tells what runs from what failed', () => {
  const busy = new ORPCError('CONFLICT', { status: 409, message: 'An import runs.' });
  expect(switchProblem(busy)).toEqual({ kind: 'busy', message: 'An import runs.' });
  const away = new ORPCError('STORAGE_UNAVAILABLE', { status: 503 });
  expect(switchProblem(away)).toEqual({ kind: 'failed', error: away });
  expect(switchProblem(new Error('socket closed')).kind).toBe('failed');
});
