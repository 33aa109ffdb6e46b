import { v7 as uuidv7 } from 'uuid';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { Database, type Transaction } from '../../../src-main/storage/database.ts';
import { readRights } from '../../../src-main/storage/database-rights.ts';
import {
  DatabaseRightsError,
  DatabaseTooNewError,
  MigrationChangedError,
  migrate,
  readMigrations,
} from '../../../src-main/storage/migrator.ts';
import { DELIVERY_CANARIES } from '../../support/delivery-canaries.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { databaseKinds, silentLogger } from '../../support/test-databases.ts';

const migrations = readMigrations(migrationsFolder);
const SCOPE = { org_id: '00000000-0000-7000-8000-0000000000a1', actor: 'test' };
/** A row for every table but that of the organisations; the values are the organisation and an id. */
const CANARIES = [
  `INSERT INTO archon_longterm_memory (org_id, id, user_id, memory_type, content, token_count, provenance, importance_score, created_at, updated_at, valid_from, language)
   VALUES ($1, $2, 'canary', 'fact', '{"text":"canary"}', 1, '{}', 1, now(), now(), now(), 'english')`,
  `INSERT INTO archon_working_memory (org_id, id, user_id, memory_type, content, token_count, relevance_score, relevance_at, created_at, updated_at, expires_at, language)
   VALUES ($1, $2, 'canary', 'action', '{"text":"canary"}', 1, 1, now(), now(), now(), now() + interval '1 day', 'english')`,
  `INSERT INTO archon_memory_revisions VALUES ($1, $2, 1, 'working', 'updated', 'x', '{}', now())`,
  `INSERT INTO archon_memory_links VALUES ($1, $2, gen_random_uuid(), 'supports', now())`,
  `INSERT INTO archon_idempotency_keys VALUES ($1, $2, 'o', 'h')`,
  `INSERT INTO archon_events (org_id, type, actor, payload) VALUES ($1, $2, 'x', '{}')`,
  `INSERT INTO archon_settings VALUES ($1, $2, 'k', '1', now())`,
  `INSERT INTO archon_settings_history VALUES ($1, $2, now(), 'x', 'canary', '[]')`,
  ...DELIVERY_CANARIES,
  `INSERT INTO archon_workers (org_id, name, planned_by) VALUES ($1, $2, '{}')`,
  `INSERT INTO archon_worker_runs (org_id, run_id, worker, trigger, status, attempt, not_before, pinned, queued_at)
   VALUES ($1, $2, 'canary', 'manual', 'queued', 1, now(), false, now())`,
  `INSERT INTO archon_worker_nodes (org_id, node_id, name, kind, workers, started_at, heartbeat_at, lease_until)
   VALUES ($1, $2, 'canary', 'worker', '{}', now(), now(), now())`,
  `INSERT INTO archon_ops_records (org_id, kind, id, at_ms, open, removed, document, changed_ms, writer, seq)
   VALUES ($1, 'alert', $2, 1, true, false, '{}', 1, 'canary', nextval('archon_ops_records_seq'))`,
  `INSERT INTO archon_ops_leases (org_id, holder, node, taken_at, lease_until) VALUES ($1, $2, 'canary', now(), now())`,
];

describe.each(databaseKinds.filter(({ available }) => available))('migrations on $name', (kind) => {
  it('are told without being applied, then applied once', async () => {
    const { database, remove } = await kind.open({ migrated: false });
    const names = migrations.map(({ version, name }) => ({ version, name }));
    const target = migrations.length;
    expect(await migrate(database, migrations, { dry_run: true })).toEqual({
      current: 0,
      target,
      pending: names,
      applied: false,
    });
    expect(await migrate(database, migrations)).toMatchObject({ current: 0, pending: names, applied: true });
    expect(await migrate(database, migrations)).toEqual({ current: target, target, pending: [], applied: false });
    await remove();
  });

  it('are refused by an app older than the database, or with other contents', async () => {
    const { database, remove } = await kind.open();
    const next = { version: migrations.length + 1, name: 'next', sql: 'CREATE TABLE next ()', sha256: 'x' };
    await migrate(database, [...migrations, next]);
    await expect(migrate(database, migrations)).rejects.toThrow(DatabaseTooNewError);
    await expect(migrate(database, [...migrations, { ...next, sha256: 'y' }])).rejects.toThrow(MigrationChangedError);
    await remove();
  });

  it('leave nothing behind when one of them fails', async () => {
    const { database, remove } = await kind.open({ migrated: false });
    const broken = { version: migrations.length + 1, name: 'broken', sql: 'SELECT nonsense', sha256: 'x' };
    await expect(migrate(database, [...migrations, broken])).rejects.toThrow(/nonsense/);
    expect((await migrate(database, migrations, { dry_run: true })).current).toBe(0);
    await remove();
  });
});

describe.runIf(postgresAvailable)('migrations on a server of many', () => {
  let server: PostgresServer;
  let admin: Database;
  const open: Database[] = [];
  // Roles belong to the server, so each test has its own.
  beforeEach(async () => {
    server = await startPostgres({ fsync: 'off' });
    admin = connect('postgres', 'postgres');
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((database) => database.close()));
    await server.remove();
  });

  function connect(login: string, name: string): Database {
    const connectionString = `postgres://${login}@127.0.0.1:${server.port}/${name}`;
    const database = new Database({
      pool: { connectionString, max: 2 },
      logger: silentLogger,
      statement_timeout_ms: 30_000,
    });
    open.push(database);
    return database;
  }

  const asAdmin = (sql: string, database = admin) => database.transaction((tx) => tx.sql(sql));

  /** An empty database that belongs to a login, and a connection as that login. */
  async function newDatabase(name: string, owner: string): Promise<Database> {
    await server.createDatabase(name);
    await asAdmin(`ALTER DATABASE ${name} OWNER TO ${owner}`);
    return connect(owner, name);
  }

  it('are applied by one of the nodes that start at once', async () => {
    await server.createDatabase('nodes');
    const nodes = Array.from({ length: 6 }, () => connect('postgres', 'nodes'));
    const reports = await Promise.all(nodes.map((node) => migrate(node, migrations)));
    expect(reports.filter(({ applied }) => applied)).toHaveLength(1);
  });

  it('wait for another node, say so once, and stop when told to', async () => {
    await server.createDatabase('busy');
    const [busy, waiting] = [connect('postgres', 'busy'), connect('postgres', 'busy')];
    const [migrating, finish] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const other = busy.transaction(async (tx) => {
      await tx.sql('SELECT pg_advisory_xact_lock(7270214001)');
      migrating.resolve();
      await finish.promise;
    });
    await migrating.promise;
    const stop = new AbortController();
    const onWait = vi.fn(() => stop.abort());
    await expect(migrate(waiting, migrations, { onWait, signal: stop.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
    expect((await migrate(waiting, migrations, { dry_run: true })).pending).toHaveLength(migrations.length);
    onWait.mockImplementation(() => finish.resolve());
    expect(await migrate(waiting, migrations, { onWait })).toMatchObject({ applied: true });
    expect(onWait).toHaveBeenCalledTimes(2);
    await other;
  });

  it.each([
    ['that are not there yet', []],
    ['that are there, but not granted', ['archon_app', 'archon_search']],
  ])('work for an owner who is not superuser, on many databases at once, with roles %s', async (_, roles) => {
    await asAdmin('CREATE ROLE owner LOGIN CREATEROLE');
    const databases = [];
    for (const role of roles) await asAdmin(`CREATE ROLE ${role}`, connect('owner', 'postgres'));
    for (let index = 0; index < 6; index += 1) databases.push(await newDatabase(`tenant_${index}`, 'owner'));
    const reports = await Promise.all(databases.map((database) => migrate(database, migrations)));
    expect(reports.every(({ applied }) => applied)).toBe(true);
    for (const database of databases) await new Organisations(database).ensure(SCOPE);
  });

  it.each([
    ['that made the roles', 'CREATE ROLE owner LOGIN CREATEROLE'],
    [
      'that was granted the roles',
      'CREATE ROLE owner LOGIN; CREATE ROLE archon_app; CREATE ROLE archon_search; GRANT archon_app, archon_search TO owner',
    ],
  ])('leave an owner %s blind outside an organisation', async (_, roles) => {
    await asAdmin(roles);
    const owner = await newDatabase('blind', 'owner');
    await migrate(owner, migrations);
    await new Organisations(owner).ensure(SCOPE);
    await owner.withScope(SCOPE, async (tx) => {
      for (const sql of CANARIES) await tx.sql(sql, [SCOPE.org_id, uuidv7()]);
    });
    const tables = await owner.transaction((tx) =>
      tx.sql<{ name: string }>(
        `SELECT table_name AS name FROM information_schema.columns WHERE column_name = 'org_id' AND table_name LIKE 'archon\\_%'`,
      ),
    );
    expect(tables.length).toBeGreaterThanOrEqual(7);
    const count = async (tx: Transaction, name: string) =>
      (await tx.sql<{ count: number }>(`SELECT count(*) FROM ${name}`))[0]?.count;
    for (const { name } of tables) {
      expect(await owner.withScope(SCOPE, (tx) => count(tx, name)), `${name} holds a canary`).toBe(1);
      expect(await owner.transaction((tx) => count(tx, name)), `${name} is closed outside`).toBe(0);
    }
    const search = `SELECT id FROM archon_search_working('canary', ARRAY['canari'], NULL, NULL, NULL, NULL, NULL, now(), NULL, 60, 10)`;
    expect(await owner.withScope(SCOPE, (tx) => tx.sql(search))).toHaveLength(1);
  });

  it('can change the search functions later, as the first one says', async () => {
    await asAdmin('CREATE ROLE owner LOGIN CREATEROLE');
    const owner = await newDatabase('later', 'owner');
    await migrate(owner, migrations);
    const next = {
      version: migrations.length + 1,
      name: 'next',
      sha256: 'x',
      sql: `GRANT CREATE ON SCHEMA public TO archon_search; SET LOCAL ROLE archon_search;
            ALTER FUNCTION archon_search_working COST 200;
            DROP FUNCTION archon_search_longterm;
            CREATE FUNCTION archon_search_longterm() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = public AS 'SELECT 1';
            SET LOCAL ROLE NONE;
            REVOKE CREATE ON SCHEMA public FROM archon_search; CREATE TABLE mine ()`,
    };
    expect((await migrate(owner, [...migrations, next])).applied).toBe(true);
    const rows = await owner.transaction((tx) =>
      tx.sql(`SELECT pg_get_userbyid(proowner) AS function_owner, pg_get_userbyid(relowner) AS table_owner,
                     has_schema_privilege('archon_search', 'public', 'CREATE') AS creates
              FROM pg_proc, pg_class WHERE proname = 'archon_search_longterm' AND relname = 'mine'`),
    );
    expect(rows).toEqual([{ function_owner: 'archon_search', table_owner: 'owner', creates: false }]);
  });

  it('name the SQL that an administrator must run, and work once it was', async () => {
    await asAdmin('CREATE ROLE guest LOGIN');
    await server.createDatabase('guests');
    const guests = connect('postgres', 'guests');
    const guest = connect('guest', 'guests');
    const refusal: unknown = await migrate(guest, migrations).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DatabaseRightsError);
    const [, ...sql] = (refusal as Error).message.split('\n');
    expect(sql).toEqual([
      'CREATE ROLE archon_app NOLOGIN;',
      'CREATE ROLE archon_search NOLOGIN;',
      'GRANT archon_app, archon_search TO "guest";',
      'GRANT USAGE, CREATE ON SCHEMA "public" TO "guest" WITH GRANT OPTION;',
      'CREATE SCHEMA archon_pgboss AUTHORIZATION "guest";',
    ]);
    await asAdmin(sql.join('\n'), guests);
    expect((await migrate(guest, migrations)).applied).toBe(true);
    await new Organisations(guest).ensure(SCOPE);
    expect(await guest.transaction((tx) => readRights((text) => tx.sql(text)))).toMatchObject({ missing: [] });
  });

  it('do not ask for rights that are only needed by the first of a server', async () => {
    await asAdmin('CREATE ROLE maker LOGIN CREATEROLE; CREATE ROLE second LOGIN');
    await migrate(await newDatabase('first', 'maker'), migrations);
    const second = await newDatabase('second', 'second');
    await expect(migrate(second, migrations)).rejects.toThrow(/once:\nGRANT archon_app, archon_search TO "second";$/);
    await asAdmin('GRANT archon_app, archon_search TO second');
    expect((await migrate(second, migrations)).applied).toBe(true);
  });
});
