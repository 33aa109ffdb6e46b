import { ORPCError } from '@orpc/client';
import { describe, expect, it } from 'vitest';
import { ArchonError } from '../errors.ts';
import { ListenRefusedError } from '../server/bind-rules.ts';
import { ConfigError } from '../settings/load-config.ts';
import { DataFolderInUseError } from '../storage/data-folder-lock.ts';
import { DatabaseRightsError } from '../storage/migrator.ts';
import { DatabaseTooOldError } from '../storage/server-version.ts';
import { SessionStoreUnavailableError } from '../storage/sessions/session-store.ts';
import { CommandError, describeFailure, EXIT_CODES } from './exit-codes.ts';

describe('how a failed command ends', () => {
  it.each([
    [new CommandError('not_found', 'There is no file x.'), 'not_found', 'There is no file x.'],
    [new ConfigError(['a', 'b']), 'usage', 'a\nb'],
    [new ListenRefusedError('port taken'), 'usage', 'port taken'],
    [new DataFolderInUseError('/data', null), 'in_use', 'another process'],
    [new SessionStoreUnavailableError('Redis is away'), 'store_away', 'Redis is away'],
    [new ArchonError('STORAGE_FULL', 'disk full'), 'store_away', 'disk full'],
    [new ORPCError('NOT_FOUND', { message: 'no such user' }), 'not_found', 'no such user'],
    [new DatabaseTooOldError('PostgreSQL 14.2'), 'usage', '15 or newer'],
    [new DatabaseRightsError('guest', 'archon', ['CREATE ROLE archon_app;']), 'failed', 'once:\nCREATE ROLE'],
    [new DOMException('aborted', 'AbortError'), 'interrupted', 'Stopped'],
    [new TypeError('fetch failed'), 'failed', 'does not answer'],
  ] as const)('%s', (error, ending, message) => {
    const failure = describeFailure(error);
    expect(failure).toMatchObject({ ending, message: expect.stringContaining(message), unexpected: false });
  });

  it('names every field the API refused', () => {
    const issues = [
      { field: 'user_id', message: 'too long' },
      { field: 'limit', message: 'too small' },
    ];
    const error = new ORPCError('VALIDATION_FAILED', { data: { field: 'user_id', issues } });
    expect(describeFailure(error)).toMatchObject({ ending: 'usage', message: 'user_id: too long\nlimit: too small' });
  });

  it('logs what nobody foresaw', () => {
    expect(describeFailure(new Error('boom'))).toMatchObject({ ending: 'failed', message: 'boom', unexpected: true });
    expect(describeFailure('text')).toMatchObject({ message: 'text', unexpected: true });
  });

  it('has a number of its own for every ending', () => {
    const codes = Object.values(EXIT_CODES).map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
  });
});
