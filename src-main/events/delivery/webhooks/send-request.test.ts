/** One request against servers that say what servers should not. */
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { whyNoAnswer } from './network-words.ts';
import { sendRequest, type WebhookRequest } from './send-request.ts';

const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: other\r\nConnection: Upgrade\r\n\r\n';

const servers: Server[] = [];
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
  sockets.clear();
});

async function listen(server: Server): Promise<number> {
  servers.push(server);
  server.on('connection', (socket: Socket) => sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
/** Says this to whoever sends something, and leaves the connection open. */
const saying = (text: string) => listen(createServer((socket) => socket.once('data', () => socket.write(text))));

const send = (url: string, options: Partial<WebhookRequest> = {}) =>
  sendRequest({ url, headers: {}, body: '{}', timeout_ms: 2000, allow_private: true, ...options });
const reasonOf = async (url: string, options?: Partial<WebhookRequest>) => {
  const error = await send(url, options).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return whyNoAnswer(error, new URL(url).host);
};

describe('a request to a webhook', () => {
  it('ends when the receiver switches to another protocol', async () => {
    const port = await saying(SWITCH);
    expect(await send(`http://127.0.0.1:${port}/`)).toEqual({ status: 101, excerpt: '' });
  });

  it('ends in time when only interim answers come', async () => {
    for (const text of ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 103 Early Hints\r\n\r\n']) {
      const port = await saying(text);
      expect(await reasonOf(`http://127.0.0.1:${port}/`, { timeout_ms: 200 })).toBe('no answer within 200 ms');
    }
  });

  it('says why when none of several addresses can be reached', async () => {
    const lookup = ((_host: string, _options: unknown, callback: (error: null, addresses: unknown[]) => void) =>
      callback(null, [
        { address: '127.0.0.1', family: 4 },
        { address: '127.0.0.2', family: 4 },
      ])) as unknown as NonNullable<WebhookRequest['lookup']>;
    const server = createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    expect(await reasonOf(`http://two.example:${port}/`, { lookup })).toBe(
      `two.example:${port}: nothing listens there: check host and port of the URL, and that the receiver runs (ECONNREFUSED)`,
    );
  });

  it('says why for what is not HTTP, or not TLS', async () => {
    const garbage = await saying('220 mail.example ESMTP\r\n');
    expect(await reasonOf(`http://127.0.0.1:${garbage}/`)).toMatch(/what it answered is not HTTP \(HPE_/);
    const plain = await listen(createHttpServer((_request, response) => response.end()));
    expect(await reasonOf(`https://127.0.0.1:${plain}/`)).toBe(
      `127.0.0.1:${plain}: no TLS connection came about: check that the receiver speaks https on this port (EPROTO)`,
    );
    const silent = await listen(createServer((socket) => socket.once('data', () => socket.destroy())));
    expect(await reasonOf(`http://127.0.0.1:${silent}/`)).toContain('the connection was closed before an answer came');
  });
});
