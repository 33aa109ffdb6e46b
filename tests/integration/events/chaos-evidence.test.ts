/** What a chaos run reads from the database is what lies there: damage that is planted is seen, and judged. */
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { JobQueue, queueOf } from '../../../src-main/events/delivery/job-queue.ts';
import { recordEvents } from '../../../src-main/events/event-log.ts';
import { Organisations } from '../../../src-main/identity/organisations.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { check } from '../../chaos/checker.ts';
import { readEvidence } from '../../chaos/evidence.ts';
import { newLargeEvent } from '../../chaos/large-events.ts';
import { effectsFile, LEDGER } from '../../chaos/subscribers.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
const memory_id = '0193e0c0-0000-7000-8000-000000000001';

describe.each(databaseKinds.filter(({ available }) => available))('what a chaos run has left on $name', (kind) => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-evidence-'));
  let test: TestDatabase;
  let queue: JobQueue;
  let client: pg.Client;
  const large = newLargeEvent('poison-all');
  beforeAll(async () => {
    test = await kind.open();
    const { database } = test;
    await new Organisations(database).ensure(scope);
    queue = new JobQueue({ database, logger: silentLogger, shared: kind.name === 'PostgreSQL' });
    await queue.start();
    await queue.ensure(queueOf(LOCAL_ORG_ID, 'ledger'));
    await database.statement(`CREATE TABLE ${LEDGER} (event_id bigint)`);
    client = new pg.Client(test.pool);
    await client.connect();
  });
  afterAll(async () => {
    await client?.end();
    await queue?.stop();
    await test?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is read from the log, the queues, the dead letters and the effects', async () => {
    const { database } = test;
    await database.withScope(scope, async (tx) => {
      await tx.run(
        recordEvents(scope, [
          { type: 'memory.working.created', user_id: 'ana', payload: { memory_id, memory_type: 'action' } },
          { type: 'memory.message.added', user_id: 'ana', payload: { session_id: 's', message_ids: ['m1', 'm2'] } },
          large.event,
          { type: 'memory.session.created', user_id: 'ana', payload: { session_id: 's' } },
        ]),
      );
    });
    const ids = (await client.query('SELECT id::text FROM archon_events ORDER BY archon_events.id')).rows.map(
      ({ id }) => String(id),
    );
    const [created = '', added = '', poisoned = '', last = ''] = ids;
    await client.query(
      `INSERT INTO archon_event_subscribers (org_id, name, cursor) VALUES ($1, 'ledger', $2), ($1, 'hanging', $3)`,
      [LOCAL_ORG_ID, last, poisoned],
    );
    await client.query(`INSERT INTO ${LEDGER} VALUES ($1), ($1)`, [created]);
    appendFileSync(effectsFile(folder, 'hanging'), `${created}\n${added}\n${added}\n`);
    const [event] = (await client.query('SELECT id::text FROM archon_events WHERE id = $1', [added])).rows;
    await database.withScope(scope, (tx) =>
      queue.put(tx, queueOf(LOCAL_ORG_ID, 'ledger'), [
        { place: Number(event.id), data: { kind: 'event', event, attempts: [] } },
      ]),
    );
    await client.query(
      `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, event_actor, event_created_at,
         payload, error_name, error_message, attempts, attempt_count, first_failed_at, failed_at, state, state_at, state_by)
       VALUES ($1, gen_random_uuid(), 'ledger', $2, 't', 'x', now(), '{}', 'PoisonedError', 'm', '[]', 1, now(), now(),
         'dead', now(), 'x')`,
      [LOCAL_ORG_ID, poisoned],
    );
    const evidence = await readEvidence({
      client,
      folder,
      window: { after: 0, to: Number(last) },
      taken: new Map(ids.map((id) => [id, 1])),
      webhook: 'webhook-of-the-run',
    });
    expect(evidence.log.map(({ keys }) => keys)).toEqual([[memory_id], ['m1', 'm2'], [large.key], []]);
    const verdict = check({ ...evidence, acknowledged: [memory_id, 'm1', 'm2', large.key, 'gone'], outbox: 0 });
    expect(verdict).toMatchObject({ acknowledged: 5, found: 4 });
    expect(verdict.faults.filter((fault) => !fault.startsWith('thrower'))).toEqual([
      'gone was acknowledged and is not in the log: lost',
      `ledger: event ${created} had its effect 2 times`,
      `ledger: event ${added} is still in the queue: limbo`,
      `ledger: event ${last} had no effect and is not a dead letter: lost`,
      `hanging: event ${poisoned} had no effect and is not a dead letter: lost`,
      `hanging: event ${last} never left the log: limbo`,
      `webhook: event ${poisoned} is poisoned and had an effect`,
    ]);
    // The window of a run leaves out what was there before it, and what comes after its end.
    const narrow = await readEvidence({
      client,
      folder,
      window: { after: Number(created), to: Number(added) },
      taken: new Map(),
      webhook: 'webhook-of-the-run',
    });
    expect(narrow.log).toHaveLength(1);
    expect(narrow.subscribers[0]).toMatchObject({ queued: [added], letters: [], effects: new Map() });
  });
});
