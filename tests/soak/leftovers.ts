/** Reads what a soak has left in the stores, once everything is well: through the API, page by page. */
import type { SoakClient } from './soak-client.ts';
import { sessionOf, userOf, WRITER_NUMBERS } from './soak-writers.ts';

export interface Leftovers {
  stored: Map<string, string[]>;
  told: Map<string, number>;
  refused: string[];
}

const MEMORY_LAYERS = ['working', 'longterm'] as const;
/**
 * The one refusal that loses nothing: the write had been done before under its key, and its answer was lost on the way
 * (docs/operations/journal.md).
 */
const WRITTEN_BEFORE = 'It had been written before under its idempotency key';

export async function readLeftovers(client: SoakClient): Promise<Leftovers> {
  const stored = new Map<string, string[]>();
  const marks = new Map<string, string>();
  for (const layer of MEMORY_LAYERS) {
    const found: string[] = [];
    for (const writer of WRITER_NUMBERS) {
      const path = `/api/memory/${layer}?user_id=${userOf(writer)}`;
      for (const { id, content } of await everyPage<{ id: string; content: { text: string } }>(client, path)) {
        found.push(content.text);
        marks.set(id, content.text);
      }
    }
    stored.set(layer, found);
  }
  for (const writer of WRITER_NUMBERS) {
    const path = `/api/memory/session/${sessionOf(writer)}/messages?order=oldest_first`;
    const messages = await everyPage<{ message_id: string }>(client, path);
    stored.set(
      sessionOf(writer),
      messages.map(({ message_id }) => message_id),
    );
  }
  return { stored, told: await readTold(client, marks), refused: await readRefused(client) };
}

/** @param marks by the id of the memory */
async function readTold(client: SoakClient, marks: ReadonlyMap<string, string>): Promise<Map<string, number>> {
  const types = ['memory.working.created', 'memory.longterm.created', 'memory.message.added'];
  const path = `/api/events?${types.map((type) => `types[]=${type}`).join('&')}`;
  const told = new Map<string, number>();
  type Payload = { memory_id?: string; message_ids?: string[] };
  for (const { payload } of await everyPage<{ payload: Payload }>(client, path)) {
    const { memory_id, message_ids = [] } = payload;
    const mark = memory_id === undefined ? undefined : marks.get(memory_id);
    for (const one of mark === undefined ? message_ids : [mark]) told.set(one, (told.get(one) ?? 0) + 1);
  }
  return told;
}

async function readRefused(client: SoakClient): Promise<string[]> {
  const items = await everyPage<{ operation: string; error: { code: string; message: string } }>(
    client,
    '/api/journal/refused',
  );
  return items
    .filter(({ error }) => !error.message.startsWith(WRITTEN_BEFORE))
    .map(({ operation, error }) => `${operation} was queued and refused: ${error.code} ${error.message}`);
}

async function everyPage<T>(client: SoakClient, path: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const begin = `${path}${path.includes('?') ? '&' : '?'}limit=200`;
    const told = await client.ask('read back', cursor === '' ? begin : `${begin}&cursor=${encodeURIComponent(cursor)}`);
    if (told?.status !== 200) throw new Error(`${path} cannot be read: ${JSON.stringify(told)}`);
    items.push(...told.body.items);
    cursor = told.body.next_cursor;
  }
  return items;
}
