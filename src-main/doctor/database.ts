import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import { migrationsFolder } from '../app-files.ts';
import { readRights } from '../storage/database-rights.ts';
import { readMigrations } from '../storage/migrator.ts';
import { remotePoolConfig } from '../storage/remote-postgres.ts';
import { isSupportedServer } from '../storage/server-version.ts';
import {
  type Check,
  type CheckFinding,
  type DoctorContext,
  type Fix,
  failed,
  isOpen,
  messageOf,
  ok,
  warning,
} from './check.ts';

const CONNECT_TIMEOUT_MS = 5000;
const NAME = 'database';

export const databaseCheck: Check = {
  key: 'database',
  name: NAME,
  run: async (context) => {
    const url = context.config['database.url'];
    if (url !== null) return await checkRemote(context, url);
    return isOpen(context) ? [await checkOpen(context)] : [await checkEmbedded(context)];
  },
};

/** A database that is in use is known to be up to date: the engine that has it made sure. */
async function checkOpen({ database }: DoctorContext): Promise<CheckFinding> {
  if (database === undefined) return ok(NAME, 'embedded, open in our server');
  try {
    const { version, latency_ms } = await database.ping();
    return ok(NAME, `embedded, ${version}, answers in ${latency_ms.toFixed(1)} ms`);
  } catch (error) {
    return failed(NAME, messageOf(error), 'Start Archon again; the log says more.');
  }
}

/** Opens it as `archon migrate --dry-run` does, which changes nothing. */
async function checkEmbedded(context: DoctorContext): Promise<CheckFinding> {
  if (!existsSync(join(context.config.data_dir, 'postgres')))
    return ok(NAME, 'embedded, will be made at the first start');
  const { Engine } = await import('../engine.ts');
  const engine = new Engine({ config: context.config, logger: pino({ level: 'silent' }) });
  try {
    const { current, target } = await engine.migrate({ dry_run: true });
    return current === target
      ? ok(NAME, `embedded, opens, version ${current} of ${target}`)
      : warning(
          NAME,
          `embedded, version ${current} of ${target}`,
          'The next start brings it up to date; `archon migrate` does it now.',
          bringUpToDate(engine),
        );
  } catch (error) {
    return failed(
      NAME,
      messageOf(error),
      'See the message; `archon restore FILE` loads a backup, `archon import` an export into a new data folder.',
    );
  }
}

async function checkRemote(context: DoctorContext, url: string): Promise<CheckFinding[]> {
  try {
    return await withClient(context, url, async (client) => {
      const version = await checkVersion(client);
      const migrations = await checkMigrations(client);
      const rights = await checkRights(client, migrations.status === 'ok');
      return [version, migrations, rights, ...(await checkExtensions(client, context, url))];
    });
  } catch (error) {
    return [
      failed(
        NAME,
        `remote: ${messageOf(error)}`,
        'Check database.url, the database.ssl_ keys, the network, and that the server runs.',
      ),
    ];
  }
}

/** A connection of its own: the doctor says what is wrong with the one that is used. */
async function withClient<T>(context: DoctorContext, url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({
    ...remotePoolConfig(context.config, url),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Losing the connection shows in the query that fails.
  client.on('error', () => {});
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkVersion(client: pg.Client): Promise<CheckFinding> {
  const { rows } = await client.query<{ version: string; number: number }>(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS number`,
  );
  const [{ version, number } = { version: 'unknown', number: 0 }] = rows;
  const detail = `remote, PostgreSQL ${version}`;
  return isSupportedServer(number) ? ok(NAME, detail) : failed(NAME, detail, 'Archon needs PostgreSQL 15 or newer.');
}

async function checkMigrations(client: pg.Client): Promise<CheckFinding> {
  const target = readMigrations(migrationsFolder).length;
  const { rows: tables } = await client.query<{ found: boolean }>(
    `SELECT to_regclass('archon_migrations') IS NOT NULL AS found`,
  );
  let current = 0;
  if (tables[0]?.found) {
    const { rows } = await client.query<{ version: number }>(
      'SELECT coalesce(max(version), 0) AS version FROM archon_migrations',
    );
    current = rows[0]?.version ?? 0;
  }
  const detail = `version ${current} of ${target}`;
  if (current > target) return failed('migrations', detail, 'A newer Archon wrote this database: update this one.');
  if (current === target) return ok('migrations', detail);
  return warning('migrations', detail, 'The next start brings it up to date; `archon migrate` does it now.');
}

/** What is missing stops the next migration; once the database is up to date, work needs only the role it runs under. */
async function checkRights(client: pg.Client, isUpToDate: boolean): Promise<CheckFinding> {
  const { login, missing, has_roles, can_work } = await readRights(async (sql) => (await client.query(sql)).rows);
  if (missing.length === 0) {
    return ok(
      'rights',
      `${login} may ${has_roles ? 'act as archon_app and archon_search' : 'make the roles and tables'}`,
    );
  }
  const advice = `As an administrator, in this database: ${missing.join(' ')}`;
  if (isUpToDate && can_work) return warning('rights', `${login} may not make the changes of a coming version`, advice);
  return failed('rights', `${login} may not ${isUpToDate ? 'act as archon_app' : 'make the roles and tables'}`, advice);
}

/** Not needed to run, so missing ones are told and no more. */
async function checkExtensions(client: pg.Client, context: DoctorContext, url: string): Promise<CheckFinding[]> {
  const { rows } = await client.query<Extension>(
    `SELECT wanted.name, found.default_version AS version, found.installed_version AS installed,
            me.rolsuper OR (coalesce(versions.trusted, false) AND has_database_privilege(current_database(), 'CREATE')) AS creatable
     FROM unnest(ARRAY['vector', 'pg_trgm']) WITH ORDINALITY AS wanted (name, place)
     JOIN pg_roles AS me ON me.rolname = current_user
     LEFT JOIN pg_available_extensions AS found ON found.name = wanted.name
     LEFT JOIN pg_available_extension_versions AS versions
       ON versions.name = wanted.name AND versions.version = found.default_version
     ORDER BY wanted.place`,
  );
  return rows.map((extension) => extensionFinding(extension, context, url));
}

interface Extension {
  name: string;
  /** That could be created; null when it is not on the server. */
  version: string | null;
  /** That is in this database. */
  installed: string | null;
  /** The login may. */
  creatable: boolean;
}

function extensionFinding(extension: Extension, context: DoctorContext, url: string): CheckFinding {
  const { name, version, installed, creatable } = extension;
  if (installed !== null) return ok(name, `extension ${installed} is there`);
  if (version === null) {
    return warning(
      name,
      `the extension ${name} is not installed on the server`,
      `Install the package that holds ${name} (search works without it).`,
    );
  }
  // Search works without it, so one that could be made is no fault.
  const finding = ok(name, `extension ${version} is available, and not in this database`);
  const mayCreate = creatable && !context.config.profile?.read_only;
  return mayCreate ? { ...finding, fix: createExtension(name, context, url) } : finding;
}

function createExtension(name: string, context: DoctorContext, url: string): Fix {
  return {
    fix_id: `database.create_${name}`,
    label: `Create ${name}`,
    confirm: `The extension ${name} is created in the database, for everybody who uses it.`,
    apply: async () => {
      await withClient(context, url, async (client) => {
        await client.query(`CREATE EXTENSION IF NOT EXISTS ${client.escapeIdentifier(name)}`);
      });
      return `The extension ${name} is in the database now.`;
    },
  };
}

function bringUpToDate(engine: { migrate(options: { dry_run: boolean }): Promise<{ target: number }> }): Fix {
  return {
    fix_id: 'database.migrate',
    label: 'Bring it up to date',
    confirm: 'An older version of Archon cannot open the database afterwards. Make a backup first if you may go back.',
    apply: async () => `The database is at version ${(await engine.migrate({ dry_run: false })).target} now.`,
  };
}
