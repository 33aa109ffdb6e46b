/** Logging in with a browser. The token is exchanged for a cookie that scripts cannot read. */

export class LoginError extends Error {
  override readonly name = 'LoginError';
}

/** @throws LoginError in words for the person */
export async function logIn(token: string): Promise<void> {
  await exchange('/auth/login', { token });
}

/**
 * Uses the one-time code of a login link, such as the server prints at its start. The link is taken out of the address
 * bar and the history; a code that does not work leaves the login page.
 */
export async function logInWithCode(): Promise<void> {
  const code = new URLSearchParams(location.hash.slice(1)).get('code');
  if (code === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  await exchange('/auth/code', { code }).catch(() => undefined);
}

export async function logOut(): Promise<void> {
  await exchange('/auth/logout', {});
}

async function exchange(path: string, body: object): Promise<void> {
  let response: Response;
  try {
    response = await fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  } catch {
    throw new LoginError('The server does not answer. Check that it is running, then try again.');
  }
  if (response.ok) return;
  const answer = (await response.json().catch(() => ({}))) as { message?: string };
  throw new LoginError(answer.message ?? `The server answered with status ${response.status}.`);
}
