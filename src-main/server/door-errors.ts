/** Errors that are answered before a request reaches its route, in the shape every error of the API has. */
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type FieldIssue } from '../../src-contract/index.ts';

/** Refusals that only HTTP knows; the others are those of the contract. */
export const DOOR_ERRORS = {
  HOST_NOT_ALLOWED: { status: 421, message: 'This server answers only to the names of this computer.' },
  METHOD_NOT_ALLOWED: { status: 405, message: 'This path does not know this method.' },
  REQUEST_TIMEOUT: { status: 408, message: 'The request took too long to arrive.' },
  UNSUPPORTED_MEDIA_TYPE: { status: 415, message: 'Send JSON, with "Content-Type: application/json".' },
  HEADERS_TOO_LARGE: { status: 431, message: 'The request line and headers are too large.' },
} as const;

export type DoorErrorCode = keyof typeof DOOR_ERRORS | keyof typeof ERRORS;

/** A request is refused at the door. */
export class DoorError extends Error {
  override readonly name = 'DoorError';
  readonly code: DoorErrorCode;
  readonly status: number;
  readonly issues: readonly FieldIssue[];
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    code: DoorErrorCode,
    options: { message?: string; issues?: readonly FieldIssue[]; headers?: Record<string, string> } = {},
  ) {
    const definition =
      code in ERRORS ? ERRORS[code as keyof typeof ERRORS] : DOOR_ERRORS[code as keyof typeof DOOR_ERRORS];
    super(options.message ?? definition.message);
    this.code = code;
    this.status = definition.status;
    this.issues = options.issues ?? [];
    this.headers = options.headers ?? {};
  }
}

/** The body itself cannot be read as what it says it is. */
export function bodyError(message: string): DoorError {
  return new DoorError('VALIDATION_FAILED', { message: `body ${message}`, issues: [{ field: 'body', message }] });
}

/** The JSON of an error, as oRPC writes its own. */
export function errorBody(error: DoorError): string {
  const [first] = error.issues;
  return JSON.stringify({
    defined: error.code in ERRORS,
    code: error.code,
    status: error.status,
    message: error.message,
    ...(first ? { data: { field: first.field, issues: error.issues } } : {}),
  });
}

/** Milliseconds and bytes a refused body is still read for, so that the client gets to read the answer. */
const LINGER_MS = 2000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Answers with an error. When the body was not read to its end the connection is closed after it, but not at once:
 * closing with unread bytes would reset the connection and could take the answer away from the client.
 */
export async function sendError(request: IncomingMessage, response: ServerResponse, error: DoorError): Promise<void> {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const body = errorBody(error);
  const unread = !request.complete;
  response.writeHead(error.status, {
    ...error.headers,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    ...(unread ? { connection: 'close' } : {}),
  });
  // A client that waits for "100 Continue" and did not get it sends nothing more.
  const isWaiting = request.headers.expect !== undefined && request.readableFlowing === null;
  if (!unread || isWaiting || request.method === 'HEAD') {
    response.end(request.method === 'HEAD' ? undefined : body);
    return;
  }
  response.write(body);
  await discardRest(request);
  response.end();
}

async function discardRest(request: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => {
    let bytes = 0;
    const timer = setTimeout(resolve, LINGER_MS);
    const done = () => {
      clearTimeout(timer);
      resolve();
    };
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > LINGER_BYTES) done();
    });
    request.once('end', done);
    request.once('error', done);
    request.once('close', done);
    request.resume();
  });
}

/** Milliseconds a client has to take an answer that ends its connection. */
const LAST_WORDS_MS = 1000;

/** Answers with an error where there is no response object, and ends the connection, whether the client does or not. */
export function writeErrorTo(stream: Duplex, error: DoorError, headers: Record<string, string> = {}): void {
  const body = errorBody(error);
  const all = {
    ...headers,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  const cut = setTimeout(() => stream.destroy(), LAST_WORDS_MS).unref();
  stream.once('close', () => clearTimeout(cut));
  stream.end(`HTTP/1.1 ${error.status} ${STATUS_CODES[error.status]}\r\n${lines.join('')}\r\n${body}`);
}
