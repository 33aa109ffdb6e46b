import { describe, expect, it } from 'vitest';
import { DatabaseTooOldError, requireSupportedServer } from './server-version.ts';

describe('a PostgreSQL server', () => {
  it('is refused when it is older than 15, and the message says what is needed', () => {
    const old = { version: 'PostgreSQL 14.22', version_number: 140_022 };
    expect(() => requireSupportedServer(old)).toThrow(DatabaseTooOldError);
    expect(() => requireSupportedServer(old)).toThrow(/PostgreSQL 14\.22.*15 or newer/);
  });

  it('is taken from 15 on', () => {
    requireSupportedServer({ version: 'PostgreSQL 15.0', version_number: 150_000 });
    requireSupportedServer({ version: 'PostgreSQL 18.1', version_number: 180_001 });
  });
});
