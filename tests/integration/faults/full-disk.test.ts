/** A real disk that is full: the data folder, with history.db and the journal in it, lies on a file system that is filled. */
import { join } from 'node:path';
import BetterSqlite3 from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultWorld, startFaultWorld, untilSo, untilWell } from '../../support/fault-world.ts';
import { postgresAvailable } from '../../support/postgres-server.ts';
import { redisAvailable } from '../../support/redis-server.ts';
import { mountSmallDisk } from '../../support/small-disk.ts';
import { TestClock } from '../../support/test-clock.ts';

const DISK_MB = 32;
const USER = 'nora';
const SAMPLE_MS = 10_000;
/** The next sample is due in a second, and again in a second whenever the clock is moved on by one. */
const BEFORE_A_SAMPLE = Math.ceil(Date.now() / SAMPLE_MS) * SAMPLE_MS - 1000;

const disk = postgresAvailable && redisAvailable ? mountSmallDisk(DISK_MB) : undefined;
if (disk === undefined) console.warn('skipped: tests on a full disk (run them as root on Linux)');

describe.runIf(disk)('a server whose data folder lies on a disk that is full', () => {
  const clock = new TestClock(BEFORE_A_SAMPLE);
  let world: FaultWorld;
  /** Texts of memories that were answered for. */
  const acknowledged: string[] = [];

  beforeAll(async () => {
    if (disk) world = await startFaultWorld({ data_dir: disk.path, 'workers.enabled': false }, clock, 'server');
    await untilWell(world);
  });
  afterAll(async () => {
    disk?.free();
    await world?.stop();
    disk?.remove();
  });

  const write = async (text: string) => {
    const answer = await world.call('POST', '/api/memory/working', {
      user_id: USER,
      memory_type: 'action',
      content: { text },
    });
    if (answer.status < 300) acknowledged.push(text);
    return answer;
  };
  const say = (content: string) =>
    world.call('POST', '/api/memory/session/nora-talks/messages', {
      user_id: USER,
      messages: [{ role: 'user', content }],
    });
  /** What the log takes up is room that SQLite has already: without it nothing more can be written. */
  const emptyLogs = () => {
    for (const name of ['history.db', 'journal.db']) {
      const db = new BetterSqlite3(join(disk?.path ?? '', name));
      db.pragma('wal_checkpoint(TRUNCATE)');
      db.close();
    }
  };
  const missedSamples = async (): Promise<number> => {
    const { body } = await world.call('GET', '/metrics');
    return Number(/^archon_metric_history_failures_total (\d+)/m.exec(body)?.[1] ?? 0);
  };
  /** Goes through the times of samples until it is so. */
  const untilSampled = (isSo: () => Promise<boolean>) =>
    untilSo(async () => {
      clock.advance({ ms: SAMPLE_MS });
      return await isSo();
    });

  it('goes on with everything that lies elsewhere, and says that the disk is full', async () => {
    expect(await missedSamples()).toBe(0);
    emptyLogs();
    disk?.fill();
    await untilSampled(async () => (await missedSamples()) > 0);
    expect(await write('on a full disk')).toMatchObject({ status: 201 });
    expect((await say('Is there room?')).status).toBeLessThan(202);
    expect(await world.call('POST', '/api/memory/context', { user_id: USER, query: 'disk' })).toMatchObject({
      status: 200,
      body: { status: 'healthy' },
    });
    await untilSo(async () => {
      const { status, body } = await world.call('GET', '/health/deep');
      expect(status).toBe(200);
      const of = (name: string) => body.components.find(({ component }: { component: string }) => component === name);
      expect(of('database').status).toBe('healthy');
      expect(of('sessions').status).toBe('healthy');
      return of('data_folder').status === 'degraded' && of('data_folder').detail.includes('0.0 GiB free');
    });
  });

  it('refuses what it could not keep while PostgreSQL is away, and its breaker works all the same', async () => {
    await world.proxies.postgres.refuse();
    await untilSo(async () => {
      const { status, body } = await write('nowhere to go');
      expect(status, JSON.stringify(body)).toBeGreaterThanOrEqual(500);
      expect(['STORAGE_FULL', 'STORAGE_UNAVAILABLE']).toContain(body.code);
      return world.breaker('postgres').state.state === 'open';
    });
    expect(await write('nowhere to go')).toMatchObject({ status: 507, body: { code: 'STORAGE_FULL' } });
    expect((await say('Redis is still there')).status).toBeLessThan(202);
    await world.heal();
    await untilSo(async () => (await write('PostgreSQL is back')).status === 201);
  });

  it('keeps everything again by itself once there is room', async () => {
    disk?.free();
    let missed = -1;
    await untilSampled(async () => {
      const before = missed;
      missed = await missedSamples();
      return missed === before;
    });
    await world.proxies.postgres.refuse();
    await untilSo(async () => (await write('waits for PostgreSQL')).status === 202);
    await world.heal();
    await untilWell(world);
    await untilSo(async () => (await world.call('GET', '/api/journal')).body.database.waiting === 0);
    const { body } = await world.call('GET', `/api/memory/working?user_id=${USER}&limit=200`);
    const texts = body.items.map(({ content }: { content: { text: string } }) => content.text);
    expect(texts.sort()).toEqual(acknowledged.sort());
    expect(acknowledged).toContain('waits for PostgreSQL');
  });
});
