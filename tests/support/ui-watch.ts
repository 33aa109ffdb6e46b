/** Watches a page for what must never happen, whatever is shown in it. */
import type { Page } from 'playwright-core';

export class PageWatch {
  readonly #page: Page;
  readonly #seen: string[] = [];
  readonly #own: ReadonlySet<string>;

  /** @param own origins the page may ask, beside its own */
  constructor(page: Page, own: readonly string[] = []) {
    this.#page = page;
    this.#own = new Set([new URL(page.url()).origin, ...own]);
    page.on('dialog', (dialog) => {
      this.#seen.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('pageerror', (error) => this.#seen.push(`uncaught: ${error.message}`));
    page.on('console', (message) => {
      const text = message.text();
      if (message.type() === 'error' || /content security policy/i.test(text)) this.#seen.push(`console: ${text}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (!/^(data|blob|about):$/.test(url.protocol) && !this.#own.has(url.origin.replace(/^ws/, 'http'))) {
        this.#seen.push(`request: ${request.url()}`);
      }
    });
    page.on('framenavigated', (frame) => {
      const url = new URL(frame.url());
      if (frame !== page.mainFrame() || !this.#own.has(url.origin)) this.#seen.push(`navigation: ${frame.url()}`);
    });
    page.on('popup', (popup) => this.#seen.push(`popup: ${popup.url()}`));
  }

  /** Lies in wait for a call of `__xss`, also after the page was loaded anew. */
  async setTrap(): Promise<void> {
    const trap = () => {
      Object.defineProperty(window, '__xss', {
        value: (n: unknown) => console.error(`__xss(${n}) ran`),
        configurable: true,
      });
    };
    await this.#page.addInitScript(trap);
    await this.#page.evaluate(trap);
  }

  /** What happened, and what stands in the page that only injected markup could have put there. */
  async faults(): Promise<string[]> {
    const injected = await this.#page.evaluate(() => {
      const foreign =
        'iframe, object, embed, base, math, video, noscript + img, body style, body link, [onerror], [onload], [onfocus], [ontoggle], [onbegin], a[href^="javascript" i], form[action]';
      const scripts = [...document.scripts].filter(
        ({ src }) => new URL(src || 'x:', location.href).origin !== location.origin,
      );
      const images = [...document.images].filter(({ src }) => new URL(src).pathname !== '/archon.svg');
      return [...document.querySelectorAll(foreign), ...scripts, ...images].map(
        (one) => `in the page: ${one.outerHTML.slice(0, 200)}`,
      );
    });
    return [...this.#seen, ...injected];
  }
}
