/** Links to a memory from other programs: `archon://memory/<id>`. */
import { z } from 'zod';
import { LINK_SCHEME } from './identity.ts';

const PREFIX = `${LINK_SCHEME}://`;

/** The memory a link asks for, or undefined when it is no link of ours or its id is none. */
export function parseDeepLink(link: string): string | undefined {
  if (!URL.canParse(link)) return undefined;
  const { protocol, host, pathname, search, hash } = new URL(link);
  if (protocol !== `${LINK_SCHEME}:` || host !== 'memory' || search !== '' || hash !== '') return undefined;
  const parsed = z.uuid().safeParse(pathname.replace(/^\//, '').replace(/\/$/, ''));
  return parsed.success ? parsed.data.toLowerCase() : undefined;
}

/** The link on a command line: Windows and Linux hand it over so, macOS with the event `open-url`. */
export function deepLinkOf(argv: readonly string[]): string | undefined {
  const link = argv.find((argument) => argument.toLowerCase().startsWith(PREFIX));
  return link === undefined ? undefined : parseDeepLink(link);
}
