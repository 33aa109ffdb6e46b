/**
 * Where the user interface runs: a browser on `archon serve`, the desktop app in its stand-in, and in real Electron where
 * there is one. The same specs run on each of them.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { childEnvironment } from './child-environment.ts';
import { launchChromium } from './chromium.ts';
import { copyApp } from './standin/app-copy.ts';
import { type StandinDesktop, startDesktop } from './standin/desktop.ts';
import { findElectron, launchRealElectron } from './standin/real-electron.ts';
import { copyTemplate } from './template-folder.ts';

export interface OpenOptions {
  /** Data folder to open; without one an empty one is made and removed again. */
  dataDir?: string;
  env?: Record<string, string>;
  /** Page size, in pixels. */
  viewport?: { width: number; height: number };
}

/** A running user interface. */
export interface OpenUi {
  page: Page;
  dataDir: string;
  /** Where agents call, and with which token: for what a test does behind the page's back. */
  api: { url: string; token: string };
  /** The desktop around the page, in the stand-in only. */
  desktop: StandinDesktop | undefined;
  close(): Promise<void>;
}

export interface UiHost {
  name: 'browser' | 'desktop (stand-in)' | 'desktop (Electron)';
  kind: 'server' | 'desktop';
  open(options?: OpenOptions): Promise<OpenUi>;
}

/** The hosts of this machine; says which. */
export function hosts(): UiHost[] {
  const found: UiHost[] = [
    { name: 'browser', kind: 'server', open: openBrowserHost },
    { name: 'desktop (stand-in)', kind: 'desktop', open: openStandin },
  ];
  if (findElectron() !== undefined) found.push({ name: 'desktop (Electron)', kind: 'desktop', open: openElectron });
  console.info(`user interface: ${found.map(({ name }) => name).join(', ')}`);
  return found;
}

/**
 * For specs about what a page shows and does, which is the same page everywhere: one host, and all of them with
 * `ARCHON_UI_HOSTS=all`, as every night. What differs between hosts (how calls travel, files, outages) uses {@link hosts}.
 */
export function pageHosts(): UiHost[] {
  return process.env.ARCHON_UI_HOSTS === 'all' ? hosts() : hosts().slice(0, 1);
}

const VIEWPORT = { width: 1440, height: 900 };

async function openBrowserHost(options: OpenOptions = {}): Promise<OpenUi> {
  const folder = ownedFolder(options.dataDir);
  const copy = copyApp();
  const server = spawn(process.execPath, [join(copy.folder, 'out/main/headless.js'), 'serve', '--json'], {
    cwd: copy.folder,
    env: { ...childEnvironment(), ARCHON_DATA_DIR: folder.path, ARCHON_PORT: '0', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { login_url } = await factsOf(server);
  if (login_url === null) throw new Error('the server has no user interface: is out/renderer built?');
  const browser = await launchChromium();
  const context = await browser.newContext({ viewport: options.viewport ?? VIEWPORT });
  const page = await context.newPage();
  await page.goto(login_url);
  // Loaded anew before the code of the link was exchanged, the page would have used it up for nothing.
  while ((await context.cookies()).length === 0) await new Promise((tick) => setTimeout(tick, 20));
  return {
    page,
    dataDir: folder.path,
    api: serverFile(folder.path),
    desktop: undefined,
    close: async () => {
      await context.close();
      server.kill('SIGTERM');
      await ended(server);
      copy.remove();
      folder.remove();
    },
  };
}

async function openStandin(options: OpenOptions = {}): Promise<OpenUi> {
  const folder = ownedFolder(options.dataDir);
  const desktop = await startDesktop({ dataDir: folder.path, ...(options.env ? { env: options.env } : {}) });
  if (options.viewport) await desktop.page.setViewportSize(options.viewport);
  return {
    page: desktop.page,
    dataDir: folder.path,
    api: await serverFileSoon(folder.path),
    desktop,
    close: async () => {
      await desktop.quit();
      folder.remove();
    },
  };
}

async function openElectron(options: OpenOptions = {}): Promise<OpenUi> {
  const folder = ownedFolder(options.dataDir);
  const real = await launchRealElectron({ dataDir: folder.path, ...(options.env ? { env: options.env } : {}) });
  return {
    page: real.page,
    dataDir: folder.path,
    api: await serverFileSoon(folder.path),
    desktop: undefined,
    close: async () => {
      await real.quit();
      folder.remove();
    },
  };
}

function ownedFolder(given: string | undefined): { path: string; remove(): void } {
  if (given !== undefined) return { path: given, remove: () => {} };
  const parent = mkdtempSync(join(tmpdir(), 'archon-ui-'));
  copyTemplate(join(parent, 'data'));
  return { path: join(parent, 'data'), remove: () => rmSync(parent, { recursive: true, force: true }) };
}

function serverFile(data_dir: string): { url: string; token: string } {
  const { url, token } = JSON.parse(readFileSync(join(data_dir, 'server.json'), 'utf8'));
  return { url, token };
}

/** The desktop app shows its page before its engine runs. */
export async function serverFileSoon(data_dir: string): Promise<{ url: string; token: string }> {
  for (;;) {
    try {
      return serverFile(data_dir);
    } catch {
      await new Promise((tick) => setTimeout(tick, 50));
    }
  }
}

async function factsOf(server: ChildProcess): Promise<{ url: string; login_url: string | null }> {
  let stdout = '';
  let stderr = '';
  server.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  server.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  while (!stdout.endsWith('}\n')) {
    if (server.exitCode !== null) throw new Error(`archon serve ended with ${server.exitCode}: ${stderr}`);
    await new Promise((tick) => setTimeout(tick, 20));
  }
  return JSON.parse(stdout);
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise((resolve) => child.once('close', resolve));
}
