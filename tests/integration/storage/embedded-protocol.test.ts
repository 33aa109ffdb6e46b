/** The embedded database as its clients see it: the `pg` driver in all its modes, and clients that misbehave. */
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  flush,
  frame,
  frameBody,
  frameType,
  parseUnnamed,
  simpleQuery,
  startupPacket,
  sync,
} from '../../../src-main/storage/embedded/wire-frames.ts';
import { type EmbeddedDatabase, startEmbedded } from '../../support/embedded-cluster.ts';
import { errorCodes, types, WireClient } from '../../support/embedded-wire-client.ts';

const bind = (): Buffer => frame('B', '', '', Buffer.alloc(6));
const execute = (rows = 0): Buffer => {
  const limit = Buffer.alloc(4);
  limit.writeInt32BE(rows);
  return frame('E', '', limit);
};

let database: EmbeddedDatabase;

beforeAll(async () => {
  database = await startEmbedded({ idle_in_transaction_timeout_ms: 1_500 });
  await database.pool.query('CREATE TABLE counter (id int PRIMARY KEY, n int); INSERT INTO counter VALUES (1, 0)');
  await database.pool.query('CREATE TABLE notes (id int PRIMARY KEY, text text)');
});

afterAll(() => database.close());

const times = <T>(count: number, make: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => make(at));
const connections = (count: number): Promise<pg.Client[]> => Promise.all(times(count, () => database.client()));
const one = async (sql: string, values: unknown[] = []) => (await database.pool.query(sql, values)).rows[0];

describe('a connection', () => {
  it('learns the real version and settings of the server', async () => {
    const client = new pg.Client(database.postgres.poolConfig);
    const parameters = new Map<string, string>();
    client.connection.on('parameterStatus', (status) => parameters.set(status.parameterName, status.parameterValue));
    await client.connect();
    const { rows } = await client.query('SHOW server_version');
    await client.end();
    expect(parameters.get('server_version')).toBe(rows[0].server_version);
    expect(Object.fromEntries(parameters)).toMatchObject({
      client_encoding: 'UTF8',
      DateStyle: 'ISO, MDY',
      integer_datetimes: 'on',
      standard_conforming_strings: 'on',
      TimeZone: 'UTC',
    });
  });

  it('has pgvector and trigrams at hand', async () => {
    await database.pool.query('CREATE EXTENSION IF NOT EXISTS vector; CREATE EXTENSION IF NOT EXISTS pg_trgm');
    expect(await one(`SELECT '[1,2]'::vector <-> '[1,3]' AS far, similarity('word', 'words') > 0.5 AS near`)).toEqual({
      far: 1,
      near: true,
    });
  });

  it('ends in order when its client says goodbye', async () => {
    const before = database.postgres.stats().sessions;
    const client = new pg.Client(database.postgres.poolConfig);
    await client.connect();
    expect(database.postgres.stats().sessions).toBe(before + 1);
    await client.end();
    await database.pool.query('SELECT 1');
    expect(database.postgres.stats().sessions).toBe(before);
  });

  it.each([
    [{ user: 'mallory' }, '28000'],
    [{ database: 'other' }, '3D000'],
  ])('as %j is refused', async (config, code) => {
    const client = new pg.Client({ ...database.postgres.poolConfig, ...config });
    await expect(client.connect()).rejects.toMatchObject({ code });
  });

  it('is told plainly that there is no TLS', async () => {
    const client = await WireClient.dial(database);
    const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
    client.send(SSL_REQUEST);
    expect((await client.bytes(1)).toString()).toBe('N');
    client.send(startupPacket({ user: 'postgres', database: 'postgres' }));
    expect(types(await client.until('Z'))).toMatch(/^RS+KZ$/);
    client.vanish();
  });
});

describe('many connections at once', () => {
  it('each get their own answers', async () => {
    const clients = await connections(20);
    await Promise.all(
      clients.map(async (client, at) => {
        for (let turn = 0; turn < 20; turn += 1) {
          const { rows } = await client.query('SELECT $1::int AS number, $2::text AS name', [
            at * 1000 + turn,
            `v${at}`,
          ]);
          expect(rows).toEqual([{ number: at * 1000 + turn, name: `v${at}` }]);
        }
      }),
    );
  });

  it('lose no update in read-modify-write transactions', async () => {
    const clients = await connections(8);
    await Promise.all(
      clients.map(async (client) => {
        for (let turn = 0; turn < 10; turn += 1) {
          await client.query('BEGIN');
          const { rows } = await client.query('SELECT n FROM counter WHERE id = $1 FOR UPDATE', [1]);
          await client.query('UPDATE counter SET n = $1 WHERE id = $2', [rows[0].n + 1, 1]);
          await client.query('COMMIT');
        }
      }),
    );
    expect(await one('SELECT n FROM counter WHERE id = 1')).toEqual({ n: 80 });
  });

  it('may be sixty', async () => {
    const clients = await connections(60);
    const answers = await Promise.all(clients.map((client, at) => client.query('SELECT $1::int AS n', [at])));
    expect(answers.map(({ rows }) => rows[0].n)).toEqual(times(60, (at) => at));
  });

  it('send large values without mixing them up', async () => {
    const clients = await connections(6);
    await Promise.all(
      clients.map(async (client, at) => {
        for (let turn = 0; turn < 4; turn += 1) {
          const text = String(at).repeat(300_000);
          const { rows } = await client.query('SELECT $1::text AS text', [text]);
          expect(rows[0].text === text).toBe(true);
        }
      }),
    );
  });

  it('fetch rows in portions, each from its own portal', async () => {
    const clients = await connections(4);
    await Promise.all(
      clients.map(async (client, at) => {
        for (let turn = 0; turn < 10; turn += 1) {
          const query = { text: 'SELECT $1::int + g AS n FROM generate_series(1, 5) g', values: [at * 1000], rows: 2 };
          const { rows } = await client.query(query);
          expect(rows.map((row) => row.n)).toEqual(times(5, (offset) => at * 1000 + offset + 1));
        }
      }),
    );
  });

  it('get a large result whole', async () => {
    const { rows } = await database.pool.query(`SELECT g, repeat('x', 100) AS filler FROM generate_series(1, 20000) g`);
    expect(rows).toHaveLength(20_000);
    expect(rows.at(-1)).toEqual({ g: 20_000, filler: 'x'.repeat(100) });
  });
});

describe('a pipelining connection', () => {
  it('runs BEGIN, INSERT and COMMIT in one flight, amid others', async () => {
    const clients = await Promise.all(times(4, () => database.client({ pipeline: true })));
    await Promise.all(
      clients.map(async (client, at) => {
        for (let turn = 0; turn < 10; turn += 1) {
          const results = await Promise.all([
            client.query('BEGIN; SET LOCAL statement_timeout = 5000'),
            client.query('INSERT INTO notes VALUES ($1, $2)', [at * 100 + turn, 'pipelined']),
            client.query('SELECT count(*)::int AS n FROM notes WHERE id = $1', [at * 100 + turn]),
            client.query('COMMIT'),
          ]);
          expect(results[2]?.rows).toEqual([{ n: 1 }]);
          expect(results[3]?.command).toBe('COMMIT');
        }
      }),
    );
    expect(await one(`SELECT count(*)::int AS n FROM notes WHERE text = 'pipelined'`)).toEqual({ n: 40 });
  });

  it('rolls everything back when one of the flight fails', async () => {
    const client = await database.client({ pipeline: true });
    const settled = await Promise.allSettled([
      client.query('BEGIN'),
      client.query('INSERT INTO notes VALUES (1000, $1)', ['lost']),
      client.query('INSERT INTO notes VALUES (1000, $1)', ['twice']),
      client.query('SELECT 1'),
      client.query('COMMIT'),
    ]);
    expect(settled.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'rejected',
      'rejected',
      'fulfilled',
    ]);
    expect(settled[2]).toMatchObject({ reason: { code: '23505', constraint: 'notes_pkey', table: 'notes' } });
    expect(settled[3]).toMatchObject({ reason: { code: '25P02' } });
    expect(settled[4]).toMatchObject({ value: { command: 'ROLLBACK' } });
    expect(await one('SELECT count(*)::int AS n FROM notes WHERE id = 1000')).toEqual({ n: 0 });
  });

  it('may send everything in one chunk, messages cut anywhere', async () => {
    const client = await WireClient.connect(database);
    const stream = Buffer.concat([
      simpleQuery('BEGIN'),
      parseUnnamed(`INSERT INTO notes VALUES (1001, 'raw')`),
      bind(),
      execute(),
      sync(),
      simpleQuery('COMMIT'),
    ]);
    for (let at = 0; at < stream.length; at += 7) client.send(stream.subarray(at, at + 7));
    expect([types(await client.until('Z')), types(await client.until('Z')), types(await client.until('Z'))]).toEqual([
      'CZ',
      '12CZ',
      'CZ',
    ]);
    expect(await one('SELECT text FROM notes WHERE id = 1001')).toEqual({ text: 'raw' });
    client.vanish();
  });
});

describe('Flush', () => {
  it('gives the answers so far and keeps the exchange', async () => {
    const client = await WireClient.connect(database);
    client.send(parseUnnamed('SELECT generate_series(1, 5)'), bind(), execute(2), flush());
    expect(types(await client.until('s'))).toBe('12DDs');
    client.send(execute(2), flush());
    expect(types(await client.until('s'))).toBe('DDs');
    client.send(sync());
    expect(types(await client.until('Z'))).toBe('Z');
    client.vanish();
  });

  it('after an error skips what follows up to Sync', async () => {
    const client = await WireClient.connect(database);
    client.send(parseUnnamed('SELEC'), flush());
    expect(errorCodes(await client.until('E'))).toEqual(['42601']);
    client.send(bind(), execute(), sync());
    expect(types(await client.until('Z'))).toBe('Z');
    client.vanish();
  });
});

describe('errors', () => {
  it('come with everything PostgreSQL says about them', async () => {
    await database.pool.query('CREATE TABLE strict (a int CONSTRAINT positive CHECK (a > 0))');
    await expect(database.pool.query('INSERT INTO strict VALUES ($1)', [-1])).rejects.toMatchObject({
      code: '23514',
      severity: 'ERROR',
      table: 'strict',
      constraint: 'positive',
      schema: 'public',
      detail: expect.stringContaining('-1'),
    });
  });
});

describe('a client that leaves in the middle', () => {
  it('loses its transaction at once, and the others go on', async () => {
    const client = await database.client();
    await client.query('BEGIN');
    await client.query('INSERT INTO notes VALUES (2000, $1)', ['abandoned']);
    client.connection.stream.destroy();
    expect(await one('SELECT count(*)::int AS n FROM notes WHERE id = 2000')).toEqual({ n: 0 });
  });

  it('loses the unfinished exchange too, which a Sync would have committed', async () => {
    const client = await WireClient.connect(database);
    client.send(parseUnnamed(`INSERT INTO notes VALUES (2001, 'abandoned')`), bind(), execute(), flush());
    await client.until('C');
    client.vanish();
    expect(await one('SELECT count(*)::int AS n FROM notes WHERE id = 2001')).toEqual({ n: 0 });
  });

  it('after half closing its stream holds nothing', async () => {
    const client = await database.client();
    await client.query('BEGIN');
    client.connection.stream.end();
    expect(await one('SELECT 1 AS alive')).toEqual({ alive: 1 });
  });

  it('after a goodbye still has its last statement run', async () => {
    const client = await WireClient.connect(database);
    client.send(simpleQuery(`INSERT INTO notes VALUES (2002, 'last')`), frame('X'));
    await client.until('nothing more');
    expect(await one('SELECT text FROM notes WHERE id = 2002')).toEqual({ text: 'last' });
  });

  it('by sending what is no message is told so and thrown out', async () => {
    const client = await WireClient.connect(database);
    client.send(frame('y', 'abc'));
    expect(errorCodes(await client.until('nothing more'))).toEqual(['08P01']);
    expect(await one('SELECT 1 AS alive')).toEqual({ alive: 1 });
  });
});

describe('an idle transaction', () => {
  it('is rolled back and its connection closed when it keeps the others waiting', async () => {
    const client = await WireClient.connect(database);
    client.send(simpleQuery(`BEGIN; INSERT INTO notes VALUES (3000, 'idle')`));
    await client.until('Z');
    // Waits for the timeout: the transaction holds the only backend.
    expect(await one('SELECT count(*)::int AS n FROM notes WHERE id = 3000')).toEqual({ n: 0 });
    expect(errorCodes(await client.until('nothing more'))).toEqual(['25P03']);
  });
});

describe('a cancel request', () => {
  /** One connection in a transaction, another with a statement that waits for it. */
  async function waiting() {
    const [holder, waiter] = [await database.client(), await database.client()];
    await holder.query('BEGIN');
    const statement = waiter.query('SELECT 1 AS answer');
    statement.catch(() => {});
    return { holder, waiter, statement };
  }

  /** What `psql` sends for Control-C: a connection of its own with the key of the session. */
  async function cancel(target: pg.Client, secret_offset = 0): Promise<void> {
    const { processID, secretKey } = target as unknown as { processID: number; secretKey: number };
    const request = Buffer.alloc(16);
    for (const [at, word] of [16, 80877102, processID, secretKey + secret_offset].entries())
      request.writeInt32BE(word, at * 4);
    const client = await WireClient.dial(database);
    client.send(request);
    await client.until('nothing more');
  }

  it('ends a statement that waits, and the session goes on', async () => {
    const { holder, waiter, statement } = await waiting();
    await cancel(waiter);
    await expect(statement).rejects.toMatchObject({ code: '57014' });
    await holder.query('COMMIT');
    expect((await waiter.query('SELECT 2 AS answer')).rows).toEqual([{ answer: 2 }]);
  });

  it('with the wrong key does nothing', async () => {
    const { holder, waiter, statement } = await waiting();
    await cancel(waiter, 1);
    await holder.query('COMMIT');
    expect((await statement).rows).toEqual([{ answer: 1 }]);
  });
});

describe('what would reach other sessions', () => {
  it.each([
    ['COPY', 'COPY notes FROM STDIN'],
    ['a session SET', 'SET ROLE postgres'],
    ['a session advisory lock', 'SELECT pg_advisory_lock(1)'],
  ])('%s is refused with a way out, and the connection goes on', async (_what, sql) => {
    const client = await database.client();
    for (const query of [sql, { text: sql, values: [] }, { text: sql, queryMode: 'extended' as const }]) {
      await expect(client.query(query)).rejects.toMatchObject({ code: '0A000', hint: expect.stringMatching(/[Uu]se/) });
      expect((await client.query('SELECT 1 AS alive')).rows).toEqual([{ alive: 1 }]);
    }
  });

  it('is refused within a transaction like any failing statement', async () => {
    const client = await database.client();
    await client.query('BEGIN');
    await client.query(`INSERT INTO notes VALUES (4000, 'x')`);
    await expect(client.query('COPY notes FROM STDIN')).rejects.toMatchObject({ code: '0A000' });
    await expect(client.query('SELECT 1')).rejects.toMatchObject({ code: '25P02' });
    expect((await client.query('COMMIT')).command).toBe('ROLLBACK');
  });

  it('is refused in an exchange with Flush, without losing step', async () => {
    const client = await WireClient.connect(database);
    client.send(parseUnnamed('COPY notes FROM STDIN'), flush());
    expect(errorCodes(await client.until('E'))).toEqual(['0A000']);
    client.send(bind(), execute(), sync());
    expect(types(await client.until('Z'))).toBe('Z');
    client.send(simpleQuery('SELECT 1'));
    expect(types(await client.until('Z'))).toBe('TDCZ');
    client.vanish();
  });

  it('SET LOCAL ends with its transaction', async () => {
    const [first, second] = [await database.client(), await database.client()];
    await first.query(`BEGIN; SET LOCAL application_name = 'first'`);
    await first.query('COMMIT');
    expect((await second.query('SHOW application_name')).rows).toEqual([{ application_name: '' }]);
  });

  it('a statement prepared by one is never run by another', async () => {
    const [first, second] = [await WireClient.connect(database), await WireClient.connect(database)];
    first.send(parseUnnamed('SELECT 1'), sync());
    await first.until('Z');
    first.send(bind(), execute(), sync());
    expect(types(await first.until('Z'))).toBe('2DCZ');
    second.send(bind(), execute(), sync());
    expect(errorCodes(await second.until('Z'))).toEqual(['26000']);
    second.send(parseUnnamed('SELECT 2'), sync());
    await second.until('Z');
    first.send(bind(), execute(), sync());
    expect(errorCodes(await first.until('Z'))).toEqual(['26000']);
    first.vanish();
    second.vanish();
  });
});

describe('notifications', () => {
  /** A connection that collects what it hears. */
  async function listener(...channels: string[]) {
    const client = await database.client({ pipeline: true });
    const heard: string[] = [];
    client.on('notification', ({ channel, payload }) => heard.push(`${channel}:${payload}`));
    for (const channel of channels) await client.query(`LISTEN ${channel}`);
    return { client, heard };
  }
  /** Once a later notification has come, earlier ones have too. */
  async function allHeard(...clients: { client: pg.Client }[]) {
    await Promise.all(clients.map(({ client }) => client.query('SELECT 1')));
  }

  it('reach an idle listener without a query of its own', async () => {
    const { client, heard } = await listener('idle');
    const notified = new Promise((resolve) => client.once('notification', resolve));
    await database.pool.query(`SELECT pg_notify('idle', 'wake')`);
    await notified;
    expect(heard).toEqual(['idle:wake']);
  });

  it('go to those who listen on the channel and to nobody else', async () => {
    const [jobs, mail, deaf] = [await listener('jobs'), await listener('mail'), await listener()];
    await database.pool.query(`NOTIFY jobs, '1'; NOTIFY mail, '2'; NOTIFY "Jobs", '3'`);
    await allHeard(jobs, mail, deaf);
    expect([jobs.heard, mail.heard, deaf.heard]).toEqual([['jobs:1'], ['mail:2'], []]);
  });

  it('reach the sender too, if it listens, as from itself', async () => {
    const { client, heard } = await listener('self');
    const from = new Promise((resolve) => client.once('notification', ({ processId }) => resolve(processId)));
    await client.query(`NOTIFY self, 'echo'`);
    expect(heard).toEqual(['self:echo']);
    expect(await from).toBe((client as unknown as { processID: number }).processID);
  });

  it('come after COMMIT, and not at all after ROLLBACK', async () => {
    const one = await listener('tx');
    const sender = await database.client();
    await sender.query(`BEGIN; NOTIFY tx, 'kept'`);
    expect(one.heard).toEqual([]);
    await sender.query('COMMIT');
    await sender.query(`BEGIN; NOTIFY tx, 'dropped'`);
    await sender.query('ROLLBACK');
    await allHeard(one);
    expect(one.heard).toEqual(['tx:kept']);
  });

  it('stop for the one who says UNLISTEN and not for the other', async () => {
    const [staying, leaving] = [await listener('shared'), await listener('shared')];
    await leaving.client.query('UNLISTEN shared');
    await database.pool.query(`NOTIFY shared, 'on'`);
    await allHeard(staying, leaving);
    expect([staying.heard, leaving.heard]).toEqual([['shared:on'], []]);
  });

  it('go on for the others when a listener disconnects, and the backend forgets the channel after the last', async () => {
    const [staying, leaving] = [await listener('house'), await listener('house')];
    await leaving.client.end();
    await database.pool.query(`NOTIFY house, 'still'`);
    await allHeard(staying);
    expect(staying.heard).toEqual(['house:still']);
    await staying.client.end();
    await database.pool.query('SELECT 1');
    const { rows } = await database.pool.query('SELECT pg_listening_channels() AS channel');
    expect(rows.map((row) => row.channel)).not.toContain('house');
  });

  it('need a LISTEN that was committed', async () => {
    const { client, heard } = await listener();
    await client.query('BEGIN; LISTEN maybe');
    await client.query('ROLLBACK');
    await client.query('BEGIN; LISTEN surely');
    await client.query('COMMIT');
    await database.pool.query(`NOTIFY maybe, '1'; NOTIFY surely, '2'`);
    await allHeard({ client });
    expect(heard).toEqual(['surely:2']);
  });

  it('come in order and all of them, between the answers to other queries', async () => {
    const busy = await listener('flood');
    const answers = times(50, (at) => busy.client.query('SELECT $1::int AS n', [at]));
    for (let at = 0; at < 50; at += 1) await database.pool.query('SELECT pg_notify($1, $2)', ['flood', String(at)]);
    expect((await Promise.all(answers)).map(({ rows }) => rows[0].n)).toEqual(times(50, (at) => at));
    await allHeard(busy);
    expect(busy.heard).toEqual(times(50, (at) => `flood:${at}`));
  });
});

describe('the frames', () => {
  it('of a ready server say whether a transaction is open', async () => {
    const client = await WireClient.connect(database);
    const statuses: string[] = [];
    for (const sql of ['BEGIN', 'SELECT 1/0', 'ROLLBACK']) {
      client.send(simpleQuery(sql));
      const ready = (await client.until('Z')).find((answer) => frameType(answer) === 'Z');
      statuses.push(ready ? frameBody(ready).toString() : '');
    }
    expect(statuses).toEqual(['T', 'E', 'I']);
    client.vanish();
  });
});
