/** What happens to a request whose client leaves before it is answered. */
import { once } from 'node:events';
import http, { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { afterEach, expect, it } from 'vitest';
import { LOCAL_ORG_ID } from '../identity/scope.ts';
import { LongResponses } from './long-responses.ts';
import { RequestHandler, type RequestHandlerOptions } from './request-handler.ts';

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

it('gives nobody a place for a stream who left while it was found out who asks', async () => {
  const logger = pino({ level: 'silent' });
  const asked = Promise.withResolvers<void>();
  const known = Promise.withResolvers<void>();
  const handler = new RequestHandler({
    config: { 'server.body_limit_bytes': 1000 },
    logger,
    tokens: { authenticate: () => ({ org_id: LOCAL_ORG_ID, actor: 'agent' }), isOfThisRun: () => false },
    organisations: {
      ensure: async () => {
        asked.resolve();
        await known.promise;
      },
    },
    services: () => ({
      events: { open: async () => noEvents() },
      metrics: { recorder: { called: () => {} } },
      resilience: { withinDeadline: (work: () => Promise<unknown>) => work() },
      app: { profile: () => null },
    }),
    limiter: { take: () => 0 },
    longResponses: new LongResponses(60_000, logger),
    streams: { per_caller: 1 },
    browser: undefined,
    host: { kind: 'server' },
    version: '0.0.0',
  } as unknown as RequestHandlerOptions);

  const left = Promise.withResolvers<void>();
  const done = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    response.once('close', left.resolve);
    handler.handle(request, response, '127.0.0.1').then(done.resolve, done.reject);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(async () => server.close());
  const stream = () => {
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/events/stream`;
    const request = http.get(url, { headers: { authorization: 'Bearer x' }, agent: false });
    closers.push(async () => request.destroy());
    return request;
  };

  const first = stream();
  first.on('error', () => {});
  await asked.promise;
  first.destroy();
  await left.promise;
  known.resolve();
  await done.promise;

  const [response] = await once(stream(), 'response');
  response.resume();
  expect(response.statusCode).toBe(200);
});

async function* noEvents(): AsyncGenerator<never> {}
