/**
 * `npm start`: builds when the build is missing or older than the sources, then opens the desktop app, or, where that
 * cannot be, runs `archon serve` and opens the browser.
 *
 * Arguments after `--` are those of `serve`; with others than `--demo` it serves. With a fresh data folder the demo is
 * offered.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import envPaths from 'env-paths';
import { BuildFailedError, buildIfStale } from './build-if-stale.ts';
import { chooseWindow, getElectron, hasDisplay, type Machine } from './start/electron.ts';
import { runWindow } from './start/window.ts';

const root = resolve(import.meta.dirname, '..');
const bundles = join(root, 'out', 'main');
const machine: Machine = { platform: process.platform, env: process.env, uid: process.getuid?.() };
const args = process.argv.slice(2);

build();
const electron = await electronToUse();
if (electron === undefined || !(await openDesktop(electron))) await serve();

function build(): void {
  try {
    buildIfStale(() => console.log('Building …'));
  } catch (error) {
    if (!(error instanceof BuildFailedError)) throw error;
    console.error(error.message);
    process.exit(1);
  }
}

/** Electron's executable, or undefined after a line that says why there will be no window. */
async function electronToUse(): Promise<string | undefined> {
  // Somebody who names a port or --json wants a server.
  if (args.some((arg) => arg !== '--demo')) return undefined;
  const choice = chooseWindow(machine);
  const found = choice.window ? await getElectron((line) => console.log(line)) : choice;
  if ('path' in found) return found.path;
  sayNoWindow(found.reason);
  return undefined;
}

function sayNoWindow(reason: string): void {
  console.log(`No window (${reason}); serving the user interface to your browser instead.`);
}

/**
 * Its page offers the demo itself, when there is nothing to show.
 *
 * @returns false when this Electron does not run here; else the process ends with the app
 */
async function openDesktop(executable: string): Promise<boolean> {
  const signals = new AbortController();
  let told = false;
  const ending = await runWindow(executable, [join(bundles, 'desktop.js')], {
    env: args.includes('--demo') ? { ARCHON_DEMO: '1' } : {},
    onSpawned: (child) =>
      passSignalsOn(child, signals.signal, () => {
        told = true;
      }),
    isToldToEnd: () => told,
  });
  signals.abort();
  if ('code' in ending) process.exit(ending.code);
  sayNoWindow(ending.unusable);
  return false;
}

async function serve(): Promise<void> {
  const options = [...args];
  if (await wantsDemo()) options.push('--demo');
  if (hasDisplay(machine) && !options.some((option) => ['--help', '--json', '--open'].includes(option))) {
    options.push('--open');
  }
  run(process.execPath, [join(bundles, 'headless.js'), 'serve', ...options]);
}

async function wantsDemo(): Promise<boolean> {
  if (args.includes('--demo')) return false;
  if (process.env.ARCHON_DEMO === '1') return true;
  if (args.includes('--help') || !isFresh()) return false;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    console.log('A fresh data folder. To begin with demo data: npm start -- --demo');
    return false;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  terminal.on('SIGINT', () => process.exit(128 + constants.signals.SIGINT));
  const answer = await terminal.question('Load the demo data (two people, five weeks of conversations)? [Y/n] ');
  terminal.close();
  return /^(y|yes|)$/i.test(answer.trim());
}

function isFresh(): boolean {
  const folder = dataFolder();
  return !existsSync(folder) || readdirSync(folder).length === 0;
}

/** As `serve` finds it, but for a configuration file, which a fresh folder does not have. */
function dataFolder(): string {
  const joined = args.find((arg) => arg.startsWith('--data-dir='));
  if (joined) return resolve(joined.slice('--data-dir='.length));
  const next = args.indexOf('--data-dir') + 1;
  return resolve((next > 0 && args[next]) || process.env.ARCHON_DATA_DIR || envPaths('archon', { suffix: '' }).data);
}

function run(program: string, programArgs: string[]): void {
  const child = spawn(program, programArgs, { stdio: 'inherit' });
  passSignalsOn(child);
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}

/** A terminal sends Ctrl-C to both; the app ends by itself, and this process after it. */
function passSignalsOn(child: ChildProcess, until?: AbortSignal, onSignal: () => void = () => {}): void {
  const interrupt = () => {
    onSignal();
    if (!process.stdin.isTTY) child.kill('SIGINT');
  };
  const terminate = () => {
    onSignal();
    child.kill('SIGTERM');
  };
  process.on('SIGINT', interrupt).on('SIGTERM', terminate);
  until?.addEventListener('abort', () => process.off('SIGINT', interrupt).off('SIGTERM', terminate));
}
