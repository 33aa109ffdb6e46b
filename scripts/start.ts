/**
 * `npm start`: builds when the build is missing or older than the sources, then runs `archon serve`.
 *
 * Arguments after `--` go to `serve`. With a fresh data folder the demo is offered.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import envPaths from 'env-paths';

const root = resolve(import.meta.dirname, '..');
const bundle = join(root, 'out', 'main', 'headless.js');
/** What the build is made from. */
const SOURCES = ['src-main', 'src-contract', 'electron.vite.config.ts', 'package-lock.json'];

const args = process.argv.slice(2);
if (isStale()) build();
if (await wantsDemo()) args.push('--demo');
serve();

function isStale(): boolean {
  if (!existsSync(bundle)) return true;
  const built_at = statSync(bundle).mtimeMs;
  return SOURCES.some((source) => newest(join(root, source)) > built_at);
}

/** Time of the last change in a file or folder, in milliseconds since the epoch. */
function newest(path: string): number {
  if (!statSync(path).isDirectory()) return statSync(path).mtimeMs;
  const files = readdirSync(path, { recursive: true, withFileTypes: true });
  return Math.max(
    0,
    ...files.filter((file) => file.isFile()).map((file) => statSync(join(file.parentPath, file.name)).mtimeMs),
  );
}

function build(): void {
  console.log('Building …');
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const result = spawnSync(process.execPath, [vite, 'build'], { cwd: root, encoding: 'utf8' });
  if (result.status !== 0) {
    console.error(`${result.stdout}\n${result.stderr}\nThe build failed.`);
    process.exit(result.status ?? 1);
  }
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

function serve(): void {
  const child = spawn(process.execPath, [bundle, 'serve', ...args], { stdio: 'inherit' });
  // A terminal sends Ctrl-C to both; the server ends by itself, and this process after it.
  process.on('SIGINT', () => {
    if (!process.stdin.isTTY) child.kill('SIGINT');
  });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('exit', (code, signal) => process.exit(signal ? 128 + constants.signals[signal] : (code ?? 1)));
}
