/** `archon serve` as a process: how fast it starts, how much memory it holds idle and after a large import. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appRoot } from '../src-main/app-files.ts';
import { writeChatGptExport } from '../tests/support/transfer-generators.ts';
import { median, type Row } from './measure.ts';

const CONVERSATIONS = 500;
const MESSAGES_PER_CONVERSATION = 200;
const STARTS = 5;
const BUNDLE = join(appRoot, 'out/main/headless.js');

interface Serving {
  pid: number;
  started_ms: number;
  stop(): Promise<void>;
}

function serve(data_dir: string): Promise<Serving> {
  const began = performance.now();
  const child = spawn(process.execPath, [BUNDLE, 'serve', '--data-dir', data_dir, '--server-port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.kill('SIGTERM');
    });
  return new Promise((resolve, reject) => {
    const onEarlyExit = (code: number | null) => reject(new Error(`archon serve ended with ${code}`));
    child.once('exit', onEarlyExit);
    // The line with the address comes when requests are answered.
    child.stdout.on('data', (data: Buffer) => {
      if (!/http:\/\/127\.0\.0\.1:\d+/.test(String(data))) return;
      child.off('exit', onEarlyExit);
      resolve({ pid: child.pid ?? 0, started_ms: performance.now() - began, stop });
    });
  });
}

/** Resident memory of a process in megabytes, or nothing where the system does not tell. */
function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function run(args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [BUNDLE, ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`archon ${args[0]} ended with ${code}`))));
  });
}

export async function benchServe(): Promise<Row[]> {
  if (!existsSync(BUNDLE)) throw new Error('run npm run build first');
  const folder = mkdtempSync(join(tmpdir(), 'archon-bench-'));
  const data_dir = join(folder, 'data');
  const file = join(folder, 'conversations.json');
  const rows: Row[] = [];
  try {
    const first = await serve(data_dir);
    await first.stop();
    const starts: number[] = [];
    for (let time = 0; time < STARTS; time += 1) {
      const serving = await serve(data_dir);
      starts.push(serving.started_ms);
      await serving.stop();
    }
    rows.push({
      measure: 'first start of serve, new data folder',
      store: 'embedded',
      p50: first.started_ms,
      unit: 'ms',
    });
    rows.push({
      measure: 'start of serve',
      store: 'embedded',
      p50: median(starts),
      p95: Math.max(...starts),
      unit: 'ms',
    });
    const serving = await serve(data_dir);
    await pause(3000);
    const idle = residentMegabytes(serving.pid);
    await writeChatGptExport(file, { conversations: CONVERSATIONS, messages_per: MESSAGES_PER_CONVERSATION });
    const began = performance.now();
    await run(['import', file, '--user', 'bench', '--data-dir', data_dir, '--json']);
    const import_ms = performance.now() - began;
    await pause(3000);
    const after = residentMegabytes(serving.pid);
    await serving.stop();
    const messages = CONVERSATIONS * MESSAGES_PER_CONVERSATION;
    rows.push({
      measure: `import ${messages.toLocaleString('en')} messages`,
      store: 'embedded',
      p50: import_ms,
      unit: 'ms',
    });
    if (idle !== undefined) rows.push({ measure: 'memory of serve, idle', store: 'embedded', p50: idle, unit: 'MB' });
    if (after !== undefined)
      rows.push({ measure: 'memory of serve after that import', store: 'embedded', p50: after, unit: 'MB' });
    return rows;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
