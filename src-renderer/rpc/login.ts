/** Logging in with a browser. The token is exchanged for a cookie that scripts cannot read. */
import { useConnection } from './connection.ts';

/** A server that does not answer within this is away, in milliseconds. It may itself wait 5 s for a locked file. */
const PATIENCE_MS = 10_000;

export class LoginError extends Error {
  override readonly name = 'LoginError';
  /** Seconds until it may be tried again; 0 when at once. */
  readonly wait_seconds: number;

  constructor(message: string, wait_seconds = 0) {
    super(message);
    this.wait_seconds = wait_seconds;
  }
}

let linkProblem: string | undefined;

/** Why the login link that opened this page did not work, in words for the person. */
export const problemOfLink = (): string | undefined => linkProblem;

/** @throws LoginError in words for the person */
export async function logIn(token: string): Promise<void> {
  await exchange('/auth/login', { token });
  linkProblem = undefined;
}

/**
 * Uses the one-time code of a login link, such as the server prints at its start. The link is taken out of the address
 * bar and the history at once; a code that does not work leaves the login page, which says why.
 */
export async function logInWithCode(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  try {
    await exchange('/auth/code', { code });
  } catch (error) {
    linkProblem = error instanceof Error ? error.message : String(error);
  }
}

/** @throws LoginError in words for the person */
export async function logOut(): Promise<void> {
  const { login, noteLogin } = useConnection.getState();
  // Before the server ends the connection: it is no surprise then.
  noteLogin('left');
  try {
    await exchange('/auth/logout', {});
  } catch (error) {
    noteLogin(login);
    throw error;
  }
}

async function exchange(path: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
  } catch {
    throw new LoginError('The server does not answer. Check that it is running, then try again.');
  }
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  const wait_seconds = response.status === 429 ? Number(response.headers.get('retry-after')) : 0;
  throw new LoginError(answer.message ?? `The server answered with status ${response.status}.`, wait_seconds);
}
