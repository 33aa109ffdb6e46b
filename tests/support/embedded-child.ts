/**
 * A process with an embedded database that a test kills: `node embedded-child.ts <cluster_dir> create|write`.
 *
 * `create` opens the database, making it first, and says READY. `write` tells what it finds (FOUND and JSON), then
 * commits rows for ever, one transaction each, and says their number (ACK) after each commit, as an application would
 * answer a request.
 */
import { writeSync } from 'node:fs';
import pg from 'pg';
import pino from 'pino';
import { EmbeddedPostgres } from '../../src-main/storage/embedded/embedded-postgres.ts';

const [, , cluster_dir = '', task = ''] = process.argv;
// Synchronous, so that what was said before the kill has been said.
const say = (line: string): void => void writeSync(1, `${line}\n`);

const postgres = new EmbeddedPostgres({ cluster_dir, logger: pino({ level: 'silent' }) });
await postgres.start();
say('READY');
if (task === 'write') {
  const client = new pg.Client(postgres.poolConfig);
  await client.connect();
  await client.query('CREATE TABLE IF NOT EXISTS written (n int PRIMARY KEY); CREATE TABLE IF NOT EXISTS twin (n int)');
  const found = await client.query(`SELECT count(*)::int AS written, coalesce(max(n), 0) AS last,
    (SELECT count(*)::int FROM twin) AS twins FROM written`);
  say(`FOUND ${JSON.stringify(found.rows[0])}`);
  for (let n = found.rows[0].last + 1; ; n += 1) {
    await client.query('BEGIN');
    await client.query('INSERT INTO written VALUES ($1)', [n]);
    await client.query('INSERT INTO twin VALUES ($1)', [n]);
    await client.query('COMMIT');
    say(`ACK ${n}`);
    if (n % 40 === 0) await postgres.checkpoint();
  }
}
