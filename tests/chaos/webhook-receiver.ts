/** The other end of a webhook: takes events, refuses some, does not answer others, and remembers what it took. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { EventEnvelope } from '../../src-contract/index.ts';
import { isPoison, luck } from './doom.ts';
import { cameWhole } from './large-events.ts';

/** Of requests: no answer, a cut connection, a refusal. Each up to the next. */
const SILENT = 0.003;
const CUT = 0.01;
const REFUSED = 0.05;

export class WebhookReceiver {
  /** How often each event was taken. */
  readonly taken = new Map<string, number>();
  readonly #attempts = new Map<string, number>();
  readonly #seed: number;
  readonly #server: Server;

  private constructor(seed: number) {
    this.#seed = seed;
    this.#server = createServer((request, response) => {
      this.#receive(request, response).catch(() => request.destroy());
    });
  }

  static async start(seed: number): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver(seed);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/events`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const event = JSON.parse(await text(request)) as EventEnvelope;
    const attempt = (this.#attempts.get(event.id) ?? 0) + 1;
    this.#attempts.set(event.id, attempt);
    if (isPoison('webhook', event.user_id) || !cameWhole(event)) return void response.writeHead(500).end('poison');
    const number = luck(this.#seed, 'webhook', event.id, attempt);
    if (number < SILENT) return;
    if (number < CUT) return void request.destroy();
    if (number < REFUSED) return void response.writeHead(503).end('bad luck');
    this.taken.set(event.id, (this.taken.get(event.id) ?? 0) + 1);
    response.end('taken');
  }
}
