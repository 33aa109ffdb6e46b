import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { DataFolder } from '../support/cli-process.ts';

/** Kills per run; `ARCHON_KILL_ROUNDS=20 npm run test:e2e -- kill-nine` for the long form. */
const ROUNDS = Number(process.env.ARCHON_KILL_ROUNDS ?? 5);
const USER = 'kill-nine';
const SESSION = 'kill-nine';

interface Acknowledged {
  working: Set<string>;
  longterm: Set<string>;
  /** Superseded memory → the one in its place. */
  superseded: Map<string, string>;
  messages: Set<string>;
}

class Caller {
  readonly #url: string;
  readonly #token: string;

  constructor({ url, token }: { url: string; token: string }) {
    this.#url = url;
    this.#token = token;
  }

  async call(method: string, path: string, body?: unknown): Promise<{ status: number; json: Record<string, unknown> }> {
    const response = await fetch(this.#url + path, {
      method,
      headers: { authorization: `Bearer ${this.#token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, json: (await response.json()) as Record<string, unknown> };
  }

  async all(path: string): Promise<Record<string, unknown>[]> {
    const items: Record<string, unknown>[] = [];
    let cursor: string | null = null;
    do {
      const { status, json } = await this.call('GET', `${path}&limit=500${cursor ? `&cursor=${cursor}` : ''}`);
      if (status !== 200) throw new Error(`GET ${path} answered ${status}: ${JSON.stringify(json)}`);
      items.push(...(json.items as Record<string, unknown>[]));
      cursor = json.next_cursor as string | null;
    } while (cursor !== null);
    return items;
  }
}

/** Writes until the server is gone, remembering what was answered with 2xx. */
async function writeUntilGone(caller: Caller, acknowledged: Acknowledged): Promise<void> {
  const write = async (path: string, body: unknown): Promise<Record<string, unknown> | undefined> => {
    const { status, json } = await caller.call('POST', path, body);
    return status >= 200 && status < 300 ? json : undefined;
  };
  const content = { text: `written before the kill ${randomUUID()}` };
  for (;;) {
    try {
      const working = await write('/api/memory/working', { user_id: USER, memory_type: 'action', content });
      if (working) acknowledged.working.add(String(working.id));
      const fact = await write('/api/memory/longterm', { user_id: USER, memory_type: 'fact', content });
      if (fact) {
        acknowledged.longterm.add(String(fact.id));
        const next = await write(`/api/memory/longterm/${fact.id}/supersede`, { content });
        if (next) acknowledged.superseded.set(String(fact.id), String(next.id));
      }
      const message_id = randomUUID();
      const messages = [{ message_id, role: 'user', content: content.text }];
      const said = await write(`/api/memory/session/${SESSION}/messages`, { user_id: USER, messages });
      if (said) acknowledged.messages.add(message_id);
    } catch {
      return;
    }
  }
}

describe('a server that is killed in the middle of writes', () => {
  const folder = DataFolder.withDatabase();
  afterAll(() => folder.remove());

  it(`has every acknowledged write after each of ${ROUNDS} kills`, { timeout: 60_000 + ROUNDS * 30_000 }, async () => {
    const acknowledged: Acknowledged = {
      working: new Set(),
      longterm: new Set(),
      superseded: new Map(),
      messages: new Set(),
    };
    for (let round = 0; round <= ROUNDS; round += 1) {
      const server = await folder.serve();
      const caller = new Caller(folder.serverFile());
      const working = await caller.all(`/api/memory/working?user_id=${USER}`);
      const longterm = await caller.all(`/api/memory/longterm?user_id=${USER}&include_superseded=true`);
      const messages =
        acknowledged.messages.size === 0
          ? []
          : await caller.all(`/api/memory/session/${SESSION}/messages?order=oldest_first`);
      const missing = (wanted: Iterable<string>, found: Record<string, unknown>[], key: string) => {
        const there = new Set(found.map((one) => one[key]));
        return [...wanted].filter((id) => !there.has(id));
      };
      expect(missing(acknowledged.working, working, 'id')).toEqual([]);
      expect(missing(acknowledged.longterm, longterm, 'id')).toEqual([]);
      expect(missing(acknowledged.messages, messages, 'message_id')).toEqual([]);
      const successor = new Map(longterm.map((one) => [one.id, one.superseded_by]));
      for (const [old, next] of acknowledged.superseded) expect(successor.get(old)).toBe(next);
      if (round === ROUNDS) {
        expect(await server.stop()).toBe(0);
        break;
      }
      const before = acknowledged.messages.size;
      const writers = Array.from({ length: 4 }, () => writeUntilGone(caller, acknowledged));
      // A message is the last of a writer's round: each kind of write is under way by then, however slow the machine.
      while (acknowledged.messages.size === before) await wait(10);
      await wait(Math.random() * 1000);
      await server.stop('SIGKILL');
      await Promise.all(writers);
    }
    const { working, longterm, superseded, messages } = acknowledged;
    console.log(
      `${ROUNDS} kills: ${working.size} working, ${longterm.size} long-term, ${superseded.size} superseded, ${messages.size} messages acknowledged; 0 lost`,
    );
    expect(Math.min(working.size, longterm.size, superseded.size, messages.size)).toBeGreaterThan(0);
  });
});
