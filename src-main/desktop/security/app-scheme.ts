/**
 * Item 18: avoid the file:// protocol and prefer custom protocols.
 *
 * `app://` is a standard scheme, so that pages have an origin of their own, and a secure one, so that they are a secure
 * context. It does not bypass the Content Security Policy, has no service workers and no CORS of its own.
 */
import type { Protocol } from 'electron';
import { APP_SCHEME } from '../origins.ts';

/** To be called before the app is ready. */
export function registerAppScheme(protocol: Pick<Protocol, 'registerSchemesAsPrivileged'>): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
}
