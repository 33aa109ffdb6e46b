/** Where a page in a browser is to be found once the port of Archon was changed. Pure. */
import type { Setting } from '../../../../../src-contract/index.ts';

const KEY = 'server.port';

/**
 * @param from address of the page; another port than that of Archon is that of a proxy, which stays
 * @returns undefined when the page is where it was
 */
export function movedTo(before: readonly Setting[], saved: readonly Setting[], from: URL): string | undefined {
  const [was, is] = [before, saved].map((settings) => settings.find(({ key }) => key === KEY)?.value);
  if (typeof is !== 'number' || is === 0 || is === was || String(was) !== from.port) return undefined;
  const to = new URL('/', from);
  to.port = String(is);
  return to.href;
}
