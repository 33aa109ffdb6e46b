/** Where pages of ours come from. */
export const APP_SCHEME = 'app';
/** The window's user interface. */
export const APP_ORIGIN = 'app://archon';
/** The page that is shown when the engine cannot start. It has no scripts and no bridge. */
export const PROBLEM_ORIGIN = 'app://problem';

/**
 * Origin the main window's page must have, exactly.
 *
 * The development server of electron-vite counts only while the app is run from its sources.
 */
export function trustedOrigin(run: { packaged: boolean; dev_server_url: string | undefined }): string {
  if (run.packaged || !run.dev_server_url) return APP_ORIGIN;
  return new URL(run.dev_server_url).origin;
}

/**
 * Scheme, host and port of a URL. The WHATWG URL parser calls the origin of `app://archon/x` opaque ("null"), because
 * it does not know that the scheme is a standard one here.
 */
export function originOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, username, password } = new URL(url);
  if (username !== '' || password !== '') return undefined;
  return `${protocol}//${host}`;
}
