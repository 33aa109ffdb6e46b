/**
 * A node of its own process that publishes and delivers, to be killed: `{ url | folder, org_id, publish, prefix }` as JSON.
 *
 * Says `published <n>` for every event that is committed, and `idle` whenever nothing waits.
 */

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { migrationsFolder } from '../../src-main/app-files.ts';
import { Organisations } from '../../src-main/identity/organisations.ts';
import { Database } from '../../src-main/storage/database.ts';
import { EmbeddedPostgres } from '../../src-main/storage/embedded/embedded-postgres.ts';
import { migrate, readMigrations } from '../../src-main/storage/migrator.ts';
import { publish, startDelivery } from './delivery-nodes.ts';
import { silentLogger } from './test-databases.ts';

export interface ChildTask {
  url?: string;
  folder?: string;
  org_id: string;
  publish: number;
  prefix: string;
}

const task = JSON.parse(process.argv[2] ?? '{}') as ChildTask;
const scope = { org_id: task.org_id, actor: 'child' };
const say = (line: string) => process.stdout.write(`${line}\n`);

async function poolConfig() {
  if (task.url !== undefined) return { connectionString: task.url, max: 6 };
  const embedded = new EmbeddedPostgres({ cluster_dir: join(task.folder ?? '', 'postgres'), logger: silentLogger });
  await embedded.start();
  return { ...embedded.poolConfig, max: 4 };
}

const database = new Database({ pool: await poolConfig(), logger: silentLogger, statement_timeout_ms: 30_000 });
await migrate(database, readMigrations(migrationsFolder));
await new Organisations(database).ensure(scope);
await database.statement('CREATE TABLE IF NOT EXISTS effects (org_id uuid, name text)');
await database.statement('GRANT SELECT, INSERT ON effects TO archon_app');
const node = await startDelivery(database, {
  scopes: [scope],
  shared: task.url !== undefined,
  tuning: task.url === undefined ? {} : { heartbeat: 10, supervise: 1, poll: 500 },
  subscribers: [
    {
      name: 'effects',
      batch: 20,
      handle: async (event, context) => {
        await wait(2);
        await context.once(async (tx) => {
          await tx.sql('INSERT INTO effects (org_id, name) VALUES ($1, $2)', [task.org_id, event.payload.session_id]);
        });
      },
    },
  ],
});
say('ready');
for (let count = 0; count < task.publish; count += 1) {
  await publish(database, scope, [`${task.prefix}${count}`]);
  say(`published ${task.prefix}${count}`);
}
for (;;) {
  const [state] = await node.events.list(scope);
  if (state && state.waiting + state.delayed + state.running + state.behind === 0) {
    const [row] = await database.statement<{ all: number; different: number }>(
      'SELECT count(*) AS all, count(DISTINCT name) AS different FROM effects WHERE org_id = $1',
      [task.org_id],
    );
    say(`idle ${JSON.stringify(row)}`);
  }
  await wait(50);
}
