import { describe, expect, it } from 'vitest';
import { defaultConfig } from '../settings/config-schema.ts';
import { remotePoolConfig } from './remote-postgres.ts';

describe('the connection to a server', () => {
  it('waits for an answer longer than the server may take for it, but not for ever', () => {
    const config = { ...defaultConfig('/data'), 'database.statement_timeout_ms': 60_000 };
    const { query_timeout = 0 } = remotePoolConfig(config, 'postgres://db/archon');
    expect(query_timeout).toBeGreaterThan(60_000);
    expect(query_timeout).toBeLessThan(120_000);
  });
});
