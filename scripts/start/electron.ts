/** Whether `npm start` opens a window or serves a browser, and how it comes by Electron. It never fails for lack of it. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '..', '..');
const PACKAGE = join(ROOT, 'node_modules', 'electron');
/** The download is tried this long, in milliseconds. */
const DOWNLOAD_MS = 60_000;
/** A download that failed is not tried again for a day. */
const FAILURE_LIFE_MS = 86_400_000;

export interface Machine {
  platform: NodeJS.Platform;
  env: Readonly<Record<string, string | undefined>>;
  /** User id, where there are such. */
  uid: number | undefined;
}

export type Choice = { window: true } | { window: false; reason: string };

/** True when there is a screen to show something on. */
export function hasDisplay({ platform, env }: Machine): boolean {
  return platform !== 'linux' || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
}

/** What speaks against a window on this machine, whether Electron is here or not. */
export function chooseWindow(machine: Machine): Choice {
  const { platform, env, uid } = machine;
  if (env.ARCHON_NO_ELECTRON === '1') return { window: false, reason: 'ARCHON_NO_ELECTRON=1' };
  if (!hasDisplay(machine)) return { window: false, reason: 'there is no display' };
  // Chromium refuses its sandbox as root, and a window without it is not safe enough for what agents write.
  if (platform === 'linux' && uid === 0) return { window: false, reason: 'Electron’s sandbox does not run as root' };
  return { window: true };
}

/** Electron's executable, if it is here. */
export function findElectron(folder: string = PACKAGE): string | undefined {
  try {
    const path = join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8').trim());
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Remembers that a download failed, so that the next start is fast.
 *
 * @param file whose time of change is the time of the failure
 */
export class FailureMark {
  readonly #file: string;
  readonly #now: () => number;

  constructor(file: string = join(ROOT, 'node_modules', '.cache', 'archon-electron-failed'), now = Date.now) {
    this.#file = file;
    this.#now = now;
  }

  isFresh(): boolean {
    const mark = statSync(this.#file, { throwIfNoEntry: false });
    return mark !== undefined && this.#now() - mark.mtimeMs < FAILURE_LIFE_MS;
  }

  /** Where nothing can be written, the next start tries the download again. */
  set(): void {
    try {
      mkdirSync(dirname(this.#file), { recursive: true });
      writeFileSync(this.#file, '');
    } catch {
      // A mark saves time and no more.
    }
  }
}

/** Electron's executable, fetched if need be. @returns the reason when there is none */
export async function getElectron(
  tell: (line: string) => void,
  mark: FailureMark = new FailureMark(),
): Promise<{ path: string } | { reason: string }> {
  const found = findElectron();
  if (found !== undefined) return { path: found };
  const installer = join(PACKAGE, 'install.js');
  if (!existsSync(installer)) return { reason: 'the package electron is not installed' };
  if (mark.isFresh()) return { reason: 'Electron could not be fetched lately; it is tried again tomorrow' };
  tell(`Fetching Electron, once (about 120 MB, at most ${DOWNLOAD_MS / 1000} s) …`);
  await run(installer);
  const fetched = findElectron();
  if (fetched !== undefined) return { path: fetched };
  mark.set();
  return { reason: 'Electron could not be fetched' };
}

/** Runs the script and ends it when it takes too long. What came of it shows in the folder. */
async function run(script: string): Promise<void> {
  const child = spawn(process.execPath, [script], { stdio: 'ignore', timeout: DOWNLOAD_MS, killSignal: 'SIGKILL' });
  await new Promise<void>((resolveEnd) => {
    child.once('error', () => resolveEnd());
    child.once('close', () => resolveEnd());
  });
}
