/** Which file of the built renderer a path of `app://archon/` means. */
import { stat } from 'node:fs/promises';
import { join, normalize, sep } from 'node:path';
import { contentTypeOf } from '../../renderer-content.ts';

export type FoundFile =
  | { kind: 'file'; path: string; content_type: string }
  | { kind: 'missing' }
  | { kind: 'refused' };

/**
 * Finds the file of a request.
 *
 * @param pathname as in the URL, still percent-encoded
 * @param is_page the request wants a page: views of the app have paths that are no files and get `index.html`
 */
export async function findRendererFile(root: string, pathname: string, is_page: boolean): Promise<FoundFile> {
  const path = decode(pathname);
  // A backslash or a drive letter means something to Windows, NUL to no one.
  if (path === undefined || /[\\:\0]/.test(path)) return { kind: 'refused' };
  const file = normalize(join(root, path === '/' ? 'index.html' : path));
  if (!file.startsWith(normalize(root) + sep)) return { kind: 'refused' };
  if (await isFile(file)) return { kind: 'file', path: file, content_type: contentTypeOf(file) };
  if (!is_page) return { kind: 'missing' };
  const index = join(root, 'index.html');
  return (await isFile(index))
    ? { kind: 'file', path: index, content_type: contentTypeOf(index) }
    : { kind: 'missing' };
}

function decode(pathname: string): string | undefined {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return undefined;
  }
}

async function isFile(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}
