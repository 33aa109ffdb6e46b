import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LongResponses } from './long-responses.ts';
import { StallWatch } from './stall-watch.ts';

const STALL_MS = 1000;

let long: LongResponses;
let server: http.Server;
let isAllowed: () => boolean;
/** What the next answer comes from. */
let source: Readable;
let type: string;

beforeEach(async () => {
  long = new LongResponses(STALL_MS, pino({ level: 'silent' }));
  isAllowed = () => true;
  type = 'text/event-stream';
  server = http.createServer((_request, response) => {
    long.watch(response, () => isAllowed());
    // As the server does: headers first one by one, then with the status.
    response.setHeader('cache-control', 'no-store');
    response.writeHead(200, { 'content-type': type });
    response.flushHeaders();
    const body = source;
    body.pipe(response);
    response.once('close', () => body.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const open = async (): Promise<IncomingMessage> =>
  await new Promise((resolve, reject) => {
    const { port } = server.address() as AddressInfo;
    http.get({ port, host: '127.0.0.1', agent: false }, resolve).on('error', reject);
  });

/** How an answer ended: whole, or cut off. */
const ending = async (answer: IncomingMessage): Promise<'end' | 'cut'> =>
  await new Promise((resolve) => {
    answer.resume();
    answer.once('end', () => resolve('end'));
    answer.once('error', () => resolve('cut'));
  });

const silent = () => new Readable({ read() {} });
const endless = () => {
  const piece = Buffer.alloc(64 * 1024, 'x');
  return new Readable({
    read() {
      this.push(piece);
    },
  });
};
/** Until nothing moves any more between a reader that reads nothing and its server. */
async function untilFull(response: Pick<ServerResponse, 'socket'>): Promise<void> {
  let before = -1;
  for (let same = 0; same < 5; ) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    const now = response.socket?.bytesWritten ?? 0;
    same = now === before ? same + 1 : 0;
    before = now;
  }
}

describe('answers that take long', () => {
  it('an event stream ends in order when the server stops, and its source with it', async () => {
    source = silent();
    const ended = ending(await open());
    long.stop();
    expect(await ended).toBe('end');
    expect(source.destroyed).toBe(true);
  });

  it('an event stream that begins while the server stops ends at once', async () => {
    source = silent();
    long.stop();
    expect(await ending(await open())).toBe('end');
  });

  it('a download may finish when the server stops', async () => {
    source = silent();
    type = 'application/gzip';
    const answer = await open();
    long.stop();
    long.check(performance.now());
    source.push('the rest');
    source.push(null);
    let body = '';
    for await (const chunk of answer) body += chunk;
    expect(body).toBe('the rest');
  });

  it('an event stream ends when its caller is not welcome any more', async () => {
    source = silent();
    const ended = ending(await open());
    long.check(performance.now());
    isAllowed = () => false;
    long.check(performance.now());
    expect(await ended).toBe('end');
  });

  it('nothing ends when it cannot be found out who is welcome, and the others are looked at', async () => {
    source = silent();
    const first = ending(await open());
    source = silent();
    const second = ending(await open());
    let asked = 0;
    isAllowed = () => {
      asked += 1;
      if (asked === 1) throw new Error('history.db is locked');
      return false;
    };
    long.check(performance.now());
    expect(await second).toBe('end');
    long.check(performance.now());
    expect(await first).toBe('end');
  });

  it('an event stream nothing happens on stays', async () => {
    source = silent();
    const answer = await open();
    const start_ms = performance.now();
    for (let minute = 0; minute < 60; minute += 1) long.check(start_ms + minute * 60_000);
    source.push('data: 1\n\n');
    const [first] = await answer.take(1).toArray();
    expect(String(first)).toBe('data: 1\n\n');
  });

  it.each(['text/event-stream', 'application/gzip'])('cuts off a reader that takes nothing of %s', async (kind) => {
    source = endless();
    type = kind;
    const responses: ServerResponse[] = [];
    server.on('request', (_request, response: ServerResponse) => responses.push(response));
    const answer = await open();
    const [response] = responses;
    if (!response) throw new Error('no response');
    await untilFull(response);
    // Whole, so that adding to it is exact.
    const start_ms = Math.ceil(performance.now());
    long.check(start_ms);
    long.check(start_ms + STALL_MS);
    expect(response.destroyed).toBe(false);
    long.check(start_ms + STALL_MS + 1);
    expect(response.destroyed).toBe(true);
    expect(await ending(answer)).toBe('cut');
  });
});

describe('a stall', () => {
  it('begins anew whenever something was taken or nothing waits', () => {
    const watch = new StallWatch();
    expect(watch.stalledMs({ bytesWritten: 100, writableLength: 100 }, 0)).toBe(0);
    expect(watch.stalledMs({ bytesWritten: 300, writableLength: 300 }, 500)).toBe(500);
    expect(watch.stalledMs({ bytesWritten: 300, writableLength: 299 }, 700)).toBe(0);
    expect(watch.stalledMs({ bytesWritten: 300, writableLength: 299 }, 900)).toBe(200);
    expect(watch.stalledMs({ bytesWritten: 300, writableLength: 0 }, 950)).toBe(0);
    expect(watch.stalledMs({ bytesWritten: 300, writableLength: 0 }, 9000)).toBe(0);
  });
});
