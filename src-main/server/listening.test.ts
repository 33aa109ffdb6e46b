import { once } from 'node:events';
import http, { type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import pino from 'pino';
import { afterEach, expect, it } from 'vitest';
import { opensslAvailable, selfSigned } from '../../tests/support/self-signed.ts';
import { ListenRefusedError } from './bind-rules.ts';
import type { ListenPlan } from './listen-plan.ts';
import { Listening } from './listening.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server that answers `here`, and holds what is asked of `/hold`. */
function start(drain_ms = 20_000) {
  const held: ServerResponse[] = [];
  const left: string[] = [];
  const listening = new Listening({
    logger: pino({ level: 'silent' }),
    drain_ms,
    listener: {
      limits: {},
      takesUpgrade: () => false,
      answer: (request, response) => {
        if (request.url === '/hold') held.push(response);
        else response.end('here');
      },
      upgrade: (_request, stream) => stream.destroy(),
    },
    onLeaving: async (listeners) => void left.push(...listeners.map(({ host }) => host)),
  });
  closers.push(() => listening.stop());
  return { listening, held, left };
}

const plan = (port: number, more: Partial<ListenPlan> = {}): ListenPlan => {
  const made = { host: '127.0.0.1', port, tls: undefined, ...more };
  return { ...made, key: JSON.stringify([made.host, made.port, made.tls?.cert.toString()]) };
};

const ask = async (url: string): Promise<string> => await (await fetch(url)).text();

async function takenPort(host = '127.0.0.1', port = 0): Promise<number> {
  const server = net.createServer((socket) => void socket.end());
  server.listen(port, host);
  await once(server, 'listening');
  closers.push(async () => server.close());
  return (server.address() as AddressInfo).port;
}

it('moves to another port; what runs at the old one is finished there, and nothing new is taken', async () => {
  const { listening, held, left } = start();
  const before = await listening.moveTo(plan(0));
  const running = ask(`${before.url}/hold`);
  await expect.poll(() => held.length).toBe(1);
  const after = await listening.moveTo({ ...plan(0), key: 'another' });
  expect(after.port).not.toBe(before.port);
  expect(await ask(after.url)).toBe('here');
  await expect(ask(before.url)).rejects.toThrow();
  expect(left).toEqual(['127.0.0.1']);
  held[0]?.end('finished');
  expect(await running).toBe('finished');
});

it('ends what does not finish at the old address in time', async () => {
  const { listening, held } = start(100);
  const before = await listening.moveTo(plan(0));
  const running = ask(`${before.url}/hold`);
  await expect.poll(() => held.length).toBe(1);
  await Promise.all([expect(running).rejects.toThrow(), listening.moveTo({ ...plan(0), key: 'another' })]);
});

it('stays where it is when the new address is taken or not ours', async () => {
  const { listening } = start();
  const before = await listening.moveTo(plan(0));
  await expect(listening.moveTo(plan(await takenPort()))).rejects.toThrow(/taken by another program/);
  await expect(listening.moveTo(plan(before.port, { host: '192.0.2.1' }))).rejects.toThrow(ListenRefusedError);
  expect(listening.address).toBe(before);
  expect(await ask(before.url)).toBe('here');
});

it('stays at its address when that is asked for again', async () => {
  const { listening, left } = start();
  const before = await listening.moveTo(plan(0));
  expect(await listening.moveTo(plan(0))).toBe(before);
  expect(left).toEqual([]);
});

it('takes its own port over for other addresses', async () => {
  const { listening } = start();
  const { port } = await listening.moveTo(plan(0));
  const wide = await listening.moveTo(plan(port, { host: '0.0.0.0' }));
  expect(wide).toEqual({ url: `http://127.0.0.1:${port}`, local_url: `http://127.0.0.1:${port}`, port });
  expect(await ask(`http://127.0.0.2:${port}`)).toBe('here');
});

it('goes back when its own port cannot be had for other addresses', async () => {
  const { listening } = start();
  const { port } = await listening.moveTo(plan(0));
  await takenPort('127.0.0.2', port);
  await expect(listening.moveTo(plan(port, { host: '0.0.0.0' }))).rejects.toThrow(/taken/);
  expect(await ask(`http://127.0.0.1:${port}`)).toBe('here');
  expect(listening.address?.port).toBe(port);
});

it.runIf(opensslAvailable)('takes its own port over for TLS, and serves this computer without', async () => {
  const { listening } = start();
  const { port } = await listening.moveTo(plan(0));
  const { key, cert } = selfSigned();
  const tls = { key: Buffer.from(key), cert: Buffer.from(cert) };
  const secure = await listening.moveTo(plan(port, { tls }));
  expect(secure.url).toBe(`https://127.0.0.1:${port}`);
  const status = await new Promise((resolve, reject) => {
    const options = { ca: cert, servername: 'localhost' };
    https.get(secure.url, options, (response) => resolve(response.statusCode)).on('error', reject);
  });
  expect(status).toBe(200);
  expect(await ask(secure.local_url)).toBe('here');
  await expect(new Promise((_, reject) => http.get(`http://127.0.0.1:${port}`).on('error', reject))).rejects.toThrow();
});
