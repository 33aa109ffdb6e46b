/** `/auth/…`: how a browser comes in, stays in and goes out. Cookies are set here and nowhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import type { BrowserSession, BrowserSessions } from '../identity/browser-sessions.ts';
import type { LoginCodes } from '../identity/login-codes.ts';
import type { ClientAddresses } from './client-address.ts';
import { bodyError, DoorError } from './door-errors.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { readBody } from './request-body.ts';
import { refuseOtherOrigins } from './same-origin.ts';
import { dropCookie, keepCookie, readSessionCookie } from './session-cookie.ts';

/** Failed logins per minute and address, and of all addresses together: somebody may have many. */
const FAILURES_PER_MINUTE = 10;
const FAILURES_IN_ALL = 100;
/** What all addresses are counted under. */
const EVERYBODY = 'everybody';
const BODY_LIMIT_BYTES = 4096;

const loginBody = z.strictObject({ token: z.string().min(1).max(500) });
const codeBody = z.strictObject({ code: z.string().min(1).max(500) });

export interface LoginRoutesOptions {
  tokens: Pick<ApiTokens, 'authenticate'>;
  sessions: BrowserSessions;
  codes: LoginCodes;
  clock: Clock;
  addresses: ClientAddresses;
  /** Called when a session was ended, so that what it left open can be closed. */
  onSessionEnded(): void;
}

export class LoginRoutes {
  readonly #options: LoginRoutesOptions;
  readonly #failures: FailureLimiter;
  readonly #allFailures: FailureLimiter;

  constructor(options: LoginRoutesOptions) {
    this.#options = options;
    this.#failures = new FailureLimiter(FAILURES_PER_MINUTE, options.clock);
    this.#allFailures = new FailureLimiter(FAILURES_IN_ALL, options.clock);
  }

  /** Answers a request below `/auth/`; false when the path is none of these routes. */
  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean> {
    switch (pathname) {
      case '/auth/login':
        this.#allow(request, 'POST');
        await this.#enter(request, response, loginBody, ({ token }) => this.#tokenId(token), {
          refusal: 'The token is not valid, or it was revoked.',
        });
        return true;
      case '/auth/code':
        this.#allow(request, 'POST');
        await this.#enter(request, response, codeBody, ({ code }) => this.#options.codes.redeem(code), {
          refusal: 'This link was used before, or it is too old. `archon login` prints a new one.',
        });
        return true;
      case '/auth/logout':
        this.#allow(request, 'POST');
        await this.#logout(request, response);
        return true;
      case '/auth/session':
        this.#allow(request, 'GET');
        this.#session(request, response);
        return true;
      default:
        return false;
    }
  }

  #allow(request: IncomingMessage, method: 'GET' | 'POST'): void {
    if (request.method !== method) {
      throw new DoorError('METHOD_NOT_ALLOWED', {
        message: `This path knows ${method} only.`,
        headers: { allow: method },
      });
    }
    refuseOtherOrigins(request);
  }

  /** Opens a session on the token that `prove` finds behind what was sent. */
  async #enter<T>(
    request: IncomingMessage,
    response: ServerResponse,
    schema: z.ZodType<T>,
    prove: (proof: T) => Promise<string | undefined> | string | undefined,
    { refusal }: { refusal: string },
  ): Promise<void> {
    const address = this.#options.addresses.of(request);
    this.#holdOff(address);
    const body = await readBody(request, response, { method: 'POST', takesFile: false }, BODY_LIMIT_BYTES);
    const proof = parse(schema, body);
    // Again: many may have been sent at once, and all of them passed the first time.
    this.#holdOff(address);
    const proven = prove(proof);
    // What is wrong is known, and counted, before anybody else gets a turn.
    const token_id = proven instanceof Promise ? await proven : proven;
    const opened = token_id === undefined ? undefined : await this.#options.sessions.open(token_id);
    if (opened === undefined) {
      this.#failures.fail(address);
      this.#allFailures.fail(EVERYBODY);
      throw new DoorError('UNAUTHORIZED', { message: refusal });
    }
    await this.#endSessionOf(request);
    response.writeHead(204, { 'set-cookie': keepCookie(request, opened.cookie) }).end();
  }

  /** The id of a valid token. One of the command line's, which lives as long as the server only, has none. */
  #tokenId(token: string): string | undefined {
    const scope = this.#options.tokens.authenticate(token);
    return scope && this.#options.codes.tokenId(token);
  }

  #holdOff(address: string): void {
    const wait_seconds = Math.max(this.#failures.waitSeconds(address), this.#allFailures.waitSeconds(EVERYBODY));
    if (wait_seconds === 0) return;
    throw new DoorError('RATE_LIMITED', {
      message: `Too many failed logins; wait ${wait_seconds} s.`,
      headers: { 'retry-after': String(wait_seconds) },
    });
  }

  async #logout(request: IncomingMessage, response: ServerResponse): Promise<void> {
    request.resume();
    await this.#endSessionOf(request);
    response.writeHead(204, { 'set-cookie': dropCookie(request) }).end();
  }

  async #endSessionOf(request: IncomingMessage): Promise<void> {
    const cookie = readSessionCookie(request);
    if (cookie === undefined) return;
    await this.#options.sessions.close(cookie);
    this.#options.onSessionEnded();
  }

  /** Who is logged in, and the headers that keep the cookie of a session in use, or take away one that has ended. */
  greet(request: IncomingMessage): { session: BrowserSession | undefined; headers: Record<string, string> } {
    const cookie = readSessionCookie(request);
    if (cookie === undefined) return { session: undefined, headers: {} };
    const session = this.#options.sessions.find(cookie);
    if (session === undefined) return { session, headers: { 'set-cookie': dropCookie(request) } };
    this.#options.sessions.touch(session);
    return { session, headers: { 'set-cookie': keepCookie(request, cookie) } };
  }

  /** Who is logged in, without an error when nobody is. */
  #session(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const { session, headers } = this.greet(request);
    const body = JSON.stringify({
      authenticated: session !== undefined,
      token_name: session?.scope.actor ?? null,
    });
    response.writeHead(200, {
      ...headers,
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  }
}

function parse<T>(schema: z.ZodType<T>, body: unknown): T {
  const checked = schema.safeParse(body);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const field = issue?.path.join('.') ?? '';
  if (issue === undefined || field === '') throw bodyError(issue?.message ?? 'is not valid');
  const { message } = issue;
  throw new DoorError('VALIDATION_FAILED', { message: `${field}: ${message}`, issues: [{ field, message }] });
}
