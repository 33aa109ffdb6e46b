/** A reader of the event stream that comes back after its server was killed, stopped, or lost its listening connection. */
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { DataFolder } from '../support/cli-process.ts';
import { EventSourceReader } from '../support/event-source-reader.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../support/postgres-server.ts';

const KINDS = [
  { name: 'the embedded database', available: true },
  { name: 'PostgreSQL', available: postgresAvailable },
];
/** What happens to the server, one after the other. */
const FAULTS = ['SIGKILL', 'SIGTERM', 'SIGKILL'] as const;

describe.each(KINDS)('the event stream on $name', ({ name, available }) => {
  if (!available) {
    it.skip('needs PostgreSQL');
    return;
  }
  const folder = name === 'PostgreSQL' ? new DataFolder() : DataFolder.withDatabase();
  let postgres: PostgresServer | undefined;
  let env: Record<string, string> = {};
  beforeAll(async () => {
    if (name !== 'PostgreSQL') return;
    postgres = await startPostgres({ fsync: 'off' });
    env = { ARCHON_DATABASE_URL: await postgres.createDatabase('archon') };
  });
  const readers: EventSourceReader[] = [];
  afterEach(() => {
    for (const reader of readers.splice(0)) reader.close();
  });
  afterAll(async () => {
    await folder.remove();
    await postgres?.remove();
  });

  it('has no gap and nothing twice over restarts', { timeout: 240_000 }, async () => {
    /** Every memory that was answered for, and what the reader saw, in order. */
    const acknowledged: string[] = [];
    const seen: { id: string; memory_id: string }[] = [];
    for (const fault of [...FAULTS, undefined]) {
      const server = await folder.serve([], env);
      const { url, token } = folder.serverFile();
      const last_event_id = seen.at(-1)?.id;
      const reader = await EventSourceReader.open(
        { url, token },
        '?types=memory.longterm.created',
        last_event_id === undefined ? {} : { last_event_id },
      );
      readers.push(reader);
      const stopped = new AbortController();
      const reading = (async () => {
        try {
          for (;;) {
            const [message] = await reader.take(1);
            if (message === undefined) return;
            seen.push({ id: message.id, memory_id: String(message.event.payload.memory_id) });
          }
        } catch {
          // Cut off with its server.
        }
      })();
      const writing = writeUntil(stopped.signal, { url, token }, acknowledged);
      const before = seen.length;
      await expect.poll(() => seen.length, { timeout: 60_000 }).toBeGreaterThan(before + 5);
      if (postgres) await cutListeners(env.ARCHON_DATABASE_URL);
      const then = acknowledged.length;
      await expect.poll(() => acknowledged.length, { timeout: 60_000 }).toBeGreaterThan(then + 5);
      if (fault !== undefined) {
        await server.stop(fault);
        stopped.abort();
        await Promise.all([reading, writing]);
        continue;
      }
      stopped.abort();
      await writing;
      const missing = () => {
        const there = new Set(seen.map(({ memory_id }) => memory_id));
        return acknowledged.filter((id) => !there.has(id));
      };
      await expect.poll(missing, { timeout: 60_000 }).toEqual([]);
      reader.close();
      await reading;
      const all = await listed({ url, token });
      expect(await server.stop()).toBe(0);
      // Also what was written without being answered for: exactly what is in the log, from the first event on.
      const first = seen[0]?.id;
      expect(seen).toEqual(all.filter(({ id }) => Number(id) >= Number(first)).slice(0, seen.length));
      expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
      expect(seen.length).toBeGreaterThanOrEqual(acknowledged.length);
    }
  });
});

interface Target {
  url: string;
  token: string;
}

async function writeUntil(signal: AbortSignal, { url, token }: Target, acknowledged: string[]): Promise<void> {
  while (!signal.aborted) {
    try {
      const response = await fetch(`${url}/api/memory/longterm`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ user_id: 'ana', memory_type: 'fact', content: { text: 'Ana sails.' } }),
      });
      if (response.status !== 201) continue;
      const { id } = (await response.json()) as { id: string };
      acknowledged.push(id);
    } catch {
      return;
    }
  }
}

/** Ends every connection that listens, as a network or an administrator would. */
async function cutListeners(url: string | undefined): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  try {
    const cut = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE query LIKE 'LISTEN%' AND datname = current_database()`;
    while ((await client.query(cut)).rowCount === 0) await wait(20);
  } finally {
    await client.end();
  }
}

/** The same events from the log, oldest first. */
async function listed({ url, token }: Target): Promise<{ id: string; memory_id: string }[]> {
  const all: { id: string; memory_id: string }[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query = `types=memory.longterm.created&limit=500${cursor ? `&cursor=${cursor}` : ''}`;
    const response = await fetch(`${url}/api/events?${query}`, { headers: { authorization: `Bearer ${token}` } });
    const page = (await response.json()) as {
      items: { id: string; payload: { memory_id: string } }[];
      next_cursor: string | null;
    };
    all.push(...page.items.map(({ id, payload }) => ({ id, memory_id: payload.memory_id })));
    cursor = page.next_cursor;
  }
  return all.reverse();
}
