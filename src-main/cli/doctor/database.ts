import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import pino from 'pino';
import {
  readDatabaseRights,
  readExtensions,
  readMigrationState,
  readVersion,
} from '../../connections/database-facts.ts';
import { remotePoolConfig } from '../../storage/remote-postgres.ts';
import { isSupportedServer } from '../../storage/server-version.ts';
import { type Check, type DoctorContext, type Finding, fail, messageOf, ok, warn } from './check.ts';

const CONNECT_TIMEOUT_MS = 5000;
const NAME = 'database';

export const databaseCheck: Check = {
  name: NAME,
  run: async (context) => {
    const url = context.config['database.url'];
    if (url !== null) return await checkRemote(context, url);
    return context.server ? [ok(NAME, 'embedded, open in our server')] : [await checkEmbedded(context)];
  },
};

/** Opens it as `archon migrate --dry-run` does, which changes nothing. */
async function checkEmbedded(context: DoctorContext): Promise<Finding> {
  if (!existsSync(join(context.config.data_dir, 'postgres')))
    return ok(NAME, 'embedded, will be made at the first start');
  const { Engine } = await import('../../engine.ts');
  const engine = new Engine({ config: context.config, logger: pino({ level: 'silent' }) });
  try {
    const { current, target } = await engine.migrate({ dry_run: true });
    return current === target
      ? ok(NAME, `embedded, opens, version ${current} of ${target}`)
      : warn(
          NAME,
          `embedded, version ${current} of ${target}`,
          'The next start brings it up to date; `archon migrate` does it now.',
        );
  } catch (error) {
    return fail(
      NAME,
      messageOf(error),
      'See the message; `archon restore FILE` loads a backup, `archon import` an export into a new data folder.',
    );
  }
}

async function checkRemote(context: DoctorContext, url: string): Promise<Finding[]> {
  const client = new pg.Client({
    ...remotePoolConfig(context.config, url),
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // Losing the connection shows in the query that fails.
  client.on('error', () => {});
  try {
    await client.connect();
    const version = await checkVersion(client);
    const migrations = await checkMigrations(client);
    const rights = await checkRights(client, migrations.status === 'ok');
    return [version, migrations, rights, ...(await checkExtensions(client))];
  } catch (error) {
    return [
      fail(
        NAME,
        `remote: ${messageOf(error)}`,
        'Check database.url, the database.ssl_ keys, the network, and that the server runs.',
      ),
    ];
  } finally {
    await client.end().catch(() => {});
  }
}

async function checkVersion(client: pg.Client): Promise<Finding> {
  const { version, number } = await readVersion(client);
  const detail = `remote, PostgreSQL ${version}`;
  return isSupportedServer(number) ? ok(NAME, detail) : fail(NAME, detail, 'Archon needs PostgreSQL 15 or newer.');
}

async function checkMigrations(client: pg.Client): Promise<Finding> {
  const { current, target } = await readMigrationState(client);
  const detail = `version ${current} of ${target}`;
  if (current > target) return fail('migrations', detail, 'A newer Archon wrote this database: update this one.');
  if (current === target) return ok('migrations', detail);
  return warn('migrations', detail, 'The next start brings it up to date; `archon migrate` does it now.');
}

/** What is missing stops the next migration; once the database is up to date, work needs only the role it runs under. */
async function checkRights(client: pg.Client, isUpToDate: boolean): Promise<Finding> {
  const { login, missing, has_roles, can_work } = await readDatabaseRights(client);
  if (missing.length === 0) {
    return ok(
      'rights',
      `${login} may ${has_roles ? 'act as archon_app and archon_search' : 'make the roles and tables'}`,
    );
  }
  const advice = `As an administrator, in this database: ${missing.join(' ')}`;
  if (isUpToDate && can_work) return warn('rights', `${login} may not make the changes of a coming version`, advice);
  return fail('rights', `${login} may not ${isUpToDate ? 'act as archon_app' : 'make the roles and tables'}`, advice);
}

/** Not needed to run, so missing ones are told and no more. */
async function checkExtensions(client: pg.Client): Promise<Finding[]> {
  const versions = await readExtensions(client);
  return (['vector', 'pg_trgm'] as const).map((name) => {
    const version = versions[name];
    if (version !== undefined) return ok(name, `extension ${version} is available`);
    return warn(
      name,
      `the extension ${name} is not installed on the server`,
      `Install the package that holds ${name} (search works without it).`,
    );
  });
}
