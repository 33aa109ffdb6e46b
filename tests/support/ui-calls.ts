/** The page's calls to the engine, counted and, when a test says so, kept waiting, refused or answered otherwise. */
import type { Locator } from 'playwright-core';
import type { OpenUi } from './ui-hosts.ts';

type Rule = { kind: 'hold' } | { kind: 'fail'; message: string } | { kind: 'answer'; body: unknown };

declare global {
  interface Window {
    __calls: {
      seen: string[];
      unseen: string[];
      rules: Record<string, Rule>;
      held: { path: string; go(): void }[];
      mend(): void;
    };
  }
}

/** How a call is refused: with a code that is not tried again by itself. */
const MESSAGE = 'The shelf with these is locked.';

export class Calls {
  readonly message = MESSAGE;
  readonly #ui: OpenUi;

  private constructor(ui: OpenUi) {
    this.#ui = ui;
  }

  /** Loads the page anew. */
  static async of(ui: OpenUi): Promise<Calls> {
    await ui.page.addInitScript(intercept);
    await ui.page.reload();
    return new Calls(ui);
  }

  /** How often each of these was called since the page was loaded, such as `context/assemble`. */
  async count(path: string): Promise<number> {
    return await this.#ui.page.evaluate((asked) => window.__calls.seen.filter((one) => one === asked).length, path);
  }

  /** What was called while the page was hidden. */
  async whileHidden(): Promise<string[]> {
    return await this.#ui.page.evaluate(() => window.__calls.unseen);
  }

  /** Calls wait until something else is said. */
  async hold(...paths: string[]): Promise<void> {
    await this.#set(paths, { kind: 'hold' });
  }

  /** Calls are refused, also those that wait. */
  async fail(...paths: string[]): Promise<void> {
    await this.#set(paths, { kind: 'fail', message: MESSAGE });
  }

  async answer(path: string, body: unknown): Promise<void> {
    await this.#set([path], { kind: 'answer', body });
  }

  /** Everything goes through again, also what waits. */
  async mend(): Promise<void> {
    await this.#ui.page.evaluate(() => window.__calls.mend());
  }

  /** Likewise, and presses the button before the page can have asked again by itself. */
  async mendAndPress(button: Locator): Promise<void> {
    await button.evaluate((element) => {
      window.__calls.mend();
      (element as HTMLElement).click();
    });
  }

  async #set(paths: readonly string[], rule: Rule): Promise<void> {
    await this.#ui.page.evaluate(
      ([names, given]) => {
        const calls = window.__calls;
        for (const name of names) calls.rules[name] = given;
        sessionStorage.setItem('test.calls', JSON.stringify(calls.rules));
        for (const { go } of calls.held.splice(0)) go();
      },
      [paths, rule] as const,
    );
  }
}

/** Runs in the page, before anything of it. */
function intercept(): void {
  // What was said holds for the pages that follow, too.
  const rules = JSON.parse(sessionStorage.getItem('test.calls') ?? '{}');
  const calls: Window['__calls'] = {
    seen: [],
    unseen: [],
    rules,
    held: [],
    mend() {
      calls.rules = {};
      sessionStorage.removeItem('test.calls');
      for (const { go } of calls.held.splice(0)) go();
    },
  };
  window.__calls = calls;

  type Carrier = WebSocket | MessagePort;
  const carry = (carrier: Carrier, raw: unknown, forward: () => void): void => {
    const message = requestOf(raw);
    if (message === undefined) {
      forward();
      return;
    }
    const { id, path } = message;
    const go = () => {
      const rule = calls.rules[path];
      if (rule === undefined) {
        forward();
        return;
      }
      if (rule.kind === 'hold') {
        calls.held.push({ path, go });
        return;
      }
      const refusal = { defined: true, code: 'CONFLICT', status: 409, message: '' };
      const p =
        rule.kind === 'fail'
          ? { s: 409, b: { json: { ...refusal, message: rule.message } } }
          : { b: { json: rule.body } };
      const data = JSON.stringify({ i: id, p });
      setTimeout(() => carrier.dispatchEvent(new MessageEvent('message', { data })));
    };
    calls.seen.push(path);
    if (document.visibilityState === 'hidden') calls.unseen.push(path);
    go();
  };

  function requestOf(raw: unknown): { id: string; path: string } | undefined {
    if (typeof raw !== 'string' || !raw.startsWith('{')) return undefined;
    const { i, t = 1, p } = JSON.parse(raw);
    if (t !== 1 || typeof p?.u !== 'string') return undefined;
    return { id: i, path: new URL(p.u, 'http://orpc').pathname.slice(1) };
  }

  const send = WebSocket.prototype.send;
  WebSocket.prototype.send = function (this: WebSocket, data) {
    carry(this, data, () => send.call(this, data));
  };
  const post = MessagePort.prototype.postMessage;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: unknown[]) {
    carry(this, args[0], () => Reflect.apply(post, this, args));
  };
}
