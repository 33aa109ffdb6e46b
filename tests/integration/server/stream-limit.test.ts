/** How many event streams one caller may have open over HTTP. */
import http, { type ClientRequest } from 'node:http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ask, UiServer } from './support/ui-server.ts';

let server: UiServer;
const open: ClientRequest[] = [];
beforeAll(async () => {
  server = await new UiServer({}, { streams: { per_caller: 3, in_all: 5 } }).start();
});
afterAll(async () => {
  for (const request of open) request.destroy();
  await server?.remove();
});

/** Opens a stream and leaves it open. */
async function stream(token: string): Promise<{ status: number; retry_after: string | undefined; close(): void }> {
  return await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${token}` };
    const request = http.get(`${server.url}/api/events/stream`, { headers, agent: false }, (response) => {
      response.on('error', () => {});
      response.resume();
      const status = response.statusCode ?? 0;
      resolve({ status, retry_after: response.headers['retry-after'], close: () => request.destroy() });
    });
    request.on('error', reject);
    open.push(request);
  });
}

it('a token has so many and no more, all tokens together too, and a closed one makes room', async () => {
  const [ada, ben] = [server.newToken('ada').token, server.newToken('ben').token];
  const first = await stream(ada);
  expect([first.status, (await stream(ada)).status, (await stream(ada)).status]).toEqual([200, 200, 200]);
  expect(await stream(ada)).toMatchObject({ status: 429, retry_after: '10' });
  expect([(await stream(ben)).status, (await stream(ben)).status, (await stream(ben)).status]).toEqual([200, 200, 429]);
  // A call is no stream.
  const headers = { authorization: `Bearer ${ada}` };
  expect((await ask(`${server.url}/api/memory/users`, { headers })).status).toBe(200);
  first.close();
  await expect.poll(async () => (await stream(ben)).status, { timeout: 30_000 }).toBe(200);
});
