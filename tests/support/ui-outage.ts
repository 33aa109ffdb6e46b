/** Takes the engine away from under the page, and gives it back: each host in its own way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { PORT_MESSAGE } from '../../src-contract/desktop-bridge.ts';
import { childEnvironment } from './child-environment.ts';
import { type AppCopy, copyApp } from './standin/app-copy.ts';
import { type OpenUi, serverFileSoon } from './ui-hosts.ts';

export interface Outage {
  /** How agents reach the engine after it came back. */
  readonly api: OpenUi['api'];
  /** From now on nobody answers. Resolves when it is so. */
  begin(): Promise<void>;
  /** It is there again, where it was before. */
  end(): Promise<void>;
  /** Whatever was started for it is stopped. */
  remove(): Promise<void>;
}

/** To be called before the page shows what the test is about: it may load the page anew. */
export async function outageOf(ui: OpenUi): Promise<Outage> {
  return ui.desktop === undefined ? new ServerOutage(ui) : await ClosedPort.of(ui);
}

/** Stops the server; starts another on the same folder and port. */
class ServerOutage implements Outage {
  readonly #data_dir: string;
  readonly #port: string;
  api: OpenUi['api'];
  #copy: AppCopy | undefined;
  #server: ChildProcess | undefined;

  constructor({ dataDir, api }: OpenUi) {
    this.api = api;
    this.#data_dir = dataDir;
    this.#port = new URL(api.url).port;
  }

  async begin(): Promise<void> {
    const { pid } = JSON.parse(readFileSync(join(this.#data_dir, 'server.json'), 'utf8'));
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await new Promise((tick) => setTimeout(tick, 20));
  }

  async end(): Promise<void> {
    this.#copy ??= copyApp();
    this.#server = spawn(process.execPath, [join(this.#copy.folder, 'out/main/headless.js'), 'serve', '--json'], {
      env: { ...childEnvironment(), ARCHON_DATA_DIR: this.#data_dir, ARCHON_PORT: this.#port },
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    this.api = await serverFileSoon(this.#data_dir);
  }

  async remove(): Promise<void> {
    const server = this.#server;
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = once(server, 'close');
      server.kill('SIGTERM');
      await ended;
    }
    this.#copy?.remove();
  }
}

declare global {
  interface Window {
    __outage: { isOn: boolean; ports: MessagePort[] };
  }
}

/** Closes the page's port to the engine and lets no other reach it. */
class ClosedPort implements Outage {
  readonly api: OpenUi['api'];
  readonly #page: Page;

  private constructor({ api, page }: OpenUi) {
    this.api = api;
    this.#page = page;
  }

  static async of(ui: OpenUi): Promise<ClosedPort> {
    await ui.page.addInitScript((port_message) => {
      const outage: Window['__outage'] = { isOn: false, ports: [] };
      window.__outage = outage;
      const listen = MessagePort.prototype.addEventListener;
      MessagePort.prototype.addEventListener = function (this: MessagePort, ...args: unknown[]) {
        if (args[0] === 'close') outage.ports.push(this);
        return Reflect.apply(listen, this, args);
      };
      // The preload script hands ports over in this way.
      const post = window.postMessage;
      window.postMessage = (...args: unknown[]) => {
        if (!(outage.isOn && args[0] === port_message)) Reflect.apply(post, window, args);
      };
    }, PORT_MESSAGE);
    await ui.page.reload();
    return new ClosedPort(ui);
  }

  async begin(): Promise<void> {
    await this.#page.evaluate(() => {
      window.__outage.isOn = true;
      for (const port of window.__outage.ports.splice(0)) {
        port.close();
        // Electron tells the page of a closed port, Chromium alone does not.
        port.dispatchEvent(new Event('close'));
      }
    });
  }

  async end(): Promise<void> {
    await this.#page.evaluate(() => {
      window.__outage.isOn = false;
    });
  }

  async remove(): Promise<void> {}
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
