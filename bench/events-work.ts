/** The event stream: from a write to the last of 200 readers, beside a raw NOTIFY in the same run. */
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { Engine } from '../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../src-main/identity/scope.ts';
import { HttpServer } from '../src-main/server/http-server.ts';
import { defaultConfig } from '../src-main/settings/config-schema.ts';
import { postgresAvailable, startPostgres } from '../tests/support/postgres-server.ts';
import { median, percentile, type Row, RUNS } from './measure.ts';

const READERS = 200;
const WRITES = 30;
/** Between writes, so that each finds the feed at rest: it looks at the log every 40 ms at most. */
const REST_MS = 60;
const SCOPE = { org_id: LOCAL_ORG_ID, actor: 'bench' };

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export async function benchEvents(): Promise<Row[]> {
  const rows = [await benchFanOut('embedded', null)];
  if (postgresAvailable) {
    const server = await startPostgres();
    try {
      rows.push(await benchFanOut('PostgreSQL', await server.createDatabase('archon')));
    } finally {
      await server.remove();
    }
  }
  return rows;
}

async function benchFanOut(store: string, database_url: string | null): Promise<Row> {
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-bench-'));
  const logger = pino({ level: 'silent' });
  const config = {
    ...defaultConfig(data_dir),
    'database.url': database_url,
    'server.port': 0,
    'server.rate_limit_per_minute': 0,
  };
  const engine = new Engine({ config, logger });
  await engine.start();
  const server = new HttpServer({ engine, config, logger });
  const floor = database_url === null ? undefined : await RawNotify.open(database_url);
  try {
    const { url } = await server.start();
    const { token } = engine.tokens.create({ name: 'bench', org_id: LOCAL_ORG_ID });
    const readers = await Readers.open(`${url}/api/events/stream?types=memory.longterm.created`, token, READERS);
    const write = async () => {
      await pause(REST_MS);
      const began = performance.now();
      const created = engine.services.longterm.create(SCOPE, {
        user_id: 'bench',
        memory_type: 'fact',
        content: { text: 'The crew sails on Sundays.' },
      });
      await readers.all();
      await created;
      return performance.now() - began;
    };
    const runs: { work: number[]; floor: number[] }[] = [];
    for (let run = -1; run < RUNS; run += 1) {
      const times = { work: [] as number[], floor: [] as number[] };
      for (let n = 0; n < WRITES; n += 1) {
        times.work.push(await write());
        if (floor) times.floor.push(await floor.once());
      }
      if (run >= 0) runs.push(times);
    }
    readers.close();
    return {
      measure: `write → last of ${READERS} readers of the event stream (floor: raw NOTIFY → one LISTEN)`,
      store,
      p50: median(runs.map(({ work }) => percentile(work, 0.5))),
      p95: median(runs.map(({ work }) => percentile(work, 0.95))),
      ...(floor
        ? {
            floor_p50: median(runs.map((run) => percentile(run.floor, 0.5))),
            ratio: median(runs.map((run) => median(run.work) / median(run.floor))),
          }
        : {}),
      unit: 'ms',
    };
  } finally {
    await floor?.close();
    await server.stop();
    await engine.stop();
    rmSync(data_dir, { recursive: true, force: true });
  }
}

/** Readers of server-sent events that only count what they get. */
class Readers {
  readonly #requests: http.ClientRequest[] = [];
  #missing = 0;
  #got = Promise.withResolvers<void>();

  static async open(url: string, token: string, count: number): Promise<Readers> {
    const readers = new Readers();
    const agent = new http.Agent({ maxSockets: Number.POSITIVE_INFINITY });
    await Promise.all(
      Array.from(
        { length: count },
        () =>
          new Promise<void>((resolve, reject) => {
            const request = http.get(url, { agent, headers: { authorization: `Bearer ${token}` } }, (answer) => {
              answer.on('data', (chunk: Buffer) => readers.#take(chunk));
              // The server ends its streams when it stops.
              answer.on('error', () => {});
              resolve();
            });
            request.once('error', reject);
            readers.#requests.push(request);
          }),
      ),
    );
    readers.#missing = count;
    return readers;
  }

  /** Resolves once each has the next event. */
  async all(): Promise<void> {
    await this.#got.promise;
    this.#missing = this.#requests.length;
    this.#got = Promise.withResolvers();
  }

  close(): void {
    for (const request of this.#requests) request.destroy();
  }

  /** A small event comes in one piece. */
  #take(chunk: Buffer): void {
    if (!chunk.includes('event: message')) return;
    this.#missing -= 1;
    if (this.#missing === 0) this.#got.resolve();
  }
}

/** A NOTIFY that commits, to one connection that listens. */
class RawNotify {
  readonly #from: pg.Client;
  readonly #to: pg.Client;

  private constructor(from: pg.Client, to: pg.Client) {
    this.#from = from;
    this.#to = to;
  }

  static async open(url: string): Promise<RawNotify> {
    const [from, to] = [new pg.Client(url), new pg.Client(url)];
    await Promise.all([from.connect(), to.connect()]);
    await to.query('LISTEN bench');
    return new RawNotify(from, to);
  }

  async once(): Promise<number> {
    const began = performance.now();
    const heard = new Promise<number>((resolve) => {
      this.#to.once('notification', () => resolve(performance.now() - began));
    });
    await this.#from.query('NOTIFY bench');
    return await heard;
  }

  async close(): Promise<void> {
    await Promise.all([this.#from.end(), this.#to.end()]);
  }
}
