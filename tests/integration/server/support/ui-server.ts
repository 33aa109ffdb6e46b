/** A server with a user interface, and a browser's side of it: cookies, origins, WebSockets. Can be started again. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http, { type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createORPCClient } from '@orpc/client';
import { RPCLink } from '@orpc/client/websocket';
import pino from 'pino';
import { WebSocket } from 'ws';
import type { ArchonClient } from '../../../../src-contract/index.ts';
import { Engine } from '../../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../../src-main/identity/scope.ts';
import { HttpServer, type HttpServerOptions } from '../../../../src-main/server/http-server.ts';
import { type Config, defaultConfig } from '../../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../../support/template-folder.ts';
import { TestClock } from '../../../support/test-clock.ts';

/** Files of a small build. */
export const UI_FILES: Record<string, string> = {
  'index.html': `<!doctype html><head><title>Archon</title><script type="module" src="/assets/app-1a2b.js"></script>`,
  'assets/app-1a2b.js': `globalThis.app = 'archon';\n${'// padding\n'.repeat(500)}`,
  'assets/app-1a2b.js.map': '{"version":3}',
  'assets/app-1a2b.css': 'body{margin:0}',
  'assets/font-3c4d.woff2': 'wOF2',
  'assets/code-5e6f.wasm': '\0asm',
  'icon.svg': '<svg xmlns="http://www.w3.org/2000/svg"/>',
};

export interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by assertions.
  json(): any;
}

/** Sends a request as it is: `fetch` would not let a test say where it comes from. */
export async function ask(
  url: string,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<Answer> {
  const { hostname, port, pathname, search } = new URL(url);
  const { method = 'GET', headers = {}, body } = options;
  return await new Promise((resolve, reject) => {
    const path = options.path ?? `${pathname}${search}`;
    const request = http.request({ hostname, port, path, method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const whole = Buffer.concat(chunks);
        const json = () => JSON.parse(whole.toString('utf8'));
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole, json });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

export interface Socket {
  socket: WebSocket;
  client: ArchonClient;
  /** Resolves when the connection is over. */
  closed: Promise<{ code: number; reason: string }>;
}

export class UiServer {
  readonly data_dir: string;
  readonly ui_dir: string;
  readonly clock: TestClock;
  readonly logged: string[] = [];
  /** Whose engine and folder this server uses, when they are not its own. */
  readonly #host: UiServer | undefined;
  readonly #settings: Partial<Config>;
  readonly #options: Partial<HttpServerOptions>;
  #engine: Engine | undefined;
  #server: HttpServer | undefined;
  url = '';

  constructor(settings: Partial<Config> = {}, options: Partial<HttpServerOptions> = {}, host?: UiServer) {
    this.#host = host;
    this.data_dir = host?.data_dir ?? mkdtempSync(join(tmpdir(), 'archon-ui-'));
    this.ui_dir = join(this.data_dir, 'ui');
    this.clock = host?.clock ?? new TestClock();
    this.#settings = settings;
    this.#options = options;
    if (host) return;
    copyTemplate(this.data_dir);
    mkdirSync(join(this.ui_dir, 'assets'), { recursive: true });
    for (const [name, content] of Object.entries(UI_FILES)) writeFileSync(join(this.ui_dir, name), content);
    writeFileSync(join(this.data_dir, 'secret.txt'), 'not for the web');
  }

  get engine(): Engine {
    const engine = this.#host?.engine ?? this.#engine;
    if (!engine) throw new Error('the server is not started');
    return engine;
  }

  async start(): Promise<this> {
    const logger = pino({ level: 'debug' }, { write: (line: string) => void this.logged.push(line) });
    const config = {
      ...defaultConfig(this.data_dir),
      'server.port': 0,
      'server.rate_limit_per_minute': 0,
      ...this.#settings,
    };
    if (!this.#host) {
      this.#engine = new Engine({ config, logger, clock: this.clock });
      await this.#engine.start();
    }
    const { ui_dir, clock } = this;
    this.#server = new HttpServer({
      engine: this.engine,
      config,
      logger,
      ui_dir,
      clock,
      check_ms: 10,
      ...this.#options,
    });
    this.url = (await this.#server.start()).url;
    return this;
  }

  /** Another HTTP server on the same engine, with other settings: an engine takes seconds to start. */
  async beside(settings: Partial<Config> = {}, options: Partial<HttpServerOptions> = {}): Promise<UiServer> {
    return await new UiServer(settings, options, this).start();
  }

  /** Stops the HTTP server alone. */
  async stopServer(): Promise<void> {
    await this.#server?.stop();
  }

  async stop(): Promise<void> {
    await this.#server?.stop();
    await this.#engine?.stop();
    this.#server = undefined;
    this.#engine = undefined;
  }

  async remove(): Promise<void> {
    await this.stop();
    if (!this.#host) rmSync(this.data_dir, { recursive: true, force: true });
  }

  newToken(name = 'mira', org_id = LOCAL_ORG_ID) {
    return this.engine.tokens.create({ name, org_id });
  }

  /** What a browser sends with a request of our own page. */
  ownPage(more: Record<string, string> = {}): Record<string, string> {
    return { origin: this.url, 'sec-fetch-site': 'same-origin', ...more };
  }

  async post(path: string, body: unknown, headers = this.ownPage()): Promise<Answer> {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    return await ask(this.url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
  }

  /** Logs in; the cookie as a browser sends it. */
  async logIn(token = this.newToken().token): Promise<string> {
    const answer = await this.post('/auth/login', { token });
    if (answer.status !== 204) throw new Error(`login: ${answer.status} ${answer.body}`);
    return cookieOf(answer);
  }

  /** A WebSocket of the page, open. */
  async connect(cookie: string): Promise<Socket> {
    const socket = new WebSocket(`${this.url.replace('http', 'ws')}/rpc`, { origin: this.url, headers: { cookie } });
    const closed = new Promise<{ code: number; reason: string }>((resolve) => {
      socket.once('close', (code, reason) => resolve({ code, reason: reason.toString() }));
    });
    await new Promise<void>((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    socket.on('error', () => {});
    const link = new RPCLink({ websocket: socket as unknown as globalThis.WebSocket });
    return { socket, client: createORPCClient<ArchonClient>(link), closed };
  }

  /** The status an upgrade is refused with, or 101. */
  async upgradeStatus(headers: Record<string, string>, path = '/rpc'): Promise<number> {
    const { hostname, port } = new URL(this.url);
    return await new Promise((resolve, reject) => {
      const request = http.request({
        hostname,
        port,
        path,
        agent: false,
        headers: {
          connection: 'Upgrade',
          upgrade: 'websocket',
          'sec-websocket-version': '13',
          'sec-websocket-key': Buffer.alloc(16, 'k').toString('base64'),
          ...headers,
        },
      });
      request.once('response', (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      });
      request.once('upgrade', (_response, socket) => {
        socket.destroy();
        resolve(101);
      });
      request.once('error', reject);
      request.end();
    });
  }
}

/** The cookie a browser would keep, as it sends it back. */
export function cookieOf(answer: Answer): string {
  return (answer.headers['set-cookie']?.[0] ?? '').split(';', 1)[0] ?? '';
}
