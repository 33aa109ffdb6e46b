/** The Chromium that tests drive: of this machine, started once per test file. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';
import { serviceAvailable } from './real-services.ts';

const CANDIDATES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** A name of this computer that a browser does not take for it, as that of a server in a network. */
export const OTHER_NAME = 'archon.test';

let running: Promise<Browser> | undefined;

function findChromium(): string | undefined {
  const named = process.env.ARCHON_CHROMIUM;
  if (named) return existsSync(named) ? named : undefined;
  return [...CANDIDATES, chromium.executablePath()].find((path) => existsSync(path));
}

/** False, with a line that says how to get it, when there is no Chromium. */
export const chromiumAvailable = serviceAvailable(
  'the user interface',
  findChromium(),
  'install Chromium, or set ARCHON_CHROMIUM to the path of one',
);

export async function launchChromium(): Promise<Browser> {
  const executablePath = findChromium();
  if (executablePath === undefined) throw new Error('there is no Chromium: install it or set ARCHON_CHROMIUM');
  const args = [
    // There is no card, and emulating one takes a third of the time of every page.
    '--disable-gpu',
    `--host-resolver-rules=MAP ${OTHER_NAME} 127.0.0.1`,
    // Chromium's own sandbox does not run as root.
    ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ];
  running ??= chromium.launch({ executablePath, args });
  return await running;
}

/** To be called when the tests of a file are done. */
export async function closeChromium(): Promise<void> {
  await (await running)?.close();
  running = undefined;
}
