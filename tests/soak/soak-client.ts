/** HTTP requests of a soak, each timed against what it was promised. */
import { setTimeout as wait } from 'node:timers/promises';

/** Beyond any promise: a request that has no answer by then has none. */
const GIVEN_UP_MS = 120_000;
const CONNECT_AGAIN_MS = 200;
/** Of an answer that must not be. */
const TOLD_CHARACTERS = 300;
const COMPLAINTS_KEPT = 50;

/** What is promised of each kind of request, by who asks. */
export const REQUEST_KINDS = {
  'write working': 'request',
  'write longterm': 'request',
  'write batch': 'request',
  'append messages': 'request',
  context: 'request',
  search: 'request',
  'list memories': 'request',
  'read messages': 'request',
  'list sessions': 'request',
  events: 'request',
  health: 'look',
  'deep health': 'look',
  breakers: 'look',
  journal: 'look',
  metrics: 'look',
  'read back': 'request',
} as const satisfies Record<string, 'request' | 'look'>;
export type RequestKind = keyof typeof REQUEST_KINDS;

export interface Told {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely.
  body: any;
}

export interface Tally {
  answered: number;
  queued: number;
  /** 503 with the code that says that a store is away. */
  refused: number;
  /** Any other 5xx. */
  broken: number;
  /** 4xx. */
  mistaken: number;
  unanswered: number;
  worst_ms: number;
}

export interface SoakDoor {
  url: string;
  token: string;
}

export class SoakClient {
  readonly #door: SoakDoor;
  readonly #tallies = new Map<RequestKind, Tally>();
  /** Answers that no fault explains. */
  readonly complaints: string[] = [];

  constructor(door: SoakDoor) {
    this.#door = door;
  }

  get tallies(): ReadonlyMap<RequestKind, Tally> {
    return this.#tallies;
  }

  /** @returns undefined without an answer */
  async ask(kind: RequestKind, path: string, sent: { body?: object; key?: string } = {}): Promise<Told | undefined> {
    const began = performance.now();
    const told = await this.#fetch(path, sent).catch((error: unknown) => {
      this.#complain(`${kind}: no answer (${error instanceof Error ? (error.cause ?? error) : error})`);
      return undefined;
    });
    this.#count(kind, told, performance.now() - began);
    // A door that is shut is not knocked at without end.
    if (told === undefined) await wait(CONNECT_AGAIN_MS);
    return told;
  }

  async #fetch(path: string, { body, key }: { body?: object; key?: string }): Promise<Told> {
    const response = await fetch(this.#door.url + path, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        authorization: `Bearer ${this.#door.token}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(GIVEN_UP_MS),
    });
    const isJson = response.headers.get('content-type')?.includes('json') ?? false;
    return { status: response.status, body: isJson ? await response.json() : await response.text() };
  }

  #count(kind: RequestKind, told: Told | undefined, took_ms: number): void {
    const tally = this.#tallies.get(kind) ?? newTally();
    this.#tallies.set(kind, tally);
    tally.worst_ms = Math.max(tally.worst_ms, took_ms);
    const fate = fateOf(told);
    tally[fate] += 1;
    if (told && (fate === 'broken' || fate === 'mistaken')) {
      this.#complain(`${kind}: ${told.status} ${JSON.stringify(told.body).slice(0, TOLD_CHARACTERS)}`);
    }
  }

  #complain(complaint: string): void {
    if (this.complaints.length < COMPLAINTS_KEPT) this.complaints.push(complaint);
  }
}

const newTally = (): Tally => ({
  answered: 0,
  queued: 0,
  refused: 0,
  broken: 0,
  mistaken: 0,
  unanswered: 0,
  worst_ms: 0,
});

function fateOf(told: Told | undefined): Exclude<keyof Tally, 'worst_ms'> {
  if (told === undefined) return 'unanswered';
  const { status, body } = told;
  if (status === 202) return 'queued';
  if (status < 300) return 'answered';
  if (status === 503 && body?.code === 'STORAGE_UNAVAILABLE') return 'refused';
  return status >= 500 ? 'broken' : 'mistaken';
}
