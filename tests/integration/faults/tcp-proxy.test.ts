/** The network that faults are made with: what it does to what is sent over it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../support/tcp-proxy.ts';

const PATIENCE = { interval: 10, timeout: 20_000 };
/** Something that is never to come would have come by then. */
const LONG_ENOUGH_MS = 150;

describe('a network that misbehaves', () => {
  let server: Server;
  let proxy: TcpProxy;
  let clients: Socket[];

  beforeEach(async () => {
    clients = [];
    // Says everything again.
    server = createServer((socket) => socket.on('error', () => {}).pipe(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    proxy = await TcpProxy.to((server.address() as AddressInfo).port);
  });
  afterEach(async () => {
    for (const client of clients) client.destroy();
    await proxy.close();
    server.close();
  });

  function talk(): { say(text: string): void; heard(): string; ended(): boolean } {
    const client = connect(proxy.port, '127.0.0.1');
    clients.push(client);
    let heard = '';
    let ended = false;
    client.on('data', (chunk) => {
      heard += chunk;
    });
    client.on('error', () => {});
    client.on('close', () => {
      ended = true;
    });
    return { say: (text) => void client.write(text), heard: () => heard, ended: () => ended };
  }

  it('passes everything on, in order', async () => {
    const one = talk();
    for (const text of ['a', 'b', 'c']) one.say(text);
    await expect.poll(one.heard, PATIENCE).toBe('abc');
  });

  it('that is silent passes nothing on, and afterwards what was said meanwhile: without a hole', async () => {
    const one = talk();
    one.say('before,');
    await expect.poll(one.heard, PATIENCE).toBe('before,');
    proxy.mode = 'silent';
    one.say('meanwhile,');
    await pause(LONG_ENOUGH_MS);
    expect(one.heard()).toBe('before,');
    one.say('after');
    await proxy.heal();
    await expect.poll(one.heard, PATIENCE).toBe('before,meanwhile,after');
  });

  it('that carries little carries it in order, and all at once when it is mended', async () => {
    proxy.bytes_per_second = 10;
    const one = talk();
    const text = 'x'.repeat(1000);
    one.say(text);
    await pause(LONG_ENOUGH_MS);
    expect(one.heard()).toBe('');
    await proxy.heal();
    // At ten bytes a second it would have taken minutes.
    await expect.poll(one.heard, PATIENCE).toBe(text);
  });

  it('that is slow delivers later', async () => {
    proxy.delay_ms = 60_000;
    const one = talk();
    one.say('late');
    await pause(LONG_ENOUGH_MS);
    expect(one.heard()).toBe('');
    await proxy.heal();
    await expect.poll(one.heard, PATIENCE).toBe('late');
  });

  it('that refuses or hangs up ends connections, and takes new ones when it is mended', async () => {
    const before = talk();
    before.say('a');
    await expect.poll(before.heard, PATIENCE).toBe('a');
    await proxy.refuse();
    await expect.poll(before.ended, PATIENCE).toBe(true);
    await expect.poll(talk().ended, PATIENCE).toBe(true);
    await proxy.heal();
    proxy.mode = 'hang_up';
    await expect.poll(talk().ended, PATIENCE).toBe(true);
    proxy.mode = 'forward';
    const after = talk();
    after.say('b');
    await expect.poll(after.heard, PATIENCE).toBe('b');
  });

  it('that resets answers has passed on what was asked', async () => {
    const asked: string[] = [];
    server.on('connection', (socket) => socket.on('data', (chunk) => asked.push(String(chunk))));
    proxy.mode = 'reset_answers';
    const one = talk();
    one.say('do it');
    await expect.poll(one.ended, PATIENCE).toBe(true);
    expect(one.heard()).toBe('');
    expect(asked).toEqual(['do it']);
  });
});
