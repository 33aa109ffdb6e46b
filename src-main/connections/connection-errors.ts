/** What went wrong with a connection, recognised by its code, and what to do about it. */

export interface ExplainedError {
  /** One sentence, in the words of the server or the system where they help. */
  detail: string;
  advice: string | null;
  /** It cannot be reached now; otherwise it answered and refused. */
  is_away: boolean;
}

type Explanation = readonly [detail: string, advice: string];

/** Of the system. */
const NETWORK: Readonly<Record<string, Explanation>> = {
  ENOTFOUND: ['There is no such host.', 'Check the name for typing errors, and that this computer can look it up.'],
  EAI_AGAIN: [
    'The name of the host could not be looked up.',
    'Check the network of this computer and its name server (DNS); a VPN may be needed.',
  ],
  ECONNREFUSED: [
    'Nothing listens on that port.',
    'Check the port, and that the server runs and listens on this address (listen_addresses, a container’s published port).',
  ],
  ECONNRESET: [
    'The connection was cut.',
    'Check that the port is the right one, and what stands between: firewall, proxy.',
  ],
  EPIPE: ['The connection was cut.', 'Check that the port is the right one, and what stands between: firewall, proxy.'],
  EHOSTUNREACH: ['The host cannot be reached.', 'Check the network of this computer; a VPN may be needed.'],
  ENETUNREACH: ['The network cannot be reached.', 'Check the network of this computer; a VPN may be needed.'],
  ETIMEDOUT: [
    'The host does not answer.',
    'Check the address and the firewall: most often the port is not opened for this computer.',
  ],
};

/** Of certificates. https://nodejs.org/api/tls.html#x509-certificate-error-codes */
const CERTIFICATES: Readonly<Record<string, Explanation>> = {
  CERT_HAS_EXPIRED: ['The certificate of the server has expired.', 'Have it renewed by whoever runs the server.'],
  CERT_NOT_YET_VALID: [
    'The certificate of the server is not valid yet.',
    'Check the clock of this computer and that of the server.',
  ],
  DEPTH_ZERO_SELF_SIGNED_CERT: [
    'The server signed its certificate itself.',
    'Give that certificate as the authority (CA) to trust, or ask for one that an authority signed.',
  ],
  SELF_SIGNED_CERT_IN_CHAIN: [
    'The certificate comes from an authority that is not known here.',
    'Give the certificate of that authority (CA) in PEM.',
  ],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    'The certificate comes from an authority that is not known here.',
    'Give the certificate of that authority (CA) in PEM, with those between.',
  ],
  UNABLE_TO_GET_ISSUER_CERT: [
    'The certificate comes from an authority that is not known here.',
    'Give the certificate of that authority (CA) in PEM, with those between.',
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    'The certificate comes from an authority that is not known here.',
    'Give the certificate of that authority (CA) in PEM.',
  ],
  ERR_TLS_CERT_ALTNAME_INVALID: [
    'The certificate is for another name than the host that was given.',
    'Use the name that the certificate is for, or check only who signed it (verify-ca).',
  ],
  CERT_SIGNATURE_FAILURE: [
    'The certificate was not signed by the authority that was given.',
    'Give the certificate of the authority (CA) that signed it.',
  ],
};

/** SQLSTATEs. https://www.postgresql.org/docs/current/errcodes-appendix.html */
const STATES: Readonly<Record<string, Explanation>> = {
  '28P01': ['The server refuses the password.', 'Check the user and the password.'],
  '3D000': ['There is no such database on the server.', 'Check its name, or have it created (CREATE DATABASE).'],
  '53300': [
    'The server has no connection left.',
    'Close others, raise max_connections, or make the pool of this profile smaller.',
  ],
  '57P03': ['The server is starting up or shutting down.', 'Wait a moment and try again.'],
  '57P01': ['The server is shutting down.', 'Wait until it is back.'],
  '42501': ['The user may not do that.', 'Have an administrator give the user the rights.'],
};

const NO_HBA = /no pg_hba\.conf entry|pg_hba\.conf rejects/i;
const NO_ROLE = /role .* does not exist|not permitted to log in/i;
const NEEDS_CERTIFICATE = /requires a valid client certificate/i;
const OTHER_CERTIFICATE = /certificate authentication failed/i;
const NO_TLS = /does not support ssl/i;
const NO_PASSWORD = /password must be a string|no password supplied|empty password/i;
const TIMEOUT = /timeout|timed out/i;
const WRONG_TLS = /wrong version number|packet length too long|unknown protocol|http request/i;
const ASKS_CERTIFICATE = /certificate required|bad certificate|handshake failure|alert number (40|42|116)/i;
const BAD_PEM = /PEM|no start line|key values mismatch|bad base64|asn1|DECODER/i;

export function explainConnectionError(error: unknown): ExplainedError {
  // Node tries every address of a host and tells of all.
  const one = error instanceof AggregateError && error.errors[0] instanceof Error ? error.errors[0] : error;
  const message = one instanceof Error ? one.message : String(one);
  const code = one instanceof Error && 'code' in one && typeof one.code === 'string' ? one.code : '';
  const refused = byMessage(message, code) ?? STATES[code] ?? CERTIFICATES[code];
  if (refused !== undefined) return { detail: refused[0], advice: refused[1], is_away: /^57P|^53/.test(code) };
  const away = NETWORK[code] ?? (TIMEOUT.test(message) ? NETWORK.ETIMEDOUT : undefined);
  if (away !== undefined) return { detail: away[0], advice: away[1], is_away: true };
  return { detail: sentence(message), advice: null, is_away: false };
}

function byMessage(message: string, code: string): Explanation | undefined {
  if (NO_HBA.test(message)) {
    const encrypted = /no encryption|SSL off/i.test(message);
    return [
      `The server lets nobody in like that: ${sentence(message)}`,
      encrypted
        ? 'It may want TLS: choose "require" or stricter. Otherwise have a line for this user and computer added to its pg_hba.conf.'
        : 'Have a line for this user, database and computer added to pg_hba.conf of the server.',
    ];
  }
  if (NEEDS_CERTIFICATE.test(message) || (ASKS_CERTIFICATE.test(message) && code.startsWith('ERR_SSL'))) {
    return [
      'The server wants a client certificate.',
      'Give the certificate and its key in PEM, as the server’s authority signed it.',
    ];
  }
  if (OTHER_CERTIFICATE.test(message)) {
    return [
      'The client certificate does not let this user in.',
      'Use the certificate that was made for the user: its name (CN) is the user’s, unless the server maps them.',
    ];
  }
  if (code.startsWith('28') && NO_ROLE.test(message)) {
    return [sentence(message), 'Check the user, or have it created (CREATE ROLE … LOGIN).'];
  }
  if (NO_TLS.test(message)) {
    return [
      'The server offers no TLS.',
      'Have TLS switched on there (ssl = on), or choose "disable" where the network is trusted.',
    ];
  }
  if (NO_PASSWORD.test(message)) return ['The server asks for a password.', 'Give the password of the user.'];
  if (WRONG_TLS.test(message) || code === 'EPROTO') {
    return ['The server does not speak TLS on that port.', 'Choose "disable", or give the port that TLS is served on.'];
  }
  if (BAD_PEM.test(message)) {
    return [
      `A certificate or key cannot be read: ${sentence(message)}`,
      'Give them in PEM, and the key that belongs to the certificate.',
    ];
  }
  return undefined;
}

function sentence(message: string): string {
  const text = message.trim().slice(0, 500);
  if (text === '') return 'The connection failed.';
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
