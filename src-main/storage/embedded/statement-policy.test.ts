import { describe, expect, it } from 'vitest';
import { refuseStatement, refuseStatementName } from './statement-policy.ts';

describe('what the embedded database refuses', () => {
  it.each([
    'copy t from stdin',
    "COPY t FROM PROGRAM 'ls'",
    'copy (select 1) to stdout',
    'set role archon_app',
    'SET SESSION statement_timeout = 1',
    "set time zone 'UTC'",
    'set session characteristics as transaction read only',
    'discard all',
    'prepare q as select 1',
    'deallocate all',
    'create temp table t (a int)',
    'create local temporary table t (a int)',
    'select pg_advisory_lock(1)',
    'select pg_try_advisory_lock_shared(1)',
    "select set_config('app.org', 'x', false)",
  ])('%s', (statement) => {
    expect(refuseStatement(statement)).toMatchObject({ code: '0A000', hint: expect.stringMatching(/./) });
  });

  it('named statements', () => {
    expect(refuseStatementName('q1')?.code).toBe('0A000');
    expect(refuseStatementName('')).toBeNull();
  });
});

describe('what the embedded database lets through', () => {
  it.each([
    'select 1',
    'set local role archon_app',
    'set transaction isolation level serializable',
    'set constraints all deferred',
    'reset role',
    'update t set a = 1',
    'create table temp_things (a int)',
    'create temp table t on commit drop as select 1',
    'select pg_advisory_xact_lock(1)',
    "select set_config('app.org', 'x', true)",
    'listen a',
    "insert into notes values ('copy t from stdin')",
  ])('%s', (statement) => {
    expect(refuseStatement(statement)).toBeNull();
  });
});
