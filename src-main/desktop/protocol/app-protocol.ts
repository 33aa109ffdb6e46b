/** Answers requests of `app://`: the renderer's files, and the page that is shown when the engine cannot start. */
import { readFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { APP_ORIGIN, originOf, PROBLEM_ORIGIN } from '../origins.ts';
import { APP_POLICY, PROBLEM_POLICY } from '../security/content-security-policy.ts';
import { findRendererFile } from './renderer-files.ts';

export interface AppProtocolOptions {
  /** Folder of the built renderer. */
  renderer_dir: string;
  /** A file of the problem page by its path, or undefined when there is none. */
  problemFile(pathname: string): { body: string; content_type: string } | undefined;
}

export function createAppProtocol(options: AppProtocolOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return plain(405, APP_POLICY);
    switch (originOf(request.url)) {
      case APP_ORIGIN:
        return await rendererFile(options.renderer_dir, request);
      case PROBLEM_ORIGIN:
        return problemFile(options, new URL(request.url).pathname);
      default:
        return plain(404, APP_POLICY);
    }
  };
}

async function rendererFile(root: string, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url);
  const found = await findRendererFile(root, pathname, wantsPage(request, pathname));
  if (found.kind === 'refused') return plain(403, APP_POLICY);
  if (found.kind === 'missing') return plain(404, APP_POLICY);
  return new Response(new Uint8Array(await readFile(found.path)), { headers: headers(found.content_type, APP_POLICY) });
}

/** Browsers say so; a path that looks like no file is taken for a page as well. */
function wantsPage(request: Request, pathname: string): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html') || extname(pathname) === '';
}

function problemFile(options: AppProtocolOptions, pathname: string): Response {
  const file = options.problemFile(pathname);
  if (file === undefined) return plain(404, PROBLEM_POLICY);
  return new Response(file.body, { headers: headers(file.content_type, PROBLEM_POLICY) });
}

const plain = (status: number, policy: string): Response =>
  new Response(null, { status, headers: headers('text/plain; charset=utf-8', policy) });

const headers = (content_type: string, policy: string): Record<string, string> => ({
  'content-type': content_type,
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  // An update replaces the files under the same names.
  'cache-control': 'no-cache',
});
