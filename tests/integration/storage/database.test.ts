import pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Database } from '../../../src-main/storage/database.ts';
import { compiled, db } from '../../../src-main/storage/sql.ts';
import { DELIVERY_CANARIES } from '../../support/delivery-canaries.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

describe.each(databaseKinds.filter(({ available }) => available))('the database on $name', (kind) => {
  let test: TestDatabase;
  beforeAll(async () => {
    test = await kind.open();
  });
  afterAll(() => test.remove());

  const addOrgRow = (org_id: string) =>
    db.insertInto('archon_events').values({ org_id, type: 'test', user_id: null, actor: 't', payload: {} });

  it('works as a role that cannot bypass row-level security', async () => {
    const scope = await test.newScope();
    const [row] = await test.database.withScope(scope, (tx) =>
      tx.sql<{ role: string; bypass: boolean; super: boolean; org: string }>(
        `SELECT current_user AS role, rolbypassrls AS bypass, rolsuper AS super, current_setting('app.current_org_id') AS org
         FROM pg_roles WHERE rolname = current_user`,
      ),
    );
    expect(row).toEqual({ role: 'archon_app', bypass: false, super: false, org: scope.org_id });
  });

  it('leaves neither the role nor the organisation behind', async () => {
    await test.database.withScope(await test.newScope(), (tx) => tx.sql('SELECT 1'));
    const [row] = await test.database.transaction((tx) =>
      tx.sql<{ role: string; org: string | null }>(
        `SELECT current_user AS role, nullif(current_setting('app.current_org_id', true), '') AS org`,
      ),
    );
    expect(row?.role).not.toBe('archon_app');
    expect(row?.org).toBeNull();
  });

  it('rolls back everything when the work fails', async () => {
    const scope = await test.newScope();
    await expect(
      test.database.withScope(scope, async (tx) => {
        await tx.run(addOrgRow(scope.org_id));
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    const rows = await test.database.withScope(scope, (tx) => tx.sql('SELECT id FROM archon_events'));
    expect(rows).toEqual([]);
  });

  it('does not commit work that swallowed an error of the database', async () => {
    const scope = await test.newScope();
    await expect(
      test.database.withScope(scope, async (tx) => {
        await tx.run(addOrgRow(scope.org_id));
        await tx.sql('SELECT 1/0').catch(() => {});
      }),
    ).rejects.toThrow(/rolled back/);
  });

  it('writes all queries of one flight or none, and says what failed', async () => {
    const scope = await test.newScope();
    const bad = compiled('INSERT INTO archon_events (org_id, type, actor, payload) VALUES ($1, $2, $3, $4)', [
      scope.org_id,
      null,
      'x',
      '{}',
    ]);
    await expect(
      test.database.atOnce(scope, [addOrgRow(scope.org_id), bad, addOrgRow(scope.org_id)]),
    ).rejects.toMatchObject({
      code: '23502',
    });
    expect(await test.database.withScope(scope, (tx) => tx.sql('SELECT id FROM archon_events'))).toEqual([]);
    await test.database.atOnce(scope, [addOrgRow(scope.org_id), addOrgRow(scope.org_id)]);
    expect(await test.database.withScope(scope, (tx) => tx.sql('SELECT id FROM archon_events'))).toHaveLength(2);
  });

  it('refuses to write into another organisation', async () => {
    const [mine, theirs] = [await test.newScope(), await test.newScope()];
    await expect(test.database.withScope(mine, (tx) => tx.run(addOrgRow(theirs.org_id)))).rejects.toMatchObject({
      code: '42501',
    });
    await expect(test.database.atOnce(mine, [addOrgRow(theirs.org_id)])).rejects.toMatchObject({ code: '42501' });
  });

  it('refuses a scope that is no organisation id', async () => {
    const scope = { org_id: "x', true); DROP TABLE archon_orgs; --", actor: 'x' };
    await expect(test.database.withScope(scope, (tx) => tx.sql('SELECT 1'))).rejects.toThrow(/organisation id/);
  });

  it('throws instead of waiting for itself when the pool is asked inside a transaction', async () => {
    const scope = await test.newScope();
    const nested = test.database.withScope(scope, () => test.database.withScope(scope, (tx) => tx.sql('SELECT 1')));
    await expect(nested).rejects.toThrow(/transaction is open/);
  });

  it('serves many transactions at once, each with its own organisation', async () => {
    const scopes = await Promise.all(Array.from({ length: 20 }, () => test.newScope()));
    const seen = await Promise.all(
      scopes.map((scope) =>
        test.database.withScope(scope, async (tx) => {
          await tx.run(addOrgRow(scope.org_id));
          const rows = await tx.sql<{ org_id: string }>('SELECT org_id FROM archon_events');
          return rows.map(({ org_id }) => org_id);
        }),
      ),
    );
    expect(seen).toEqual(scopes.map(({ org_id }) => [org_id]));
  });

  it('hears notifications', async () => {
    const heard = vi.fn();
    const stop = await test.database.listen('archon_test', heard);
    await test.database.transaction((tx) => tx.sql(`SELECT pg_notify('archon_test', 'hello')`));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('hello'), { timeout: 10_000 });
    await stop();
    await test.database.transaction((tx) => tx.sql(`SELECT pg_notify('archon_test', 'too late')`));
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it('has row-level security forced on every table of ours, with org_id first in its key', async () => {
    const tables = await test.database.transaction((tx) =>
      tx.sql<{ name: string; enabled: boolean; forced: boolean; policies: number; first_key: string }>(
        `SELECT c.relname AS name, c.relrowsecurity AS enabled, c.relforcerowsecurity AS forced,
           (SELECT count(*) FROM pg_policy WHERE polrelid = c.oid AND polname = 'org_isolation') AS policies,
           (SELECT a.attname FROM pg_index AS i JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
            WHERE i.indrelid = c.oid AND i.indisprimary) AS first_key
         FROM pg_class AS c WHERE c.relkind IN ('r', 'p') AND c.relname LIKE 'archon\\_%' AND c.relname <> 'archon_migrations'`,
      ),
    );
    expect(tables.length).toBeGreaterThanOrEqual(7);
    for (const { name, ...found } of tables) {
      expect({ name, ...found }).toEqual({ name, enabled: true, forced: true, policies: 1, first_key: 'org_id' });
    }
  });

  it('shows no row of another organisation in any table, and changes none', async () => {
    const [mine, theirs] = [await test.newScope(), await test.newScope()];
    const id = uuidv7();
    await test.database.withScope(theirs, async (tx) => {
      await tx.sql(
        `INSERT INTO archon_longterm_memory (org_id, id, user_id, memory_type, content, token_count, provenance, importance_score, created_at, updated_at, valid_from, language)
         VALUES ($1, $2, 'canary', 'fact', '{"text":"canary"}', 1, '{}', 1, now(), now(), now(), 'english')`,
        [theirs.org_id, id],
      );
      await tx.sql(
        `INSERT INTO archon_working_memory (org_id, id, user_id, memory_type, content, token_count, relevance_score, relevance_at, created_at, updated_at, expires_at, language)
         VALUES ($1, $2, 'canary', 'action', '{"text":"canary"}', 1, 1, now(), now(), now(), now() + interval '1 day', 'english')`,
        [theirs.org_id, id],
      );
      await tx.sql(`INSERT INTO archon_memory_revisions VALUES ($1, $2, 1, 'working', 'updated', 'x', '{}', now())`, [
        theirs.org_id,
        id,
      ]);
      await tx.sql(`INSERT INTO archon_memory_links VALUES ($1, $2, $3, 'supports', now())`, [
        theirs.org_id,
        id,
        uuidv7(),
      ]);
      await tx.sql(`INSERT INTO archon_idempotency_keys VALUES ($1, 'k', 'o', 'h')`, [theirs.org_id]);
      await tx.sql(`INSERT INTO archon_settings VALUES ($1, 'canary', 'k', '1', now())`, [theirs.org_id]);
      await tx.sql(
        `INSERT INTO archon_settings_history (org_id, id, at, by_whom, user_id, changes)
         VALUES ($1, gen_random_uuid(), now(), 'canary', 'canary', '[]')`,
        [theirs.org_id],
      );
      for (const canary of DELIVERY_CANARIES) await tx.sql(canary, [theirs.org_id, id]);
      await tx.sql(`INSERT INTO archon_workers (org_id, name, planned_by) VALUES ($1, 'canary', '{}')`, [
        theirs.org_id,
      ]);
      await tx.sql(
        `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, queued_at)
         VALUES ($1, gen_random_uuid(), 'canary', 'manual', 'queued', 1, now(), false, now())`,
        [theirs.org_id],
      );
      await tx.sql(
        `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
         VALUES ($1, 'canary', 'canary', 'worker', '{}', now(), now(), now())`,
        [theirs.org_id],
      );
      await tx.sql(
        `INSERT INTO archon_ops_records (org_id, kind, id, at_ms, open, removed, document, changed_ms, writer, seq)
         VALUES ($1, 'alert', 'canary', 1, true, false, '{}', 1, 'canary', nextval('archon_ops_records_seq'))`,
        [theirs.org_id],
      );
      await tx.sql(
        `INSERT INTO archon_ops_leases (org_id, holder, node, taken_at, lease_until)
         VALUES ($1, 'canary', 'canary', now(), now())`,
        [theirs.org_id],
      );
      await tx.run(addOrgRow(theirs.org_id));
    });
    const tables = await test.database.transaction((tx) =>
      tx.sql<{ name: string }>(
        `SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relname LIKE 'archon\\_%' AND relname <> 'archon_migrations'`,
      ),
    );
    for (const { name } of tables) {
      const count = (scope: typeof mine) =>
        test.database.withScope(scope, async (tx) => {
          const [row] = await tx.sql<{ count: number }>(`SELECT count(*) AS count FROM ${name} WHERE org_id = $1`, [
            theirs.org_id,
          ]);
          return row?.count;
        });
      expect(await count(theirs), `${name} holds a canary`).toBe(1);
      expect(await count(mine), `${name} is closed to others`).toBe(0);
      if (name === 'archon_events') continue;
      const deleted = await test.database.withScope(mine, (tx) =>
        tx.sql(`DELETE FROM ${name} WHERE org_id = $1 RETURNING 1`, [theirs.org_id]),
      );
      expect(deleted, `${name} is safe from others`).toEqual([]);
    }
    const found = await test.database.withScope(mine, (tx) =>
      tx.sql(
        `SELECT * FROM archon_search_longterm('canary', ARRAY['canari'], NULL, NULL, NULL, NULL, NULL, NULL, NULL, 10)`,
      ),
    );
    expect(found).toEqual([]);
  });

  it('lets nobody change or remove an event', async () => {
    const scope = await test.newScope();
    for (const statement of ['DELETE FROM archon_events', `UPDATE archon_events SET type = 'x'`]) {
      await expect(test.database.withScope(scope, (tx) => tx.sql(statement))).rejects.toMatchObject({ code: '42501' });
    }
  });
});

describe.runIf(postgresAvailable)('the database when the server goes away', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres({ fsync: 'off' });
  });
  afterAll(() => server.remove());

  it('says that it is away and works again when the server is back, listeners included', async () => {
    const connectionString = await server.createDatabase('away');
    const database = new Database({
      pool: { connectionString, max: 3 },
      logger: silentLogger,
      statement_timeout_ms: 5000,
    });
    const [heard, reconnected] = [vi.fn(), vi.fn()];
    await database.listen('archon_test', heard, reconnected);
    expect((await database.ping()).version).toMatch(/^PostgreSQL \d+/);
    await server.stop('SIGQUIT');
    await expect(database.ping()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    await server.restart();
    await vi.waitFor(() => expect(reconnected).toHaveBeenCalled(), { timeout: 30_000 });
    await database.transaction((tx) => tx.sql(`SELECT pg_notify('archon_test', 'again')`));
    await vi.waitFor(() => expect(heard).toHaveBeenCalledWith('again'), { timeout: 10_000 });
    await database.close();
  });

  it('survives a connection that is cut in the middle of a transaction', async () => {
    const connectionString = await server.createDatabase('cut');
    const database = new Database({
      pool: { connectionString, max: 2 },
      logger: silentLogger,
      statement_timeout_ms: 9000,
    });
    const cut = () =>
      database.transaction(async (tx) => {
        const [row] = await tx.sql<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        const admin = new pg.Client(connectionString);
        await admin.connect();
        await admin.query('SELECT pg_terminate_backend($1)', [row?.pid]);
        await admin.end();
        await tx.sql('SELECT 1');
      });
    await expect(cut()).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect((await database.ping()).version_number).toBeGreaterThan(150000);
    await database.close();
  });

  it('gives up a statement that takes too long', async () => {
    const connectionString = await server.createDatabase('slow');
    const database = new Database({
      pool: { connectionString, max: 1 },
      logger: silentLogger,
      statement_timeout_ms: 200,
    });
    await expect(database.transaction((tx) => tx.sql('SELECT pg_sleep(30)'))).rejects.toMatchObject({
      code: 'STORAGE_UNAVAILABLE',
    });
    await database.close();
  });
});
