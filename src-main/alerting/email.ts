/** Sends mail through the mail server that is set, bounded in time, and says in words what keeps it from going. */
import nodemailer from 'nodemailer';
import { quoted, SendFailure } from './send-failure.ts';

export interface MailServer {
  host: string;
  port: number;
  /** `starttls`: the connection must become encrypted before anything is said; `tls`: it is from the start. */
  tls: 'none' | 'starttls' | 'tls';
  username: string | null;
  password: string | null;
  /** Authorities to trust besides those of the system, as PEM. */
  ca?: string | undefined;
}

export interface Mail {
  from: string;
  to: readonly string[];
  subject: string;
  text: string;
  /** The same for those who read HTML. */
  html?: string | undefined;
  headers?: Record<string, string> | undefined;
}

/** @throws SendFailure unless the mail server took it for every recipient within the time */
export async function sendMail(
  server: MailServer,
  mail: Mail,
  { timeout_ms, signal }: { timeout_ms: number; signal?: AbortSignal | undefined },
): Promise<void> {
  const late = AbortSignal.timeout(timeout_ms);
  // After the whole is given up, so that it is told as late whichever step it was at.
  const given_up_ms = 2 * timeout_ms;
  const transport = nodemailer.createTransport({
    host: server.host,
    port: server.port,
    secure: server.tls === 'tls',
    requireTLS: server.tls === 'starttls',
    ignoreTLS: server.tls === 'none',
    tls: { minVersion: 'TLSv1.2', ...(server.ca === undefined ? {} : { ca: server.ca }) },
    ...(server.username === null ? {} : { auth: { user: server.username, pass: server.password ?? '' } }),
    connectionTimeout: given_up_ms,
    greetingTimeout: given_up_ms,
    socketTimeout: given_up_ms,
    dnsTimeout: given_up_ms,
    socketCloseTimeout: 0,
  });
  const secrets = [server.password];
  let rejected: readonly string[];
  try {
    ({ rejected } = await transport.sendMail({
      from: mail.from,
      to: [...mail.to],
      subject: mail.subject,
      text: mail.text,
      ...(mail.html === undefined ? {} : { html: mail.html }),
      ...(mail.headers === undefined ? {} : { headers: mail.headers }),
      signal: signal ? AbortSignal.any([late, signal]) : late,
      // A text that names a file or an address is text.
      disableFileAccess: true,
      disableUrlAccess: true,
    }));
  } catch (error) {
    signal?.throwIfAborted();
    const why = late.aborted ? slow(server, timeout_ms) : whyNotSent(error, server);
    throw new SendFailure(why, { secrets, is_lasting: !late.aborted && isLasting(error), cause: error });
  } finally {
    transport.close();
  }
  if (rejected.length === 0) return;
  const some = rejected.slice(0, 5).join(', ');
  throw new SendFailure(`${placeOf(server)} did not take the mail for ${some}: check these addresses.`, {
    secrets,
    // The others have it already.
    is_lasting: true,
  });
}

const placeOf = ({ host, port }: MailServer): string => `${host}:${port}`;

const slow = (server: MailServer, timeout_ms: number): string =>
  `${placeOf(server)} did not take the mail within ${timeout_ms / 1000} s: check host, port and encryption; ` +
  'port 465 needs TLS from the start, port 587 STARTTLS.';

/** Fields of errors of the mail library and of Node. */
interface MailError {
  code: string;
  /** What the server answered. */
  response: string;
  status: number;
  message: string;
  /** Of the system or of OpenSSL, where they said it. */
  cause_code: string;
}

function whyNotSent(error: unknown, server: MailServer): string {
  const place = placeOf(server);
  const { code, response, status, message, cause_code } = read(error);
  const said = response === '' ? '' : ` It said: ${quoted(response)}`;
  if (/CERT|SELF_SIGNED|UNABLE_TO_/.test(`${code} ${cause_code}`) || /certificate|altnames/i.test(message)) {
    return `The certificate of ${place} is not trusted: ${quoted(message)}. Use the name it is made for, or name its authority in NODE_EXTRA_CA_CERTS.`;
  }
  switch (code) {
    case 'EAUTH':
    case 'ENOAUTH':
      if (server.username === null) return `${place} asks for a login: set user and password.${said}`;
      return `${place} did not accept user and password: check both; some providers need a password made for apps.${said}`;
    case 'EENVELOPE':
      if (server.username === null && (status === 530 || /auth/i.test(response))) {
        return `${place} asks for a login: set user and password.${said}`;
      }
      return `${place} did not take sender or recipients: check the addresses.${said}`;
    case 'EMESSAGE':
      return `${place} did not take the mail.${said}`;
    case 'ETLS':
    case 'EREQUIRETLS':
      return `${place} does not offer STARTTLS as it is set: choose TLS from the start (usual for port 465), or none.${said}`;
    case 'EDNS':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${server.host} has no address: check the name of the mail server.`;
    case 'EPROTOCOL':
      return `What ${place} answered is not SMTP: check host and port.${said}`;
    default:
      return connectionWords(server, cause_code === '' ? code : cause_code, message);
  }
}

/** 5yz of SMTP, https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1 */
function isLasting(error: unknown): boolean {
  const { code, status, cause_code } = read(error);
  return status >= 500 || code === 'ENOAUTH' || /CERT|SELF_SIGNED|UNABLE_TO_/.test(`${code} ${cause_code}`);
}

function connectionWords(server: MailServer, code: string, message: string): string {
  const place = placeOf(server);
  if (/ECONNREFUSED/.test(`${code} ${message}`)) return `Nothing listens at ${place}: check host and port.`;
  if (/wrong version number|EPROTO|SSL routines/.test(`${code} ${message}`)) {
    return `${place} does not speak TLS from the start: choose STARTTLS (usual for port 587), or none.`;
  }
  if (/EHOSTUNREACH|ENETUNREACH/.test(`${code} ${message}`)) return `No network of this machine leads to ${place}.`;
  if (/ETIMEDOUT|[Tt]imeout/.test(`${code} ${message}`)) {
    return `${place} does not answer: check host, port and encryption.`;
  }
  return `The connection to ${place} failed: ${quoted(message)}. Check host, port and encryption.`;
}

function read(error: unknown): MailError {
  const of = (from: unknown, name: string): string => {
    const value = typeof from === 'object' && from !== null ? Reflect.get(from, name) : undefined;
    return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
  };
  const cause = error instanceof Error ? error.cause : undefined;
  return {
    code: of(error, 'code'),
    response: of(error, 'response'),
    status: Number(of(error, 'responseCode')),
    message: error instanceof Error ? error.message : String(error),
    cause_code: of(cause, 'code'),
  };
}
