/** The built user interface: its files, and `index.html` for every address that is one of its views. */
import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import { SESSION_META, SESSION_OPEN } from '../../src-contract/index.ts';
import { appRoot } from '../app-files.ts';
import { contentTypeOf, rendererPolicy } from '../renderer-content.ts';

/** Where the build puts the renderer, seen from the sources and from the bundle alike. */
export const rendererFolder = join(appRoot, 'out', 'renderer');

const UI_POLICY = rendererPolicy({ form_action: "'self'" });

const INDEX = '/index.html';
/** The same for somebody who is logged in: the page need not ask before it connects. No file can have this name. */
const INDEX_LOGGED_IN = '/index.html?logged-in';
const LOGGED_IN_HINT = `<meta name="${SESSION_META}" content="${SESSION_OPEN}">`;
/** Not views: whatever is there not is an error of the caller, to be told as such. */
const NOT_VIEWS = /^\/(api|auth|rpc|health|metrics|assets)(\/|$)|\/\//;

/** What compressing makes smaller; the others are compressed already. */
const COMPRESSIBLE = new Set(['.css', '.html', '.ico', '.js', '.json', '.map', '.mjs', '.svg', '.txt', '.wasm']);
const COMPRESS_FROM_BYTES = 1024;
/** Milliseconds between two looks at the files of a build for names it did not have. */
const LIST_AGAIN_MS = 500;
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
  listed_at_ms: number;
  files: Map<string, Promise<UiFile>>;
}

/** Who asks for the page: whether they are logged in, and what keeps their cookie. */
export interface Greeting {
  logged_in: boolean;
  headers: Record<string, string>;
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
  async answer(
    request: IncomingMessage,
    response: ServerResponse,
    pathname: string,
    greet: () => Greeting,
  ): Promise<boolean> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    const build = await this.#current();
    if (build === undefined) return false;
    const name = nameOf(pathname);
    if (name !== undefined && name !== INDEX && (await this.#has(build, name))) {
      await send(request, response, await this.#file(build, name), { 'cache-control': cachingOf(name) });
      return true;
    }
    if (!isView(request, pathname)) return false;
    const { logged_in, headers } = greet();
    const page = await this.#file(build, logged_in ? INDEX_LOGGED_IN : INDEX);
    await send(request, response, page, { ...headers, 'cache-control': 'no-store' });
    return true;
  }

  /**
   * Only names the build has are ever read: no path can lead out of its folder. A build that is still being written has
   * its page before its other files, so what looks like a file of it is looked for again.
   */
  async #has(build: Build, name: string): Promise<boolean> {
    if (build.names.has(name)) return true;
    if (extname(name) === '' || performance.now() - build.listed_at_ms < LIST_AGAIN_MS) return false;
    build.listed_at_ms = performance.now();
    build.names = await listNames(this.#folder);
    return build.names.has(name);
  }

  /** The build that lies in the folder now. */
  async #current(): Promise<Build | undefined> {
    const built_at_ms = await modifiedAt(join(this.#folder, INDEX));
    if (built_at_ms === undefined) this.#build = undefined;
    else if (this.#build?.built_at_ms !== built_at_ms) {
      const listed_at_ms = performance.now();
      this.#build = { built_at_ms, names: await listNames(this.#folder), listed_at_ms, files: new Map() };
    }
    return this.#build;
  }

  #file(build: Build, name: string): Promise<UiFile> {
    let file = build.files.get(name);
    if (file === undefined) {
      file = name === INDEX_LOGGED_IN ? readLoggedInPage(this.#folder) : readUiFile(join(this.#folder, name));
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
  return uiFile(path, await readFile(path));
}

async function readLoggedInPage(folder: string): Promise<UiFile> {
  const path = join(folder, INDEX);
  const page = await readFile(path, 'utf8');
  return uiFile(path, Buffer.from(page.replace('<head>', `<head>${LOGGED_IN_HINT}`)));
}

function uiFile(path: string, body: Buffer): UiFile {
  const extension = extname(path).toLowerCase();
  return {
    content_type: contentTypeOf(path),
    compressible: COMPRESSIBLE.has(extension) && body.length >= COMPRESS_FROM_BYTES,
    etag: createHash('sha256').update(body).digest('base64url').slice(0, 27),
    body,
    compressed: new Map(),
  };
}

async function send(
  request: IncomingMessage,
  response: ServerResponse,
  file: UiFile,
  given: Record<string, string> & { 'cache-control': string },
): Promise<void> {
  request.resume();
  const encoding = file.compressible ? wantedEncoding(request) : undefined;
  // The same file in another encoding is another representation, which needs another tag.
  const etag = `"${file.etag}${encoding === undefined ? '' : `-${encoding}`}"`;
  const isKept = given['cache-control'] !== 'no-store';
  const headers = {
    ...given,
    'content-security-policy': UI_POLICY,
    'cross-origin-opener-policy': 'same-origin',
    ...(isKept ? { etag } : {}),
    ...(file.compressible ? { vary: 'accept-encoding' } : {}),
  };
  if (isKept && isKnown(request, etag)) {
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
