/** `/auth/…`: how a browser comes in, stays in and goes out. Cookies are set here and nowhere else. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import type { Clock } from '../clock.ts';
import type { ApiTokens } from '../identity/api-tokens.ts';
import type { BrowserSessions } from '../identity/browser-sessions.ts';
import type { LoginCodes } from '../identity/login-codes.ts';
import { bodyError, DoorError } from './door-errors.ts';
import { FailureLimiter } from './failure-limiter.ts';
import { readBody } from './request-body.ts';
import { refuseOtherOrigins } from './same-origin.ts';
import { dropCookie, keepCookie, readSessionCookie } from './session-cookie.ts';

/** Failed logins per minute and address. */
const FAILURES_PER_MINUTE = 10;
const BODY_LIMIT_BYTES = 4096;

const loginBody = z.strictObject({ token: z.string().min(1).max(500) });
const codeBody = z.strictObject({ code: z.string().min(1).max(500) });

export interface LoginRoutesOptions {
  tokens: Pick<ApiTokens, 'authenticate'>;
  sessions: BrowserSessions;
  codes: LoginCodes;
  clock: Clock;
  /** Called when a session was ended, so that what it left open can be closed. */
  onSessionEnded(): void;
}

export class LoginRoutes {
  readonly #options: LoginRoutesOptions;
  readonly #failures: FailureLimiter;

  constructor(options: LoginRoutesOptions) {
    this.#options = options;
    this.#failures = new FailureLimiter(FAILURES_PER_MINUTE, options.clock);
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
        this.#logout(request, response);
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
    prove: (proof: T) => string | undefined,
    { refusal }: { refusal: string },
  ): Promise<void> {
    const address = request.socket.remoteAddress ?? '';
    this.#holdOff(address);
    const body = await readBody(request, response, { method: 'POST', takesFile: false }, BODY_LIMIT_BYTES);
    const proof = parse(schema, body);
    // Again: many may have been sent at once, and all of them passed the first time.
    this.#holdOff(address);
    const token_id = prove(proof);
    const opened = token_id === undefined ? undefined : this.#options.sessions.open(token_id);
    if (opened === undefined) {
      this.#failures.fail(address);
      throw new DoorError('UNAUTHORIZED', { message: refusal });
    }
    this.#endSessionOf(request);
    response.writeHead(204, { 'set-cookie': keepCookie(request, opened.cookie) }).end();
  }

  /** The id of a valid token. One of the command line's, which lives as long as the server only, has none. */
  #tokenId(token: string): string | undefined {
    const scope = this.#options.tokens.authenticate(token);
    return scope && this.#options.codes.tokenId(token);
  }

  #holdOff(address: string): void {
    const wait_seconds = this.#failures.waitSeconds(address);
    if (wait_seconds === 0) return;
    throw new DoorError('RATE_LIMITED', {
      message: 'Too many failed logins from this address; wait a minute.',
      headers: { 'retry-after': String(wait_seconds) },
    });
  }

  #logout(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    this.#endSessionOf(request);
    response.writeHead(204, { 'set-cookie': dropCookie(request) }).end();
  }

  #endSessionOf(request: IncomingMessage): void {
    const cookie = readSessionCookie(request);
    if (cookie === undefined) return;
    this.#options.sessions.close(cookie);
    this.#options.onSessionEnded();
  }

  /** Who is logged in, without an error when nobody is; a session in use gets its cookie anew. */
  #session(request: IncomingMessage, response: ServerResponse): void {
    request.resume();
    const cookie = readSessionCookie(request);
    const session = cookie === undefined ? undefined : this.#options.sessions.find(cookie);
    if (session !== undefined) this.#options.sessions.touch(session);
    const body = JSON.stringify({
      authenticated: session !== undefined,
      token_name: session?.scope.actor ?? null,
    });
    const refreshed = cookie === undefined ? undefined : session ? keepCookie(request, cookie) : dropCookie(request);
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(refreshed === undefined ? {} : { 'set-cookie': refreshed }),
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
