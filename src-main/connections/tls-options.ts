/** Node's options for the modes of libpq. https://www.postgresql.org/docs/current/libpq-ssl.html */
import type { ConnectionOptions } from 'node:tls';
import type { TlsSettings } from './connection-settings.ts';

/** Undefined without TLS. */
export function tlsOptions({ mode, ca_pem, cert_pem, key_pem }: TlsSettings): ConnectionOptions | undefined {
  if (mode === 'disable') return undefined;
  return {
    rejectUnauthorized: mode !== 'require',
    // Who signed is checked, for whom is not.
    ...(mode === 'verify-ca' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca_pem === null ? {} : { ca: ca_pem }),
    ...(cert_pem === null ? {} : { cert: cert_pem }),
    ...(key_pem === null ? {} : { key: key_pem }),
  };
}
