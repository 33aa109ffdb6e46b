/** A server of the person's own that takes what a webhook sends, or refuses it. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedEvent {
  headers: NodeJS.Dict<string | string[]>;
  body: string;
}

/** What is answered to an event. */
export type Answer = (event: ReceivedEvent) => { status: number; body?: string };

/** Refuses events that hold a word. */
export const refusing =
  (word: string): Answer =>
  ({ body }) =>
    body.includes(word) ? { status: 422, body: `"${word}" is not taken here` } : { status: 200, body: 'thanks' };

export class Receiver {
  readonly received: ReceivedEvent[] = [];
  answer: Answer;
  readonly #server: Server;

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const event = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8') };
        this.received.push(event);
        const { status, body = '' } = this.answer(event);
        response.writeHead(status).end(body);
      });
    });
  }

  static async start(answer: Answer): Promise<Receiver> {
    const receiver = new Receiver(answer);
    await new Promise<void>((resolve) => receiver.#server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
