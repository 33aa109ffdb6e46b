/**
 * What happens to a request, in this order: its size, who is calling, how often, what it says, and only then the route.
 */
import { createHash, randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';
import { contract, idempotencyKey } from '../../src-contract/index.ts';
import type { ApiContext } from '../api/router.ts';
import type { Clock } from '../clock.ts';
import { ArchonError } from '../errors.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import type { BrowserSessions } from '../identity/browser-sessions.ts';
import type { Organisations } from '../identity/organisations.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import { ApiHandler } from './api-handler.ts';
import { isAllowedHost } from './bind-rules.ts';
import { docsPage, type Page } from './docs-page.ts';
import { DoorError, sendError } from './door-errors.ts';
import { homePage } from './home-page.ts';
import type { LoginRoutes } from './login-routes.ts';
import type { LongResponses } from './long-responses.ts';
import { generateOpenApiDocument } from './openapi-document.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { checkLength, readBody } from './request-body.ts';
import { PROCESS_ROUTES, PUBLIC_ROUTES, type Route, RouteTable } from './route-table.ts';
import { isFromOwnPage } from './same-origin.ts';
import { readSessionCookie } from './session-cookie.ts';
import type { Greeting, StaticUi } from './static-ui.ts';
import { type STREAM_LIMITS, StreamLimit } from './stream-limit.ts';

export interface RequestHandlerOptions {
  config: Config;
  logger: Logger;
  clock: Clock;
  tokens: ApiTokens;
  organisations: Pick<Organisations, 'ensure'>;
  /** Of the engine that is open now. */
  services: () => Services;
  limiter: RateLimiter;
  longResponses: LongResponses;
  streams: Partial<typeof STREAM_LIMITS>;
  host: ApiContext['host'];
  /** The user interface for browsers, or undefined when it is switched off: then no cookie counts either. */
  browser: { ui: StaticUi; login: LoginRoutes; sessions: BrowserSessions } | undefined;
  version: string;
}

/** Who makes a request. */
interface Caller {
  scope: Scope;
  /** Names the token or session without letting anybody in. */
  key: string;
  /** A person with a browser, not an agent. */
  interactive: boolean;
  /** Asked again while a long answer runs: false once the token or session ended. */
  isAllowed(): boolean;
}

/** Who calls a public route: nobody we know. Such routes touch no data. */
const NOBODY: Caller = {
  scope: { org_id: LOCAL_ORG_ID, actor: 'anonymous' },
  key: '',
  interactive: false,
  isAllowed: () => true,
};
const UI_NOT_BUILT = 'The user interface is not built: run <code>npm run build</code> and load this page again.';
const UI_OFF = 'The user interface is switched off (server.ui).';
const METRICS_PATH = '/metrics';
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

export class RequestHandler {
  readonly #options: RequestHandlerOptions;
  readonly #routes = new RouteTable(contract);
  readonly #streams: StreamLimit;
  readonly #api: ApiHandler;
  #openApiDocument: Promise<string> | undefined;

  constructor(options: RequestHandlerOptions) {
    this.#options = options;
    this.#streams = new StreamLimit(options.streams);
    this.#api = new ApiHandler();
  }

  /** Answers a request; never throws. `boundHost` is the address of the listener it came through. */
  async handle(request: IncomingMessage, response: ServerResponse, boundHost: string): Promise<void> {
    const request_id = randomUUID();
    const logger = this.#options.logger.child({ request_id });
    const began = performance.now();
    const { method } = request;
    response.once('close', () => {
      const path = request.url?.split('?', 1)[0];
      const took_ms = Math.round(performance.now() - began);
      logger.debug({ method, path, status: response.statusCode, took_ms }, 'request');
    });
    setSafeHeaders(response, request_id);
    try {
      await this.#answer(request, response, boundHost, logger);
    } catch (error) {
      await sendError(request, response, toDoorError(error, logger));
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse, boundHost: string, logger: Logger): Promise<void> {
    if (!isAllowedHost(request.headers.host, boundHost)) throw new DoorError('HOST_NOT_ALLOWED');
    const pathname = pathOf(request);
    const { browser } = this.#options;
    if (await browser?.login.answer(request, response, pathname)) return;
    if (await browser?.ui.answer(request, response, pathname, () => this.#greet(request, browser.login, logger)))
      return;
    const page = await this.#page(pathname);
    if (page) {
      if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod(['GET', 'HEAD']);
      sendPage(request, response, page);
      return;
    }
    if (pathname === METRICS_PATH) {
      await this.#answerMetrics(request, response);
      return;
    }
    const route = this.#route(request, pathname);
    const { config } = this.#options;
    checkLength(request, config['server.body_limit_bytes']);
    const caller = PUBLIC_ROUTES.has(route.name) ? NOBODY : this.#caller(request);
    const { scope, interactive, isAllowed } = caller;
    // One for the whole request: what was begun on an engine ends on it.
    const services = this.#options.services();
    if (caller !== NOBODY && !PROCESS_ROUTES.has(route.name)) {
      const { organisations } = this.#options;
      await services.resilience.withinDeadline(() => organisations.ensure(scope));
    }
    const body = await readBody(request, response, route, config['server.body_limit_bytes']);
    const key = route.method === 'GET' ? undefined : idempotencyKeyOf(request);
    const context: ApiContext = {
      services,
      scope,
      logger,
      host: this.#options.host,
      local: false,
      interactive,
      ...(key === undefined ? {} : { idempotency_key: key }),
    };
    // Whoever left while we asked who it is will not be told, nor give back a place: 'close' was said already.
    if (response.destroyed) return;
    if (route.streams) this.#takeStream(caller, response);
    this.#options.longResponses.watch(response, isAllowed);
    await this.#api.dispatch(request, response, body, context);
  }

  /** Figures for Prometheus. No route of the contract: it is text, and asks no organisation's data of anybody. */
  async #answerMetrics(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw wrongMethod(['GET', 'HEAD']);
    this.#caller(request);
    const { contentType, text } = await this.#options.services().metrics.exposition();
    sendPage(request, response, { contentType, policy: API_POLICY, max_age_seconds: 0, body: text });
  }

  /** Who opens the page. When that cannot be read the page asks again by itself, and says what is wrong. */
  #greet(request: IncomingMessage, login: LoginRoutes, logger: Logger): Greeting {
    try {
      const { session, headers } = login.greet(request);
      return { logged_in: session !== undefined, headers };
    } catch (error) {
      logger.warn({ err: error }, 'the page is handed out without knowing who is logged in');
      return { logged_in: false, headers: {} };
    }
  }

  /** Pages for people, which need no token: they show nothing that is not in the source. */
  async #page(pathname: string): Promise<Page | undefined> {
    if (pathname === '/') return homePage(this.#options.version, this.#options.browser ? UI_NOT_BUILT : UI_OFF);
    if (pathname === '/api/openapi.json') {
      this.#openApiDocument ??= generateOpenApiDocument(this.#options.version).then((document) =>
        JSON.stringify(document),
      );
      const body = await this.#openApiDocument;
      return { contentType: 'application/json', policy: API_POLICY, max_age_seconds: 0, body };
    }
    return await docsPage(pathname);
  }

  #route(request: IncomingMessage, pathname: string): Route {
    const match = this.#routes.match(request.method ?? 'GET', pathname);
    switch (match.kind) {
      case 'route':
        return match.route;
      case 'wrong_method':
        throw wrongMethod(match.allow);
      case 'none':
        throw new DoorError('NOT_FOUND', { message: 'There is no such path; /api/docs lists those there are.' });
    }
  }

  /** Who is calling, if the token says so and the caller does not call too often. */
  #caller(request: IncomingMessage): Caller {
    const session = this.#session(request);
    if (session !== undefined) return session;
    const header = request.headers.authorization;
    const token = /^bearer +([\w.~+/-]+=*) *$/i.exec(header ?? '')?.[1];
    const scope = this.#options.tokens.authenticate(token ?? '');
    if (token === undefined || scope === undefined) {
      const challenge = header === undefined ? 'Bearer realm="archon"' : 'Bearer realm="archon", error="invalid_token"';
      const message = header === undefined ? undefined : 'The token is not valid, or it was revoked.';
      throw new DoorError('UNAUTHORIZED', {
        headers: { 'www-authenticate': challenge },
        ...(message === undefined ? {} : { message }),
      });
    }
    const key = createHash('sha256').update(token).digest('base64');
    this.#takeCall(key);
    const isAllowed = () => this.#options.tokens.authenticate(token) !== undefined;
    // The command line of this computer: whoever can read the token may read everything else.
    return { scope, key, interactive: this.#options.tokens.isOfThisRun(token), isAllowed };
  }

  /** The person who is logged in, when one of our own pages asks: a cookie alone proves nothing. A token goes first. */
  #session(request: IncomingMessage): Caller | undefined {
    const { browser } = this.#options;
    if (browser === undefined || request.headers.authorization !== undefined || !isFromOwnPage(request))
      return undefined;
    const cookie = readSessionCookie(request);
    const session = cookie === undefined ? undefined : browser.sessions.find(cookie);
    if (session === undefined) return undefined;
    this.#takeCall(session.session_id);
    browser.sessions.touch(session);
    const { scope, session_id: key } = session;
    return { scope, key, interactive: true, isAllowed: () => browser.sessions.isOpen(key) };
  }

  #takeCall(caller: string): void {
    const wait_seconds = this.#options.limiter.take(caller);
    if (wait_seconds > 0) throw new DoorError('RATE_LIMITED', { headers: { 'retry-after': String(wait_seconds) } });
  }

  #takeStream({ key }: Caller, response: ServerResponse): void {
    const giveBack = this.#streams.take(key);
    if (giveBack === undefined) {
      throw new DoorError('RATE_LIMITED', {
        message: 'Too many event streams are open; close some, or follow several users with one.',
        headers: { 'retry-after': '10' },
      });
    }
    response.once('close', giveBack);
  }
}

function toDoorError(error: unknown, logger: Logger): DoorError {
  if (error instanceof DoorError) return error;
  if (error instanceof ArchonError) {
    logger.warn({ err: error }, 'request not served');
    const { retry_after_seconds } = error;
    const headers = retry_after_seconds === undefined ? {} : { 'retry-after': String(retry_after_seconds) };
    return new DoorError(error.code, { message: error.message, headers });
  }
  logger.error({ err: error }, 'request failed');
  return new DoorError('INTERNAL_SERVER_ERROR');
}

function setSafeHeaders(response: ServerResponse, request_id: string): void {
  response.setHeader('x-request-id', request_id);
  response.setHeader('x-content-type-options', 'nosniff');
  response.setHeader('x-frame-options', 'DENY');
  response.setHeader('referrer-policy', 'no-referrer');
  response.setHeader('cross-origin-resource-policy', 'same-origin');
  response.setHeader('content-security-policy', API_POLICY);
  response.setHeader('cache-control', 'no-store');
}

function pathOf(request: IncomingMessage): string {
  const target = request.url ?? '/';
  if (!target.startsWith('/') || !URL.canParse(`http://localhost${target}`)) {
    throw new DoorError('NOT_FOUND', { message: 'The request target is not a path.' });
  }
  return new URL(`http://localhost${target}`).pathname;
}

function wrongMethod(allow: string[]): DoorError {
  return new DoorError('METHOD_NOT_ALLOWED', {
    message: `This path knows ${allow.join(', ')} only.`,
    headers: { allow: allow.join(', ') },
  });
}

function idempotencyKeyOf(request: IncomingMessage): string | undefined {
  const header = request.headers['idempotency-key'];
  if (header === undefined) return undefined;
  const checked = idempotencyKey.safeParse(header);
  if (checked.success) return checked.data;
  const issues = checked.error.issues.map(({ message }) => ({ field: 'Idempotency-Key', message }));
  throw new DoorError('VALIDATION_FAILED', { message: `Idempotency-Key ${issues[0]?.message}`, issues });
}

function sendPage(request: IncomingMessage, response: ServerResponse, page: Page): void {
  request.resume();
  response.writeHead(200, {
    'content-type': page.contentType,
    'content-length': Buffer.byteLength(page.body),
    'content-security-policy': page.policy,
    'cache-control': page.max_age_seconds === 0 ? 'no-store' : `private, max-age=${page.max_age_seconds}`,
  });
  response.end(request.method === 'HEAD' ? undefined : page.body);
}
