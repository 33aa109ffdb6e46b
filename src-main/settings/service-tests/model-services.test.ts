import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import type { ServiceTest } from '../../../src-contract/index.ts';
import type { ServiceValues } from './service-test.ts';
import { testService } from './test-service.ts';

const KEY = 'sk-very-secret/key+1';

interface Seen {
  method: string;
  path: string;
  authorization: string | undefined;
  // biome-ignore lint/suspicious/noExplicitAny: bodies are looked into freely.
  body: any;
}
type Answer = (seen: Seen, response: ServerResponse) => void;

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A service at a URL that does what the test says, and what it was asked. */
async function serve(answer: Answer): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const server = http.createServer(async (request, response) => {
    const asked = await read(request);
    seen.push(asked);
    answer(asked, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closers.push(() => {
    server.close();
    server.closeAllConnections();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, seen };
}

async function read(request: IncomingMessage): Promise<Seen> {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { method = '', url: path = '', headers } = request;
  return { method, path, authorization: headers.authorization, body: text === '' ? undefined : JSON.parse(text) };
}

const json = (response: ServerResponse, status: number, body: unknown) => {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
};

/** As a good service does it; what a test wants otherwise goes before. */
const good =
  (otherwise: Partial<Record<string, Answer>> = {}): Answer =>
  (seen, response) => {
    const other = otherwise[seen.path];
    if (other) return other(seen, response);
    switch (seen.path) {
      case '/v1/models':
        return json(response, 200, { object: 'list', data: [{ id: 'small' }, { id: 'large' }] });
      case '/v1/embeddings':
        return json(response, 200, { data: [{ embedding: Array(seen.body.dimensions ?? 8).fill(0.5) }] });
      case '/v1/chat/completions':
        return json(response, 200, { choices: [{ message: { role: 'assistant', content: 'yes' } }] });
      default:
        return json(response, 404, { error: { message: 'no such route' } });
    }
  };

const test = (service: 'embedding' | 'llm', url: string, more: ServiceValues = {}, timeout_ms = 20_000) =>
  testService(
    service,
    {
      [`${service}.provider`]: 'openai-compatible',
      [`${service}.url`]: url,
      [`${service}.model`]: 'small',
      [`${service}.api_key`]: KEY,
      ...more,
    },
    { now_ms: 0, timeout_ms },
  );

function expectFailure(result: ServiceTest, message: RegExp): void {
  expect(result).toMatchObject({ ok: false, latency_ms: null, dimensions: null });
  expect(result.message).toMatch(message);
  expect(JSON.stringify(result)).not.toContain(KEY);
}

describe('an embedding service', () => {
  it('is asked for its models and one vector, with the key', async () => {
    const { url, seen } = await serve(good());
    const result = await test('embedding', `${url}/`);
    expect(result).toMatchObject({ ok: true, models: ['large', 'small'], dimensions: 8 });
    expect(result.latency_ms).toBeGreaterThanOrEqual(0);
    expect(seen.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /v1/models', 'POST /v1/embeddings']);
    expect(new Set(seen.map(({ authorization }) => authorization))).toEqual(new Set([`Bearer ${KEY}`]));
    expect(seen[1]?.body).toMatchObject({ model: 'small' });
  });

  it('is asked for the dimensions that are set, and told of when it makes others', async () => {
    const { url, seen } = await serve(good());
    expect(await test('embedding', url, { 'embedding.dimensions': 4 })).toMatchObject({ ok: true, dimensions: 4 });
    expect(seen.at(-1)?.body.dimensions).toBe(4);
    const stubborn = await serve(
      good({ '/v1/embeddings': (_, response) => json(response, 200, { data: [{ embedding: [1, 2, 3] }] }) }),
    );
    expectFailure(await test('embedding', stubborn.url, { 'embedding.dimensions': 4 }), /of 3 dimensions, not of 4/);
  });

  it('needs no list of models, nor a key', async () => {
    const { url, seen } = await serve(good({ '/v1/models': (_, response) => json(response, 404, {}) }));
    const result = await test('embedding', url, { 'embedding.api_key': null });
    expect(result).toMatchObject({ ok: true, models: null, dimensions: 8 });
    expect(seen[0]?.authorization).toBeUndefined();
  });
});

describe('a language model', () => {
  it('is asked for one token', async () => {
    const { url, seen } = await serve(good());
    expect(await test('llm', url)).toMatchObject({ ok: true, models: ['large', 'small'], dimensions: null });
    expect(seen.at(-1)).toMatchObject({ path: '/v1/chat/completions', body: { model: 'small', max_tokens: 1 } });
  });

  it('is asked with the newer name of the limit when it wants that', async () => {
    const { url, seen } = await serve(
      good({
        '/v1/chat/completions': ({ body }, response) =>
          body.max_tokens === undefined
            ? json(response, 200, { choices: [{ message: {} }] })
            : json(response, 400, { error: { message: "Use 'max_completion_tokens' with this model." } }),
      }),
    );
    expect(await test('llm', url)).toMatchObject({ ok: true });
    expect(seen.at(-1)?.body).toMatchObject({ max_completion_tokens: 1 });
  });

  it('that is not there is told of with those that are', async () => {
    const { url } = await serve(
      good({
        '/v1/chat/completions': (_, response) =>
          json(response, 404, { error: { message: `model not found; your key was ${KEY}` } }),
      }),
    );
    const result = await test('llm', url);
    expectFailure(result, /choose another one\. It has large, small\. It said: model not found/);
    expect(result.models).toEqual(['large', 'small']);
  });

  it('is to be chosen from those there are', async () => {
    const { url, seen } = await serve(good());
    expectFailure(await test('llm', url, { 'llm.model': null }), /Choose one of its models: large, small/);
    expect(seen).toHaveLength(1);
  });
});

describe('what is wrong is told with what to do:', () => {
  it.each([
    ['a wrong key', 401, { error: { message: 'bad' } }, /refuses \(401\): check the API key/],
    ['too many requests', 429, { error: { message: 'quota' } }, /429.*It said: quota/],
    ['a service that fails', 500, { error: 'out of memory' }, /failed \(500\).*It said: out of memory/],
    ['another API', 200, { hello: 'world' }, /something else \(200\)/],
  ])('%s', async (_what, status, body, message) => {
    const { url } = await serve((_seen, response) => json(response, status, body));
    expectFailure(await test('llm', url), message);
  });

  it('a key that is missing', async () => {
    const { url } = await serve((_seen, response) => json(response, 401, {}));
    expectFailure(await test('llm', url, { 'llm.api_key': null }), /asks for an API key: set one/);
  });

  it('a web page instead of an API', async () => {
    const { url } = await serve((_seen, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Welcome</title>');
    });
    expectFailure(await test('embedding', url.replace('/v1', '')), /a web page \(200\).*often ends with \/v1/);
  });

  it('a redirect, which the key does not follow', async () => {
    const stranger = await serve(good());
    const { url } = await serve((_seen, response) => {
      response.writeHead(307, { location: `${stranger.url}/models?token=${encodeURIComponent(KEY)}` });
      response.end();
    });
    expectFailure(await test('embedding', url), new RegExp(`leads to ${new URL(stranger.url).origin} \\(307\\)`));
    expect(stranger.seen).toEqual([]);
  });

  it('nobody at the address, and a name that is none', async () => {
    const server = net.createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    expectFailure(await test('llm', `http://127.0.0.1:${port}/v1`), /nothing listens there/);
  });

  it('a server that speaks something else', async () => {
    const server = net.createServer((socket) => void socket.end('220 mail.example.com ESMTP\r\n'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    closers.push(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expectFailure(await test('llm', `http://127.0.0.1:${port}/v1`), /gave no answer|is not HTTP/);
  });

  it('a server that takes the request and says nothing', async () => {
    const { url } = await serve(() => {});
    expectFailure(await test('embedding', url, {}, 300), /did not answer within 0\.3 s/);
  });

  it('an answer that never ends', async () => {
    let sent = 0;
    const { url } = await serve((_seen, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => {
        sent += 65_536;
        if (!response.destroyed && response.write('x'.repeat(65_536))) setImmediate(more);
      };
      response.on('drain', more);
      more();
    });
    expectFailure(await test('embedding', url), /more than 4 MiB/);
    expect(sent).toBeLessThan(64 * 1024 ** 2);
  });

  it.each([
    [null, /Enter the URL/],
    ['not a url', /The URL is none/],
    ['file:///etc/passwd', /The URL is none/],
    ['http://me:sk-hidden-pass@127.0.0.1/v1', /take them out/],
  ])('the URL %s', async (url, message) => {
    const result = await test('llm', '', { 'llm.url': url });
    expectFailure(result, message);
    expect(result.message).not.toContain('sk-hidden-pass');
  });

  it('no service chosen', async () => {
    expectFailure(await test('llm', 'http://127.0.0.1/v1', { 'llm.provider': 'none' }), /Choose a service/);
  });
});

it('ends at once when nobody waits for it any more', async () => {
  const { url } = await serve(() => {});
  const controller = new AbortController();
  const values = { 'llm.url': url, 'llm.model': 'small' };
  const running = testService('llm', values, { now_ms: 0, signal: controller.signal });
  controller.abort(new Error('gone'));
  await expect(running).rejects.toThrow('gone');
});
