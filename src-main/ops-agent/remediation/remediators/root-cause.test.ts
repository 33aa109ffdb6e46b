import { describe, expect, it } from 'vitest';
import { rootCause } from './root-cause.ts';

describe('the root cause that a failed test shows', () => {
  it.each([
    ['postgres', 'The database is away (connect ECONNREFUSED 127.0.0.1:5432); try again.', /^PostgreSQL itself/],
    ['redis', 'connect ECONNREFUSED 127.0.0.1:6379', /^Redis itself/],
    ['postgres', 'getaddrinfo ENOTFOUND db.invalid', /^The network: the name/],
    ['redis', 'connect EHOSTUNREACH 10.0.0.1:6379', /^The network: there is no way/],
    ['postgres', 'password authentication failed for user "archon"', /^The login: PostgreSQL answers/],
    ['redis', 'WRONGPASS invalid username-password pair', /^The login: Redis answers/],
    ['postgres', 'sorry, too many clients already', /^PostgreSQL has no connection left/],
    ['redis', 'LOADING Redis is loading the dataset in memory', /^Redis starts or stops/],
    ['postgres', 'timeout expired', /^PostgreSQL does not answer in time/],
    ['redis', 'Connection is closed.', /^Redis cut the connection/],
    ['webhook', 'it answered with status 500', /^The receiver of the webhook answers with an error/],
    ['postgres', 'self-signed certificate in certificate chain', /^The encryption/],
  ] as const)('%s: %s', (service, reason, expected) => {
    const cause = rootCause(service, reason);
    expect(cause).toMatch(expected);
    // What it really said is never hidden behind what we make of it.
    expect(cause).toContain(reason);
  });
});
