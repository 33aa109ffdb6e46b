import { describe, expect, it } from 'vitest';
import { connectionOf, connectionsOf } from './environment.ts';

describe('connections that the environment names', () => {
  it('are found in the variables of other programs', () => {
    const found = connectionsOf({
      DATABASE_URL: 'postgres://ana:pw@one/app',
      POSTGRES_URL: 'postgres://two@two/app',
      PGHOST: 'three',
      PGUSER: 'cy',
      PGPORT: '6000',
      PGPASSWORD: 'pw3',
      PGSSLMODE: 'require',
      REDIS_URL: 'rediss://:pw@cache:7000/2',
      ARCHON_DATABASE_URL: 'postgres://no@no/no',
    });
    expect(found.map(({ variable, redis_variable }) => [variable, redis_variable])).toEqual([
      ['DATABASE_URL', 'REDIS_URL'],
      ['POSTGRES_URL', 'REDIS_URL'],
      ['PGHOST', 'REDIS_URL'],
    ]);
    expect(found[2]?.settings.database).toMatchObject({
      host: 'three',
      port: 6000,
      user: 'cy',
      database: 'cy',
      password: 'pw3',
      tls: { mode: 'require' },
    });
    expect(found[0]?.settings.redis).toMatchObject({
      host: 'cache',
      db: 2,
      password: 'pw',
      tls: { mode: 'verify-full' },
    });
  });

  it('are left out when they are not for us, or cannot be read', () => {
    expect(
      connectionsOf({ DATABASE_URL: 'mysql://ana@db/app', POSTGRES_URL: 'postgres://ana:5%@db/app', PGHOST: '/run' }),
    ).toEqual([]);
    expect(() => connectionOf({ DATABASE_URL: '' }, 'DATABASE_URL')).toThrow(/no variable that holds a connection/);
  });
});
