/** The built user interface: its files, and `index.html` for every address that is one of its views. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { appRoot } from '../app-files.ts';
import { contentTypeOf, rendererPolicy } from '../renderer-content.ts';

/** Where the build puts the renderer, seen from the sources and from the bundle alike. */
export const rendererFolder = join(appRoot, 'out', 'renderer');

const UI_POLICY = rendererPolicy({ form_action: "'self'" });

const INDEX = '/index.html';
/** Not views: whatever is there not is an error of the caller, to be told as such. */
const NOT_VIEWS = /^\/(api|auth|rpc|health|metrics|assets)(\/|$)|\/\//;

/** What compressing makes smaller; the others are compressed already. */
const COMPRESSIBLE = new Set(['.css', '.html', '.ico', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.wasm']);
const COMPRESS_FROM_BYTES = 1024;
/** Nearly as small as the highest quality, in a fiftieth of the time. */
const BROTLI_QUALITY = 5;

type Encoding = 'br' | 'gzip';

interface UiFile {
  content_type: string;
  compressible: boolean;
  etag: string;
  body: Buffer;
  /** Compressed bodies, made when first asked for. */
  compressed: Map<Encoding, Promise<Buffer>>;
}

/** One build: the names of its files, and those that were read. A later build is another one. */
interface Build {
  built_at_ms: number;
  names: ReadonlySet<string>;
  files: Map<string, Promise<UiFile>>;
}

export class StaticUi {
  readonly #folder: string;
  #build: Build | undefined;

  constructor(folder: string) {
    this.#folder = folder;
  }

  async isBuilt(): Promise<boolean> {
    return (await this.#current()) !== undefined;
  }

  /** Answers when the path is a file or a view of the user interface; false when it is neither, or nothing is built. */
  async answer(request: IncomingMessage, response: ServerResponse, pathname: string): Promise<boolean> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const build = await this.#current();
    if (build === undefined) return false;
    const name = nameOf(pathname);
    // Only names the build has are ever read: no path can lead out of its folder.
    if (name !== undefined && name !== INDEX && build.names.has(name)) {
      await send(request, response, await this.#file(build, name), cachingOf(name));
      return true;
    }
    if (!isView(request, pathname)) return false;
    await send(request, response, await this.#file(build, INDEX), 'no-store');
    return true;
  }

  /** The build that lies in the folder now. */
  async #current(): Promise<Build | undefined> {
    const built_at_ms = await modifiedAt(join(this.#folder, INDEX));
    if (built_at_ms === undefined) this.#build = undefined;
    else if (this.#build?.built_at_ms !== built_at_ms) {
      this.#build = { built_at_ms, names: await listNames(this.#folder), files: new Map() };
    }
    return this.#build;
  }

  #file(build: Build, name: string): Promise<UiFile> {
    let file = build.files.get(name);
    if (file === undefined) {
      file = readUiFile(join(this.#folder, name));
      // Read again next time: it may have been in the middle of being written.
      file.catch(() => build.files.delete(name));
      build.files.set(name, file);
    }
    return file;
  }
}

/** The decoded path, or undefined when it is not one. */
function nameOf(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

/** A view has no file extension, unless a person opens it: ids in addresses may have dots. */
function isView(request: IncomingMessage, pathname: string): boolean {
  if (NOT_VIEWS.test(pathname)) return false;
  return extname(pathname) === '' || pathname === INDEX || request.headers['sec-fetch-dest'] === 'document';
}

/** Names under /assets carry a hash of their content; the others keep their name when they change. */
const cachingOf = (name: string): string =>
  name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache';

async function modifiedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch {
    return undefined;
  }
}

async function listNames(folder: string): Promise<Set<string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return new Set(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/')}`),
  );
}

async function readUiFile(path: string): Promise<UiFile> {
  const body = await readFile(path);
  const extension = extname(path).toLowerCase();
  return {
    content_type: contentTypeOf(path),
    compressible: COMPRESSIBLE.has(extension) && body.length >= COMPRESS_FROM_BYTES,
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 27),
    body,
    compressed: new Map(),
  };
}

async function send(request: IncomingMessage, response: ServerResponse, file: UiFile, caching: string): Promise<void> {
  request.resume();
  const encoding = file.compressible ? wantedEncoding(request) : undefined;
  // The same file in another encoding is another representation, which needs another tag.
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`;
  const headers = {
    'content-security-policy': UI_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    'cache-control': caching,
    ...(caching === 'no-store' ? {} : { etag }),
    ...(file.compressible ? { vary: 'accept-encoding' } : {}),
  };
  if (caching !== 'no-store' && isKnown(request, etag)) {
    response.writeHead(304, headers).end();
    return;
  }
  const body = encoding === undefined ? file.body : await compressed(file, encoding);
  response.writeHead(200, {
    ...headers,
    'content-type': file.content_type,
    'content-length': body.length,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function isKnown(request: IncomingMessage, etag: string): boolean {
  const known = (request.headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return known.includes(etag) || known.includes('*');
}

function wantedEncoding(request: IncomingMessage): Encoding | undefined {
  const header = request.headers['accept-encoding'];
  const offered = (Array.isArray(header) ? header.join(',') : (header ?? ''))
    .split(',')
    .map((part) => part.trim().toLowerCase())
    .filter((part) => !/;\s*q=0(\.0*)?$/.test(part))
    .map((part) => part.split(';', 1)[0]);
  return (['br', 'gzip'] as const).find((encoding) => offered.includes(encoding));
}

function compressed(file: UiFile, encoding: Encoding): Promise<Buffer> {
  let body = file.compressed.get(encoding);
  if (body === undefined) {
    body = compress(file.body, encoding);
    file.compressed.set(encoding, body);
  }
  return body;
}

const brotliAsync = promisify(brotliCompress);
const gzipAsync = promisify(gzip);

async function compress(body: Buffer, encoding: Encoding): Promise<Buffer> {
  if (encoding === 'gzip') return await gzipAsync(body);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
    [constants.BROTLI_PARAM_SIZE_HINT]: body.length,
  };
  return await brotliAsync(body, { params });
}
