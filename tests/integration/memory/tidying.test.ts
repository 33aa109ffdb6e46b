/** What has run out is removed, all of it, and nothing else. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID, type Scope } from '../../../src-main/identity/scope.ts';
import { forgetOldKeys } from '../../../src-main/memory/idempotency.ts';
import { Tidying } from '../../../src-main/memory/tidying.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyEmptyCluster, temporaryFolder } from '../../support/embedded-cluster.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const HOUR_MS = 3_600_000;

it('is done by an engine for the organisations of its tokens', async () => {
  const folder = temporaryFolder();
  onTestFinished(folder.remove);
  await copyEmptyCluster(join(folder.path, 'postgres'));
  const start = async () => {
    const engine = new Engine({ config: defaultConfig(folder.path), logger: silentLogger });
    onTestFinished(() => engine.stop());
    await engine.start();
    return engine;
  };
  const scopes = [LOCAL_ORG_ID, '00000000-0000-7000-8000-0000000000b2'].map((org_id) => ({ org_id, actor: 'test' }));
  const first = await start();
  for (const scope of scopes) {
    first.tokens.create({ name: 'agent', org_id: scope.org_id });
    await first.organisations.ensure(scope);
    await first.database.withScope(scope, (tx) =>
      tx.sql(`INSERT INTO archon_idempotency_keys VALUES ($1, 'k', 'o', 'h', NULL, now() - interval '2 days')`, [
        scope.org_id,
      ]),
    );
  }
  await first.stop();
  const { database } = await start();
  for (const scope of scopes) {
    const keys = () => database.withScope(scope, (tx) => tx.sql('SELECT key FROM archon_idempotency_keys'));
    await expect.poll(keys, { timeout: 60_000 }).toEqual([]);
  }
});

describe.each(databaseKinds.filter(({ available }) => available))('tidying on $name', (kind) => {
  let test: TestDatabase;
  let services: MemoryServices;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services.close();
    await test.remove();
  });

  const tidying = (organisations: () => Iterable<string>) =>
    new Tidying({
      database: test.database,
      sessions: services.sessionStore,
      organisations,
      clock: services.clock,
      logger: silentLogger,
    });
  /** Keys used `age_hours` ago. */
  const addKeys = (scope: Scope, count: number, age_hours: number) =>
    test.database.withScope(scope, (tx) =>
      tx.sql(
        `INSERT INTO archon_idempotency_keys (org_id, key, operation, request_sha256, created_at)
         SELECT $1::uuid, $2 || '-' || n, 'test', 'x', $3::timestamptz FROM generate_series(1, $4::int) AS n`,
        [scope.org_id, age_hours, new Date(services.clock.now() - age_hours * HOUR_MS).toISOString(), count],
      ),
    );
  const keysOf = async (scope: Scope) => {
    const rows = await test.database.withScope(scope, (tx) =>
      tx.sql<{ key: string }>('SELECT key FROM archon_idempotency_keys'),
    );
    return rows.length;
  };

  it('removes every key older than a day of each organisation it is told of, and leaves the others alone', async () => {
    const [mine, theirs, strangers] = [await test.newScope(), await test.newScope(), await test.newScope()];
    await addKeys(mine, 1203, 25);
    await addKeys(mine, 3, 23);
    await addKeys(theirs, 2, 24.5);
    await addKeys(strangers, 2, 48);
    await tidying(() => [mine.org_id, theirs.org_id, mine.org_id]).tidy();
    expect([await keysOf(mine), await keysOf(theirs), await keysOf(strangers)]).toEqual([3, 0, 2]);
  });

  it('keeps a key that is claimed again while its removal waits for it', async () => {
    const scope = await test.newScope();
    await addKeys(scope, 1, 25);
    // As somebody else would: the transaction below refuses a second one of its own.
    const outside = AsyncLocalStorage.snapshot();
    let tidied: Promise<number> | undefined;
    await test.database.withScope(scope, async (tx) => {
      await tx.sql('UPDATE archon_idempotency_keys SET created_at = $1', [
        new Date(services.clock.now()).toISOString(),
      ]);
      tidied = outside(() => forgetOldKeys(test.database, scope, services.clock.now(), 10));
      // On the embedded database it waits for the whole transaction, on a server for the row.
      const waiting = () =>
        tx.sql<{ waiting: boolean }>('SELECT count(*) > 0 AS waiting FROM pg_locks WHERE NOT granted');
      while (kind.name === 'PostgreSQL' && !(await waiting())[0]?.waiting);
    });
    expect(await tidied).toBe(0);
    expect(await keysOf(scope)).toBe(1);
  });

  it('removes every expired session, however many there are, and lets others have a turn in between', async () => {
    const scope = await test.newScope();
    for (let i = 0; i < 1100; i += 1) {
      await services.sessions.create(scope, { session_id: `s-${i}`, user_id: 'ada', messages: [] });
    }
    services.clock.advance({ minutes: 120 });
    await services.sessions.create(scope, { session_id: 'live', user_id: 'ada', messages: [] });
    const round = tidying(() => []);
    let turns = 0;
    let done = false;
    const count = () => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await round.tidy();
    done = true;
    expect(turns).toBeGreaterThanOrEqual(2);
    expect(await services.sessionStore.sweep(services.clock.now(), 5000)).toBe(0);
    expect(await services.sessions.get(scope, { session_id: 'live', message_limit: 1 })).toBeDefined();
  });

  it('tidies keys when the sessions are away, and stops between two batches', async () => {
    const scope = await test.newScope();
    await addKeys(scope, 1, 25);
    const away = new Tidying({
      database: test.database,
      sessions: { sweep: () => Promise.reject(new Error('away')) },
      organisations: () => [scope.org_id],
      clock: services.clock,
      logger: silentLogger,
    });
    await away.tidy();
    expect(await keysOf(scope)).toBe(0);

    let batches = 0;
    const endless = new Tidying({
      database: test.database,
      sessions: {
        sweep: async () => {
          batches += 1;
          if (batches === 3) void endless.stop();
          return 500;
        },
      },
      organisations: () => [],
      clock: services.clock,
      logger: silentLogger,
    });
    endless.start();
    await endless.tidy();
    expect(batches).toBe(3);
  });
});
