/** Reads steadily, as agents and a page do. */
import { setTimeout as wait } from 'node:timers/promises';
import { randomNumbers } from '../support/random-numbers.ts';
import type { RequestKind, SoakClient } from './soak-client.ts';
import { sessionOf, userOf, WRITER_NUMBERS } from './soak-writers.ts';

const READERS = 3;
const BETWEEN_MS = 150;

type Reading = readonly [kind: RequestKind, path: string, body?: object];

function readingsOf(writer: number): Reading[] {
  const user_id = userOf(writer);
  const session_id = sessionOf(writer);
  return [
    ['context', '/api/memory/context', { user_id, session_id, query: 'what was said' }],
    ['search', '/api/memory/search', { user_id, query: 'written' }],
    ['list memories', `/api/memory/working?user_id=${user_id}&limit=20`],
    ['list memories', `/api/memory/longterm?user_id=${user_id}&limit=20`],
    ['read messages', `/api/memory/session/${session_id}/messages?limit=20`],
    ['list sessions', `/api/memory/sessions?user_id=${user_id}`],
    ['events', '/api/events?limit=20'],
    ['health', '/health'],
    ['metrics', '/metrics'],
  ];
}

export class SoakReaders {
  readonly #client: SoakClient;
  readonly #end = new AbortController();
  readonly #working: Promise<void>[];

  constructor(client: SoakClient, seed: number) {
    this.#client = client;
    this.#working = Array.from({ length: READERS }, (_, at) => this.#read(randomNumbers(seed * READERS + at)));
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#working);
  }

  async #read(random: () => number): Promise<void> {
    const readings = WRITER_NUMBERS.flatMap(readingsOf);
    while (!this.#end.signal.aborted) {
      const [kind, path, body] = readings[Math.floor(random() * readings.length)] ?? (['health', '/health'] as const);
      await this.#client.ask(kind, path, body === undefined ? {} : { body });
      await wait(BETWEEN_MS * 2 * random());
    }
  }
}
