/** A built Archon that serves, and pages of it in Chromium. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { appRoot } from '../src-main/app-files.ts';

const VIEWPORT = { width: 1440, height: 900 };
const BUNDLE = join(appRoot, 'out/main/headless.js');
export const RENDERER = join(appRoot, 'out/renderer');

export function needBuild(): void {
  if (![BUNDLE, join(RENDERER, 'index.html')].every(existsSync)) throw new Error('run npm run build first');
}

export interface Serving {
  url: string;
  token: string;
  stop(): Promise<void>;
}

export async function serve(data_dir: string): Promise<Serving> {
  const args = ['serve', '--data-dir', data_dir, '--server-port', '0', '--json'];
  const child = spawn(process.execPath, [BUNDLE, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  const { url, token } = JSON.parse(await answerOf(child));
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return { url, token, stop };
}

/** What `--json` prints once requests are answered. */
function answerOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.once('exit', (code) => reject(new Error(`archon serve ended with ${code}`)));
    child.stdout?.setEncoding('utf8').on('data', (data: string) => {
      text += data;
      if (!text.endsWith('}\n')) return;
      child.removeAllListeners('exit');
      resolve(text);
    });
  });
}

/** A page of its own browser profile that is logged in and has loaded nothing yet. */
export async function newPage(browser: Browser, { url, token }: Serving, viewport = VIEWPORT): Promise<Page> {
  const context = await browser.newContext({ viewport });
  const answer = await context.request.post(`${url}/auth/login`, { data: { token }, headers: { origin: url } });
  if (!answer.ok()) throw new Error(`the login was answered with ${answer.status()}`);
  return await context.newPage();
}
