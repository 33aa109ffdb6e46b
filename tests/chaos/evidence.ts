/** Reads what a run has left: past the engine, once its processes are stopped. */
import { existsSync, readFileSync } from 'node:fs';
import type pg from 'pg';
import { QUEUE_SCHEMA, queueOf } from '../../src-main/events/delivery/job-queue.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import type { Evidence, LetterLeft, LoggedEvent, SubscriberEvidence } from './checker.ts';
import { ACTORS, type Actor, ERROR_NAMES, isPoison } from './doom.ts';
import { effectsFile, LEDGER } from './subscribers.ts';

/** Events of the run: after the one id, up to the other. */
export interface Window {
  after: number;
  to: number;
}

export interface Sources {
  client: pg.Client;
  folder: string;
  window: Window;
  /** What the receiver of the webhook took. */
  taken: ReadonlyMap<string, number>;
  /** The name of the webhook among the subscribers. */
  webhook: string;
}

export async function readEvidence(sources: Sources): Promise<Pick<Evidence, 'log' | 'open_runs' | 'subscribers'>> {
  const { client, window } = sources;
  const subscribers: SubscriberEvidence[] = [];
  for (const actor of ACTORS) subscribers.push(await readSubscriber(sources, actor));
  return { log: await readLog(client, window), open_runs: await countOpenRuns(client), subscribers };
}

async function readLog(client: pg.Client, { after, to }: Window): Promise<LoggedEvent[]> {
  const { rows } = await client.query<{ id: string; user_id: string | null; keys: (string | null)[] }>(
    `SELECT id::text, user_id, ARRAY[payload ->> 'memory_id', payload #>> '{keys,0}'] || ARRAY(
       SELECT jsonb_array_elements_text(coalesce(payload -> 'message_ids', '[]'))) AS keys
     FROM archon_events WHERE org_id = $1 AND id > $2 AND id <= $3
       -- News of dead letters is for those that ask for it by name.
       AND type NOT LIKE 'event.delivery.%' ORDER BY archon_events.id`,
    [LOCAL_ORG_ID, after, to],
  );
  return rows.map(({ keys, ...event }) => ({ ...event, keys: keys.filter((key) => key !== null) }));
}

/** Of nodes that are stopped, which would have ended them or given them back. */
async function countOpenRuns(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `SELECT count(*)::int AS open FROM archon_worker_runs WHERE status = 'running'`,
  );
  return rows[0]?.open ?? 0;
}

async function readSubscriber(sources: Sources, actor: Actor): Promise<SubscriberEvidence> {
  const { client, window } = sources;
  const name = actor === 'webhook' ? sources.webhook : actor;
  const isOfRun = (id: string) => Number(id) > window.after && Number(id) <= window.to;
  const cursors = await client.query<{ cursor: string }>(
    'SELECT cursor FROM archon_event_subscribers WHERE org_id = $1 AND name = $2',
    [LOCAL_ORG_ID, name],
  );
  const letters = await client.query<LetterLeft>(
    `SELECT event_id::text, state, error_name FROM archon_event_failures WHERE org_id = $1 AND subscriber = $2`,
    [LOCAL_ORG_ID, name],
  );
  const jobs = await client.query<{ event_id: string }>(
    `SELECT data -> 'event' ->> 'id' AS event_id FROM ${QUEUE_SCHEMA}.job WHERE name = $1`,
    [queueOf(LOCAL_ORG_ID, name)],
  );
  const effects = await readEffects(sources, actor);
  return {
    name: actor,
    cursor: Number(cursors.rows[0]?.cursor ?? 0),
    effects: new Map([...effects].filter(([id]) => isOfRun(id))),
    letters: letters.rows.filter(({ event_id }) => isOfRun(event_id)),
    queued: jobs.rows.map(({ event_id }) => event_id).filter(isOfRun),
    isPoison: (user_id) => isPoison(actor, user_id),
    error_name: ERROR_NAMES[actor],
    once: actor === 'ledger',
  };
}

async function readEffects({ client, folder, taken }: Sources, actor: Actor): Promise<ReadonlyMap<string, number>> {
  switch (actor) {
    case 'webhook':
      return taken;
    case 'ledger': {
      const { rows } = await client.query<{ event_id: string }>(`SELECT event_id::text FROM ${LEDGER}`);
      return countOf(rows.map(({ event_id }) => event_id));
    }
    default:
      return countOf(readLines(effectsFile(folder, actor)));
  }
}

export function readLines(file: string): string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').slice(0, -1) : [];
}

function countOf(ids: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
