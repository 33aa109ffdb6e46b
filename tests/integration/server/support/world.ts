/** Memory of one organisation, one of everything, for requests to point at. */
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { journalMigrationsFolder } from '../../../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../../../src-main/identity/scope.ts';
import { WriteJournal } from '../../../../src-main/resilience/journal/write-journal.ts';
import { makeOpsNotes } from './ops-notes.ts';
import type { TestServer } from './test-server.ts';

export const USER = 'mira';

/** Ids of what is there. */
export interface World {
  session_id: string;
  working_id: string;
  longterm_id: string;
  /** Linked from `longterm_id`. */
  linked_id: string;
  superseded_id: string;
  upload_id: string;
  import_job_id: string;
  export_job_id: string;
  token_id: string;
  dead_letter_id: string;
  replay_run_id: string;
  webhook_id: string;
  refused_write_id: string;
  alert_id: string;
  action_id: string;
  delivery_id: string;
  report_id: string;
}

const UPLOAD = '{"messages":[{"role":"user","content":"imported apples"}]}\n';

export async function makeWorld(server: TestServer): Promise<World> {
  const post = async (path: string, body: object, status: number, method = 'POST') => {
    const answer = await server.call(method, path, { body: JSON.stringify(body) });
    if (answer.status !== status) throw new Error(`${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const session = await post(
    '/api/memory/sessions',
    {
      session_id: 'talk-1',
      user_id: USER,
      title: 'Apples',
      messages: [
        { role: 'user', content: 'Which apples keep until spring?' },
        { role: 'assistant', content: 'Boskoop keeps until spring in a cool cellar.' },
      ],
    },
    201,
  );
  const working = async (text: string) =>
    (await post('/api/memory/working', { user_id: USER, memory_type: 'decision', content: { text } }, 201)).id;
  const longterm = async (text: string) =>
    (await post('/api/memory/longterm', { user_id: USER, memory_type: 'fact', content: { text } }, 201)).id;
  const working_id = await working('Buy apples on Friday.');
  await working('Call the orchard.');
  const longterm_id = await longterm('Mira likes Boskoop apples.');
  const linked_id = await longterm('Boskoop is an old sort of apple.');
  const superseded_id = await longterm('Mira lives in Ulm.');
  await post(`/api/memory/longterm/${superseded_id}/supersede`, { content: { text: 'Mira lives in Bonn.' } }, 201);
  await post('/api/memory/links', { from_id: longterm_id, to_id: linked_id, relation: 'supports' }, 200, 'PUT');
  const { upload_id } = await post('/api/memory/import/uploads', { name: 'a.jsonl', size: UPLOAD.length }, 201);
  const form = new FormData();
  form.append('offset', '0');
  form.append('chunk', new Blob([UPLOAD]), 'a.jsonl');
  const sent = await server.call('PUT', `/api/memory/import/uploads/${upload_id}`, { body: form });
  if (sent.status !== 200) throw new Error(`upload: ${sent.status} ${JSON.stringify(sent.body)}`);
  const controls = { user_id: USER, controls: { max_tokens: 12_000 } };
  await post('/api/memory/controls', controls, 200, 'PATCH');
  const imported = await post(
    '/api/memory/import',
    { source: { kind: 'upload', upload_id }, format: 'openai-jsonl', user_id: USER },
    202,
  );
  const exported = await post('/api/memory/export', { scope: { kind: 'org' } }, 202);
  const { upload_id: second } = await post('/api/memory/import/uploads', { name: 'b.jsonl', size: 100 }, 201);
  for (const { job_id } of [imported, exported]) await ended(server, job_id);
  return {
    session_id: session.session_id,
    working_id,
    longterm_id,
    linked_id,
    superseded_id,
    upload_id: second,
    import_job_id: imported.job_id,
    export_job_id: exported.job_id,
    ...(await makeDeliveries(server)),
    refused_write_id: makeRefusedWrite(server),
    ...makeOpsNotes(server.engine.services.app.data_dir),
    token_id: server.engine.tokens.create({ name: 'apples', org_id: LOCAL_ORG_ID }).token_id,
  };
}

/** A queued write that the database refused when it was back. */
function makeRefusedWrite(server: TestServer): string {
  const journal = new WriteJournal(join(server.engine.services.app.data_dir, 'journal.db'), journalMigrationsFolder, {
    max_bytes: () => 1000,
  });
  const write_id = '019a0000-0000-7000-8000-0000000000e1';
  const id = '019a0000-0000-7000-8000-0000000000e2';
  journal.add({
    write_id,
    org_id: LOCAL_ORG_ID,
    actor: 'test',
    store: 'database',
    operation: 'working.update',
    user_id: null,
    key: null,
    request_sha256: '',
    ids: [],
    topics: [],
    input: { id, tags: ['apples'] },
    at_ms: Date.now(),
  });
  for (const write of journal.first('database', 1)) {
    journal.refuse(write, { code: 'NOT_FOUND', message: 'There is no working memory.' }, Date.now());
  }
  journal.close();
  return write_id;
}

/** A webhook that is switched off, a dead letter of it, its replay that failed, and a replay that found nothing to do. */
async function makeDeliveries(server: TestServer) {
  const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };
  const { webhooks, replays } = server.engine.services.delivery;
  const webhook = await webhooks.create(scope, { name: 'orchard', url: 'https://example.com/', enabled: false });
  const [letter] = await server.engine.database.withScope(scope, (tx) =>
    tx.sql<{ id: string }>(
      `INSERT INTO archon_event_failures (org_id, id, subscriber, event_id, event_type, user_id, event_actor,
         event_created_at, payload, error_name, error_message, attempts, attempt_count, first_failed_at, failed_at, state,
         state_at, state_by)
       VALUES ($1, gen_random_uuid(), $2, 1, 'memory.working.created', $3, 'test', now(), '{"a": "Boskoop apples"}', 'Error',
         'no cellar', '[]', 3, now(), now(), 'dead', now(), 'test') RETURNING id`,
      [scope.org_id, webhook.subscriber, USER],
    ),
  );
  await server.engine.database.withScope(scope, (tx) =>
    tx.sql(
      `INSERT INTO archon_event_replays (org_id, id, dead_letter_id, actor, requested_at, due_at, edited, outcome, ended_at,
         error_name, error_message)
       VALUES ($1, gen_random_uuid(), $2, 'test', now(), now(), false, 'failed', now(), 'Error', 'no cellar')`,
      [scope.org_id, letter?.id],
    ),
  );
  const run = await replays.replayMany(scope, { select: { by: 'filter', filter: {} }, per_second: 10 });
  return { webhook_id: webhook.id, dead_letter_id: letter?.id ?? '', replay_run_id: run.id };
}

async function ended(server: TestServer, job_id: string): Promise<void> {
  for (;;) {
    const { body } = await server.call('GET', `/api/memory/jobs/${job_id}`);
    if (body.state === 'succeeded') return;
    if (body.state !== 'running') throw new Error(`job ${job_id}: ${body.state} ${body.failure}`);
    await wait(20);
  }
}
