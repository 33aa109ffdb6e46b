/** Processes that are killed while they publish and deliver: nothing acknowledged is lost, nothing is left in between. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { v7 as uuidv7 } from 'uuid';
import { afterEach, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { migrationsFolder } from '../../../src-main/app-files.ts';
import type { DeliveryContext } from '../../../src-main/events/delivery/durable-subscriber.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { Database } from '../../../src-main/storage/database.ts';
import { migrate, readMigrations } from '../../../src-main/storage/migrator.ts';
import { childEnvironment } from '../../support/child-environment.ts';
import type { ChildTask } from '../../support/delivery-child.ts';
import { publish, startDelivery, until } from '../../support/delivery-nodes.ts';
import { postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';

const CHILD = resolve(import.meta.dirname, '../../support/delivery-child.ts');

class Child {
  readonly published: string[] = [];
  /** The last thing it said of the effects, when nothing waited. */
  idle: { all: number; different: number } | undefined;
  readonly #process: ChildProcess;
  readonly #exit: Promise<unknown>;
  #errors = '';

  constructor(task: ChildTask) {
    this.#process = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
      env: childEnvironment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#exit = new Promise((done) => this.#process.once('exit', done));
    this.#process.stderr?.on('data', (chunk: Buffer) => {
      this.#errors += chunk.toString('utf8');
    });
    if (this.#process.stdout) createInterface(this.#process.stdout).on('line', (line) => this.#onLine(line));
  }

  #onLine(line: string): void {
    const [word, rest = ''] = line.split(' ', 2);
    if (word === 'published') this.published.push(rest);
    if (word === 'idle') this.idle = JSON.parse(rest);
  }

  async until(what: string, isSo: () => boolean): Promise<void> {
    await until(what, () => {
      if (this.#process.exitCode !== null) throw new Error(`the child ended: ${this.#errors}`);
      return isSo();
    });
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exit;
  }
}

describe('kill -9 during delivery', () => {
  const children: Child[] = [];
  afterEach(async () => {
    for (const child of children.splice(0)) await child.kill();
  });
  const launch = (task: ChildTask) => {
    const child = new Child(task);
    children.push(child);
    return child;
  };
  /** Until the effects are those of everything acknowledged: more are right too, for what was not told of. */
  const untilAll = async (child: Child, acknowledged: readonly string[]) => {
    await child.until('every event had its effect', () => (child.idle?.different ?? 0) >= acknowledged.length);
    const { all, different } = child.idle ?? { all: 0, different: 0 };
    expect(all).toBe(different);
  };

  it('of the only process, on the embedded database', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'archon-kills-'));
    copyTemplate(folder);
    const org_id = uuidv7();
    const acknowledged: string[] = [];
    for (const round of [0, 1, 2]) {
      const child = launch({ folder, org_id, publish: 1000, prefix: `r${round}-` });
      await child.until('some are published', () => child.published.length >= 60 + round * 10);
      await child.kill();
      acknowledged.push(...child.published);
    }
    const last = launch({ folder, org_id, publish: 0, prefix: '' });
    await untilAll(last, acknowledged);
    await last.kill();
    rmSync(folder, { recursive: true, force: true });
  });

  it.skipIf(!postgresAvailable)('of the PostgreSQL server, again and again', async () => {
    const server = await startPostgres({ fsync: 'off' });
    const url = await server.createDatabase('archon');
    const database = new Database({
      pool: { connectionString: url },
      logger: silentLogger,
      statement_timeout_ms: 30_000,
    });
    try {
      await migrate(database, readMigrations(migrationsFolder));
      const scope = { org_id: uuidv7(), actor: 'test' };
      await new Organisations(database).ensure(scope);
      await database.statement('CREATE TABLE effects (name text); GRANT SELECT, INSERT ON effects TO archon_app');
      const effects = {
        name: 'effects',
        handle: async (event: EventEnvelope, context: DeliveryContext) => {
          await context.once(async (tx) => {
            await tx.sql('INSERT INTO effects VALUES ($1)', [event.payload.session_id]);
          });
        },
        // A handler that meets the crash has failed: it is tried again at once, as often as needed.
        retry: { first_seconds: 0, factor: 1, max_seconds: 0, attempts: 100 },
      };
      const tuning = { away: [20, 200], poll: 200 } as const;
      const node = await startDelivery(database, { scopes: [scope], subscribers: [effects], shared: true, tuning });
      const acknowledged: string[] = [];
      for (let round = 0; round < 4; round += 1) {
        const publishing = (async () => {
          for (let count = 0; count < 300; count += 1) {
            const name = `r${round}-${count}`;
            await publish(database, scope, [name]).then(
              () => acknowledged.push(name),
              () => {},
            );
          }
        })();
        await until('some are published', () => acknowledged.length >= (round + 1) * 40);
        await server.stop('SIGQUIT');
        await server.restart();
        await publishing;
      }
      const names = async () =>
        (await database.statement<{ name: string }>('SELECT name FROM effects')).map((row) => row.name);
      await until('every event had its effect', async () => {
        const done = new Set(await names());
        return acknowledged.every((name) => done.has(name));
      });
      await until('nothing waits', async () => {
        const [state] = await node.events.list(scope);
        return state !== undefined && state.waiting + state.delayed + state.running + state.behind === 0;
      });
      const all = await names();
      expect(new Set(all).size).toBe(all.length);
      expect((await node.deadLetters.stats(scope)).dead).toBe(0);
      await node.stop();
    } finally {
      await database.close();
      await server.remove();
    }
  });

  it.skipIf(!postgresAvailable)('of one of two processes, on a PostgreSQL server', async () => {
    const server = await startPostgres({ fsync: 'off' });
    try {
      const url = await server.createDatabase('archon');
      const org_id = uuidv7();
      const acknowledged: string[] = [];
      const survivor = launch({ url, org_id, publish: 400, prefix: 'survivor-' });
      for (const round of [0, 1, 2]) {
        const child = launch({ url, org_id, publish: 1000, prefix: `r${round}-` });
        await child.until('some are published', () => child.published.length >= 60 + round * 10);
        await child.kill();
        acknowledged.push(...child.published);
      }
      await survivor.until('it has published', () => survivor.published.length === 400);
      acknowledged.push(...survivor.published);
      await untilAll(survivor, acknowledged);
    } finally {
      for (const child of children.splice(0)) await child.kill();
      await server.remove();
    }
  });
});
