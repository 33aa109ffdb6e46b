/** Looks at a PostgreSQL server, from its name to its latency. */
import pg from 'pg';
import { type ConnectionStep, type ConnectionStepName, DATABASE_STEPS } from '../../../src-contract/index.ts';
import { endClient } from '../../storage/end-client.ts';
import { clientConfig } from '../../storage/remote-postgres.ts';
import { isSupportedServer } from '../../storage/server-version.ts';
import { sqlStateOf } from '../../storage/storage-errors.ts';
import type { DatabaseSettings } from '../connection-settings.ts';
import {
  readDatabaseRights,
  readExtensions,
  readMigrationState,
  readVersion,
  readWritability,
} from '../database-facts.ts';
import { lookUp, reach, secure } from './network.ts';
import { lookForPooler } from './pooler.ts';
import { failed, leftOut, median, ok, type StepContext, type StepOutcome, step, warning } from './step.ts';

/** SQLSTATE insufficient_privilege. */
const NOT_ALLOWED = '42501';
const END_MS = 1_000;
const PINGS = 5;
/** Milliseconds of a round trip from which a context takes noticeably longer: it needs several. */
const SLOW_MS = 100;

const after = (name: (typeof DATABASE_STEPS)[number]): readonly ConnectionStepName[] =>
  DATABASE_STEPS.slice(DATABASE_STEPS.indexOf(name) + 1);

/** @param read_only the profile is for reading: then less is needed */
export async function* databaseSteps(
  settings: DatabaseSettings,
  { read_only, ...context }: StepContext & { read_only: boolean },
): AsyncGenerator<ConnectionStep, void> {
  if (!(yield* step('dns', context, () => lookUp(settings)))) return yield* leftOut(after('dns'));
  if (!(yield* step('tcp', context, (signal) => reach(settings, signal)))) return yield* leftOut(after('tcp'));
  const secured = yield* step('tls', context, (signal) => secure(settings, settings.tls, 'postgres', signal));
  if (!secured) return yield* leftOut(after('tls'));
  const config = {
    ...clientConfig(settings),
    application_name: 'archon connection test',
    connectionTimeoutMillis: context.limit_ms,
    query_timeout: context.limit_ms,
  };
  const client = new pg.Client(config);
  // A connection that is lost fails what is asked on it, which is told there.
  client.on('error', () => {});
  try {
    const isIn = yield* step('login', context, async () => {
      await client.connect();
      return ok(`as ${settings.user} in ${settings.database}`);
    });
    if (!isIn) return yield* leftOut(after('login'));
    const isNew = yield* step('version', context, () => checkVersion(client));
    if (!isNew) return yield* leftOut(after('version'));
    const isUsable = yield* step('pooler', context, () => lookForPooler(client, config));
    if (!isUsable) return yield* leftOut(after('pooler'));
    yield* step('rights', context, () => checkRights(client, read_only));
    yield* step('extensions', context, () => checkExtensions(client));
    yield* step('migrations', context, () => checkMigrations(client, read_only));
    yield* step('latency', context, () => checkLatency(client));
  } finally {
    void endClient(client, END_MS);
  }
}

async function checkVersion(client: pg.Client): Promise<StepOutcome> {
  const { version, number } = await readVersion(client);
  const detail = `PostgreSQL ${version}`;
  return isSupportedServer(number)
    ? ok(detail)
    : failed(detail, 'Archon needs PostgreSQL 15 or newer: update the server, or use another.');
}

async function checkRights(client: pg.Client, read_only: boolean): Promise<StepOutcome> {
  const { standby, read_only: told } = await readWritability(client);
  if ((standby || told) && !read_only) {
    return standby
      ? failed(
          'The server is a standby and takes no writes.',
          'Give the address of the primary, or make the profile read-only.',
        )
      : failed(
          'The user may only read (default_transaction_read_only).',
          'Use another user, or make the profile read-only.',
        );
  }
  const { login, database, missing, can_work } = await readDatabaseRights(client);
  const isUpToDate = await readsUpToDate(client);
  const may = `${login} may work in ${database}`;
  if (missing.length === 0) return ok(may);
  const advice = `As an administrator, in this database: ${missing.join(' ')}`;
  if (can_work && isUpToDate) {
    return read_only ? ok(may) : warning(`${may}, but not make the changes of a coming version`, advice);
  }
  return failed(`${login} may not ${isUpToDate ? 'act as archon_app' : 'make the roles and tables'}.`, advice);
}

/** Who may not even read the list of migrations needs rights before anything else. */
async function readsUpToDate(client: pg.Client): Promise<boolean> {
  try {
    const { current, target } = await readMigrationState(client);
    return current === target;
  } catch (error) {
    if (sqlStateOf(error) === NOT_ALLOWED) return false;
    throw error;
  }
}

/** Search works without them, so missing ones are told and no more. */
async function checkExtensions(client: pg.Client): Promise<StepOutcome> {
  const found = Object.entries(await readExtensions(client));
  const there = found.flatMap(([name, version]) => (version === undefined ? [] : [`${name} ${version}`]));
  const missing = found.flatMap(([name, version]) => (version === undefined ? [name] : []));
  if (missing.length === 0) return ok(there.join(', '));
  const names = missing.map((name) => (name === 'vector' ? 'pgvector' : name)).join(' and ');
  return warning(
    `${names} ${missing.length === 1 ? 'is' : 'are'} not installed on the server; full-text search works without.`,
    `Install ${names} there for search by meaning and for similar words, when you want it.`,
  );
}

async function checkMigrations(client: pg.Client, read_only: boolean): Promise<StepOutcome> {
  const { current, target } = await readMigrationState(client);
  const detail = current === 0 ? 'There is nothing of Archon in this database yet.' : `version ${current} of ${target}`;
  if (current > target) return failed(detail, 'A newer Archon wrote this database: update this one.');
  if (current === target) return ok(detail);
  if (read_only) {
    return failed(detail, 'It cannot be brought up to date for reading only: open it once without "read-only".');
  }
  return warning(
    detail,
    `${target - current} migrations are shown, and wait for your word, when the profile is opened.`,
  );
}

async function checkLatency(client: pg.Client): Promise<StepOutcome> {
  const times: number[] = [];
  for (let ping = 0; ping < PINGS; ping += 1) {
    const began_ms = performance.now();
    await client.query('SELECT 1');
    times.push(performance.now() - began_ms);
  }
  const detail = `${median(times).toFixed(1)} ms for a round trip, in the middle of ${PINGS}`;
  if (median(times) < SLOW_MS) return ok(detail);
  return warning(detail, 'Contexts and searches wait for it: run Archon nearer to the database when that is too slow.');
}
