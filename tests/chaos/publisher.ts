/** Writes through the HTTP API of the serving processes, whatever happens to them, and remembers what was acknowledged. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { randomNumbers } from '../support/random-numbers.ts';
import { POISON_USERS } from './doom.ts';

const WRITERS = 3;
const USERS = 40;
/** Of the writes: those of a user whose events are poison. */
const POISONED = 0.02;
const BETWEEN_WRITES_MS = 60;
const BETWEEN_RUNS_MS = 700;
const ANSWER_WITHIN_MS = 15_000;

/** A serving process, as long as it is up. */
export interface Door {
  name: string;
  url: string;
  token: string;
  pid: number;
}

/** A write and what names its events in the log. */
interface Write {
  path: string;
  body: unknown;
  keysOf(answer: Answer): string[];
}

interface Answer {
  id?: string;
  items?: { id: string }[];
}

export class Publisher {
  /** Names of the events whose writes were answered with success. */
  readonly acknowledged: string[] = [];
  /** Requests. */
  readonly counts = { answered: 0, refused: 0, unanswered: 0 };
  /** Answers that no fault explains. */
  readonly complaints: string[] = [];
  readonly #doors: () => Door[];
  readonly #stop = new AbortController();
  readonly #working: Promise<void>[];
  /** Users to be written for next: however short the run, it has poison for everybody. */
  #due: readonly string[] = POISON_USERS;

  constructor({ doors, seed }: { doors: () => Door[]; seed: number }) {
    this.#doors = doors;
    const writers = Array.from({ length: WRITERS }, (_, at) => this.#write(`writer-${at}`, randomNumbers(seed + at)));
    this.#working = [...writers, this.#askForRuns(randomNumbers(seed - 1))];
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#working);
  }

  async #write(writer: string, random: () => number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const door = pick(this.#doors(), random());
      const user_id = this.#due[0] ?? userOf(random);
      if (door && (await this.#send(door, compose(user_id, { writer, door, random })))) {
        this.#due = this.#due.filter((due) => due !== user_id);
      }
      await wait(BETWEEN_WRITES_MS * 2 * random());
    }
  }

  /** @returns whether it was acknowledged */
  async #send(door: Door, { path, body, keysOf }: Write): Promise<boolean> {
    try {
      const response = await post(door, path, body);
      const answer = (await response.json()) as Answer;
      if (response.ok) {
        this.counts.answered += 1;
        this.acknowledged.push(...keysOf(answer));
        return true;
      }
      // With 5xx the store is away, and may have done it all the same. Anything else is our mistake, or the server's.
      this.counts.refused += 1;
      if (response.status < 500) this.complaints.push(`${path}: ${response.status} ${JSON.stringify(answer)}`);
    } catch {
      this.counts.unanswered += 1;
    }
    return false;
  }

  /** Workers have something to do, and are killed in the middle of it. One that runs already is a conflict. */
  async #askForRuns(random: () => number): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const door = pick(this.#doors(), random());
      if (door) await post(door, '/api/workers/consolidation/run', {}).catch(() => {});
      await wait(BETWEEN_RUNS_MS);
    }
  }
}

async function post({ url, token }: Door, path: string, body: unknown): Promise<Response> {
  return await fetch(url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  });
}

function userOf(random: () => number): string {
  return (random() < POISONED && pick(POISON_USERS, random())) || `user-${Math.floor(random() * USERS)}`;
}

function compose(
  user_id: string,
  { writer, door, random }: { writer: string; door: Door; random: () => number },
): Write {
  const content = { text: `Written in the middle of it all: ${randomUUID()}` };
  const kind = random();
  if (kind < 0.4) {
    // Sessions lie in the folder of the process that took them.
    const session_id = `${writer} ${user_id} ${door.name}`;
    const messages = Array.from({ length: 1 + Math.floor(random() * 3) }, () => ({
      message_id: randomUUID(),
      role: 'user',
      content: content.text,
    }));
    return {
      path: `/api/memory/session/${encodeURIComponent(session_id)}/messages`,
      body: { user_id, messages },
      keysOf: () => messages.map(({ message_id }) => message_id),
    };
  }
  const layer = random() < 0.7 ? 'working' : 'longterm';
  const memory = { user_id, memory_type: layer === 'working' ? 'action' : 'fact', content };
  if (kind < 0.85) {
    return { path: `/api/memory/${layer}`, body: memory, keysOf: ({ id }) => (id === undefined ? [] : [id]) };
  }
  return {
    path: `/api/memory/${layer}/batch`,
    body: { items: Array.from({ length: 2 + Math.floor(random() * 9) }, () => memory) },
    keysOf: ({ items = [] }) => items.map(({ id }) => id),
  };
}

const pick = <T>(list: readonly T[], number: number): T | undefined => list[Math.floor(number * list.length)];
