/** Reads the body of a request: bounded, as what its content type says, into what oRPC takes as `request.body`. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { bodyError, DoorError } from './door-errors.ts';
import type { Route } from './route-table.ts';

/**
 * The parsed body: a JSON object (empty when nothing was sent), a form for routes that take a file, undefined for GET.
 *
 * @throws DoorError PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE, or VALIDATION_FAILED that names `body`
 */
export async function readBody(
  request: IncomingMessage,
  response: ServerResponse,
  route: Pick<Route, 'method' | 'takesFile'>,
  limit_bytes: number,
): Promise<object | undefined> {
  if (route.method === 'GET' || !hasBody(request)) {
    request.resume();
    return route.method === 'GET' ? undefined : {};
  }
  checkLength(request, limit_bytes);
  const kind = contentKind(request, route);
  const bytes = await readBytes(request, response, limit_bytes);
  if (bytes.length === 0) return {};
  return kind.form ? await parseForm(bytes, kind.contentType) : parseJson(bytes);
}

/** Refuses by the announced length, before anything is read. */
export function checkLength(request: IncomingMessage, limit_bytes: number): void {
  if (Number(request.headers['content-length'] ?? 0) > limit_bytes) throw tooLarge(limit_bytes);
}

function hasBody(request: IncomingMessage): boolean {
  const length = request.headers['content-length'];
  return request.headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
}

function tooLarge(limit_bytes: number): DoorError {
  return new DoorError('PAYLOAD_TOO_LARGE', {
    message: `The request body is larger than the limit of ${limit_bytes} bytes (server.body_limit_bytes).`,
  });
}

function contentKind(
  request: IncomingMessage,
  route: Pick<Route, 'takesFile'>,
): { form: boolean; contentType: string } {
  const encoding = request.headers['content-encoding'];
  if (encoding !== undefined && encoding.toLowerCase() !== 'identity') {
    throw new DoorError('UNSUPPORTED_MEDIA_TYPE', { message: 'Send the body without Content-Encoding.' });
  }
  const contentType = request.headers['content-type'] ?? '';
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim());
  if (route.takesFile) {
    if (type.toLowerCase() === 'multipart/form-data') return { form: true, contentType };
    throw new DoorError('UNSUPPORTED_MEDIA_TYPE', {
      message: 'Send a form, with "Content-Type: multipart/form-data".',
    });
  }
  const charset = parameters.find((part) => part.toLowerCase().startsWith('charset='))?.slice('charset='.length);
  const isUtf8 = charset === undefined || /^"?utf-?8"?$/i.test(charset);
  if (type.toLowerCase() !== 'application/json' || !isUtf8) throw new DoorError('UNSUPPORTED_MEDIA_TYPE');
  return { form: false, contentType };
}

async function readBytes(request: IncomingMessage, response: ServerResponse, limit_bytes: number): Promise<Buffer> {
  if (request.headers.expect?.toLowerCase() === '100-continue') response.writeContinue();
  const chunks: Buffer[] = [];
  let size = 0;
  return await new Promise<Buffer>((resolve, reject) => {
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit_bytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', onData);
      request.pause();
      reject(tooLarge(limit_bytes));
    };
    request.on('data', onData);
    request.once('end', () => resolve(Buffer.concat(chunks)));
    request.once('error', () => reject(bodyError('was cut off')));
    request.once('close', () => reject(bodyError('was cut off')));
  });
}

function parseJson(bytes: Buffer): object {
  let text: string;
  let parsed: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    parsed = JSON.parse(text);
  } catch (error) {
    // TextDecoder throws a TypeError for bytes that are not UTF-8, JSON.parse a SyntaxError.
    throw bodyError(error instanceof SyntaxError ? 'must be valid JSON' : 'must be UTF-8');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw bodyError('must be a JSON object');
  if (text.includes(PROTO) || text.includes('\\u')) refuseProtoKey(parsed);
  return parsed;
}

/** The key that could become a prototype: schemas leave it out without a word, so it is refused here. */
const PROTO = '__proto__';
/** A path longer than this is not told to its end. */
const MAX_PATH_LENGTH = 200;
/** No schema takes JSON as deep as this: free JSON may have 32 levels, and stands a few levels down itself. */
const MAX_DEPTH = 64;

/** An array or object under way: `next` counts its members. */
interface Container {
  value: object;
  /** None for an array. */
  keys: string[] | undefined;
  next: number;
}

const opened = (value: object): Container => ({
  value,
  keys: Array.isArray(value) ? undefined : Object.keys(value),
  next: 0,
});

/**
 * Goes down before it goes on, so that it holds no more than one container per level.
 *
 * @throws DoorError that names the place of the key
 */
export function refuseProtoKey(root: object): void {
  const way = [opened(root)];
  for (let at = way.at(-1); at; at = way.at(-1)) {
    const { value, keys } = at;
    const key = keys ? keys[at.next] : at.next;
    if (at.next >= (keys ?? (value as unknown[])).length || key === undefined) {
      way.pop();
      continue;
    }
    at.next += 1;
    if (key === PROTO) {
      const [path, message] = [pathOf(way), `the key "${PROTO}" is not allowed`];
      throw new DoorError('VALIDATION_FAILED', { message: `${path}: ${message}`, issues: [{ field: path, message }] });
    }
    const member: unknown = (value as Record<string | number, unknown>)[key];
    if (typeof member !== 'object' || member === null) continue;
    if (way.length >= MAX_DEPTH) throw bodyError(`must not nest deeper than ${MAX_DEPTH} levels`);
    way.push(opened(member));
  }
}

/** The member each container on the way is at. */
function pathOf(way: readonly Container[]): string {
  let path = '';
  for (const { keys, next } of way) {
    const key = keys?.[next - 1];
    path += key === undefined ? `[${next - 1}]` : path === '' ? key : `.${key}`;
  }
  return path.slice(0, MAX_PATH_LENGTH).toWellFormed();
}

async function parseForm(bytes: Buffer, contentType: string): Promise<FormData> {
  try {
    const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } });
    return await response.formData();
  } catch {
    throw bodyError('must be a valid multipart form');
  }
}
