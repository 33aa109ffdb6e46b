/** Writes steadily, whatever happens to the stores, and remembers what was acknowledged. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { randomNumbers } from '../support/random-numbers.ts';
import type { Acknowledged } from './checker.ts';
import type { RequestKind, SoakClient, Told } from './soak-client.ts';

const WRITERS = 4;
/** Milliseconds a writer pauses between two writes, about. */
const BETWEEN_MS = 150;
/** Of the writes: those under an idempotency key, which are repeated until they are acknowledged. */
const KEYED = 0.5;
/** Of those: written once more after they were acknowledged. */
const REPEATED = 0.3;
const ATTEMPTS = 6;
const BETWEEN_ATTEMPTS_MS = 400;

/** Everybody writes for one user of their own. */
export const userOf = (writer: number): string => `soak-${writer}`;
export const sessionOf = (writer: number): string => `talk-${writer}`;
export const WRITER_NUMBERS: readonly number[] = Array.from({ length: WRITERS }, (_, at) => at);

interface Write {
  kind: RequestKind;
  path: string;
  body: object;
  key?: string;
  marks: readonly Omit<Acknowledged, 'how'>[];
}

export class SoakWriters {
  /** In the order of their answers, of each writer. */
  readonly acknowledged: Acknowledged[] = [];
  /** A write that was repeated under its key and answered with something else. */
  readonly complaints: string[] = [];
  readonly #client: SoakClient;
  readonly #end = new AbortController();
  readonly #working: Promise<void>[];

  constructor(client: SoakClient, seed: number) {
    this.#client = client;
    this.#working = WRITER_NUMBERS.map((writer) => this.#write(writer, randomNumbers(seed * WRITERS + writer)));
  }

  /** Resolves once nobody writes. */
  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#working);
  }

  async #write(writer: number, random: () => number): Promise<void> {
    for (let first = true; !this.#end.signal.aborted; first = false) {
      // A session that nobody has begun cannot be read.
      const write = first ? composeAppend(writer, random) : compose(writer, random);
      const told = await this.#send(write);
      if (told) this.#note(write, told);
      if (told && write.key !== undefined && random() < REPEATED) await this.#repeat(write, told);
      await wait(BETWEEN_MS * 2 * random());
    }
  }

  /** @returns undefined when it was not acknowledged */
  async #send({ kind, path, body, key }: Write): Promise<Told | undefined> {
    // Without a key a write that was not answered for may be done all the same: it is left alone.
    const attempts = key === undefined ? 1 : ATTEMPTS;
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const told = await this.#client.ask(kind, path, { body, ...(key === undefined ? {} : { key }) });
      if (told && told.status < 300) return told;
      if (attempt < attempts) await wait(BETWEEN_ATTEMPTS_MS);
    }
    return undefined;
  }

  #note({ marks }: Write, { status }: Told): void {
    for (const mark of marks) this.acknowledged.push({ ...mark, how: status === 202 ? 'queued' : 'done' });
  }

  async #repeat(write: Write, first: Told): Promise<void> {
    const again = await this.#send(write);
    // While a write is queued its store cannot be asked for what it knows of the key.
    if (!again || first.status === 202 || again.status === 202) return;
    if (again.body?.id !== first.body?.id) {
      this.complaints.push(`${write.kind} under one key was answered as ${first.body?.id} and ${again.body?.id}`);
    }
  }
}

const keyFor = (random: () => number): { key?: string } => (random() < KEYED ? { key: randomUUID() } : {});

function composeAppend(writer: number, random: () => number): Write {
  const session_id = sessionOf(writer);
  const messages = Array.from({ length: 1 + Math.floor(random() * 2) }, () => {
    const mark = randomUUID();
    return { message_id: mark, role: 'user', content: `Said: ${mark}` };
  });
  return {
    kind: 'append messages',
    path: `/api/memory/session/${session_id}/messages`,
    body: { user_id: userOf(writer), messages },
    marks: messages.map(({ message_id }) => ({ mark: message_id, place: session_id, ordered: true })),
    ...keyFor(random),
  };
}

function compose(writer: number, random: () => number): Write {
  const user_id = userOf(writer);
  const keyed = keyFor(random);
  const kind = random();
  if (kind < 0.4) return composeAppend(writer, random);
  const layer = random() < 0.6 ? 'working' : 'longterm';
  const memory = (mark: string) => ({
    user_id,
    memory_type: layer === 'working' ? 'action' : 'fact',
    content: { text: mark },
  });
  if (kind < 0.9) {
    const mark = randomUUID();
    return {
      kind: `write ${layer}`,
      path: `/api/memory/${layer}`,
      body: memory(mark),
      marks: [{ mark, place: layer, ordered: false }],
      ...keyed,
    };
  }
  const marks = Array.from({ length: 2 + Math.floor(random() * 8) }, () => randomUUID());
  return {
    kind: 'write batch',
    path: `/api/memory/${layer}/batch`,
    body: { items: marks.map(memory) },
    marks: marks.map((mark) => ({ mark, place: layer, ordered: false })),
    ...keyed,
  };
}
