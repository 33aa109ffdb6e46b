/**
 * Item 15: do not use shell.openExternal with untrusted content.
 *
 * A URL given to the system can start any program that registered for its scheme. Only https pages of this list are
 * opened, and the API reference on the address this app itself listens on.
 */

/** Beginnings of URLs: a page of the documentation of what Archon runs on. */
const PAGES: readonly string[] = [
  'https://www.postgresql.org/docs/',
  'https://github.com/pgvector/pgvector',
  'https://redis.io/docs/',
];

export class ExternalLinks {
  readonly #open: (url: string) => Promise<void>;
  readonly #apiUrl: () => string | null;

  /** @param apiUrl where the HTTP API of this app is reached, while it is */
  constructor(deps: { open: (url: string) => Promise<void>; apiUrl: () => string | null }) {
    this.#open = deps.open;
    this.#apiUrl = deps.apiUrl;
  }

  isAllowed(url: string): boolean {
    if (!URL.canParse(url)) return false;
    const parsed = new URL(url);
    if (parsed.username !== '' || parsed.password !== '') return false;
    return isListed(parsed) || this.#isApiReference(parsed);
  }

  /** @throws ExternalLinkRefusedError */
  async open(url: string): Promise<void> {
    if (!this.isAllowed(url)) throw new ExternalLinkRefusedError(url);
    // As it was parsed, not as it was written: what was checked is what is opened.
    await this.#open(new URL(url).href);
  }

  #isApiReference(url: URL): boolean {
    const api = this.#apiUrl();
    return api !== null && url.origin === new URL(api).origin && url.pathname.startsWith('/api/docs');
  }
}

export class ExternalLinkRefusedError extends Error {
  override readonly name = 'ExternalLinkRefusedError';

  constructor(url: string) {
    super(`Archon does not open ${url.slice(0, 200)}: it is not on the list of pages it may open.`);
  }
}

function isListed(url: URL): boolean {
  return PAGES.some((page) => {
    const allowed = new URL(page);
    if (url.protocol !== 'https:' || url.origin !== allowed.origin) return false;
    const { pathname } = allowed;
    return url.pathname === pathname || url.pathname.startsWith(pathname.endsWith('/') ? pathname : `${pathname}/`);
  });
}
