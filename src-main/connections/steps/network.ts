/** The way to a server: its name, its port, its certificate. */
import { lookup } from 'node:dns/promises';
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls, type PeerCertificate, type TLSSocket } from 'node:tls';
import type { TlsSettings } from '../connection-settings.ts';
import { tlsOptions } from '../tls-options.ts';
import { ok, type StepOutcome, skipped, warning } from './step.ts';

const DAY_MS = 86_400_000;
/** Days before its end in which a certificate is worth a word. */
const SOON_DAYS = 14;
/** Asks a PostgreSQL server for TLS. https://www.postgresql.org/docs/current/protocol-message-formats.html */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);

interface Place {
  host: string;
  port: number;
}

export async function lookUp({ host }: Place): Promise<StepOutcome> {
  if (isIP(host) !== 0) return ok(`${host} is an address`);
  const found = await lookup(host, { all: true });
  return ok(found.map(({ address }) => address).join(', '));
}

export async function reach(place: Place, signal: AbortSignal): Promise<StepOutcome> {
  const socket = await open(place, signal);
  const { remoteAddress, remotePort } = socket;
  socket.destroy();
  return ok(`${remoteAddress} answers on port ${remotePort}`);
}

/** @param kind PostgreSQL is asked for TLS first, Redis speaks it from the first byte */
export async function secure(
  place: Place,
  tls: TlsSettings,
  kind: 'postgres' | 'redis',
  signal: AbortSignal,
): Promise<StepOutcome> {
  const options = tlsOptions(tls);
  if (options === undefined) return skipped('TLS is switched off: whoever is between reads along.');
  const socket = await open(place, signal);
  const end = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    if (kind === 'postgres') await askForTls(socket);
    const servername = isIP(place.host) === 0 ? { servername: place.host } : {};
    const secured = connectTls({ ...options, ...servername, host: place.host, socket });
    await event(secured, 'secureConnect');
    // A server that misses a certificate of ours says so after the handshake, with TLS 1.3. https://www.rfc-editor.org/rfc/rfc8446#section-4.4.2
    if (kind === 'redis') await answerOf(secured);
    return judge(secured, tls);
  } finally {
    signal.removeEventListener('abort', end);
    socket.destroy();
  }
}

async function open({ host, port }: Place, signal: AbortSignal): Promise<Socket> {
  const socket = connect({ host, port });
  const end = () => socket.destroy(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    await event(socket, 'connect');
    // What goes wrong later is seen where it is waited for.
    socket.on('error', () => {});
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', end);
  }
}

async function answerOf(socket: Socket): Promise<void> {
  socket.write('PING\r\n');
  await event(socket, 'readable');
}

async function askForTls(socket: Socket): Promise<void> {
  socket.write(SSL_REQUEST);
  await event(socket, 'readable');
  const answer: Buffer | null = socket.read(1);
  const letter = answer?.toString('latin1');
  if (letter === 'S') return;
  if (letter === 'N') throw new Error('The server does not support SSL connections');
  throw new Error(letter === undefined ? 'The connection was closed' : 'This is no PostgreSQL server');
}

function judge(socket: TLSSocket, { mode }: TlsSettings): StepOutcome {
  const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
  const protocol = socket.getProtocol() ?? 'TLS';
  const names = certificate.subject?.CN === undefined ? '' : `, certificate of ${certificate.subject.CN}`;
  const until = certificate.valid_to === undefined ? undefined : new Date(certificate.valid_to);
  const detail = `${protocol}${names}${until === undefined ? '' : ` until ${until.toISOString().slice(0, 10)}`}`;
  if (mode === 'require') {
    return warning(
      `${detail}; who signed it is not checked`,
      'Choose verify-full, with the certificate of its authority (CA), so that nobody can pose as the server.',
    );
  }
  if (until !== undefined && until.getTime() - Date.now() < SOON_DAYS * DAY_MS) {
    return warning(detail, 'The certificate ends soon: have it renewed by whoever runs the server.');
  }
  return ok(detail);
}

/** An end before it is an error too. */
function event(socket: Socket, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void) => {
      socket.off(name, onEvent).off('error', onError).off('close', onClose);
      done();
    };
    const onEvent = () => settle(resolve);
    const onError = (error: Error) => settle(() => reject(error));
    const onClose = () =>
      settle(() => reject(Object.assign(new Error('the connection was closed'), { code: 'ECONNRESET' })));
    socket.on(name, onEvent).on('error', onError).on('close', onClose);
  });
}
