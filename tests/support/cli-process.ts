/** Runs `archon` as people do: as a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { childEnvironment } from './child-environment.ts';
import { copyTemplate } from './template-folder.ts';

const ROOT = resolve(import.meta.dirname, '..', '..');
const SOURCE = join(ROOT, 'src-main', 'headless.ts');

export interface CliResult {
  code: number | null;
  stdout: string;
  stderr: string;
  /** The document of `--json`. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by assertions.
  json(): any;
}

export interface CliOptions {
  env?: Record<string, string>;
  /** Called with the process once it runs. */
  onStart?(child: ChildProcess): void;
}

/** A data folder that goes away with the test. */
export class DataFolder {
  readonly path = join(mkdtempSync(join(tmpdir(), 'archon-cli-')), 'data');
  readonly #children = new Set<ChildProcess>();

  /** A folder with an empty database in it. */
  static withDatabase(): DataFolder {
    const folder = new DataFolder();
    copyTemplate(folder.path);
    return folder;
  }

  /** Runs a command to its end. */
  async archon(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
    const child = this.#spawn(args, options.env);
    options.onStart?.(child);
    const output = collect(child);
    const code = await ended(child);
    const { stdout, stderr } = output;
    return { code, stdout, stderr, json: () => JSON.parse(stdout) };
  }

  /** Starts a server and waits until it has said that it is there. */
  async serve(args: readonly string[] = [], env: Record<string, string> = {}): Promise<RunningServer> {
    return await this.#keepRunning<ServerFacts>(['serve', '--server-port', '0', '--json', ...args], env);
  }

  /** Starts a node that runs workers alone, and waits until it has said that it is there. */
  async work(args: readonly string[] = [], env: Record<string, string> = {}): Promise<RunningProcess<WorkerFacts>> {
    return await this.#keepRunning<WorkerFacts>(['worker', '--json', ...args], env);
  }

  async #keepRunning<Facts>(args: readonly string[], env: Record<string, string>): Promise<RunningProcess<Facts>> {
    const child = this.#spawn(args, env);
    const output = collect(child);
    while (!output.stdout.endsWith('}\n')) {
      if (hasEnded(child)) throw new Error(`${args[0]} ended with ${child.exitCode}: ${output.stderr}`);
      await new Promise((resolveTick) => setTimeout(resolveTick, 20));
    }
    const facts = JSON.parse(output.stdout);
    if ('error' in facts) throw new Error(`${args[0]} did not start: ${output.stdout}`);
    return {
      facts,
      stderr: () => output.stderr,
      exited: ended(child),
      stop: async (signal = 'SIGTERM') => {
        child.kill(signal);
        return await ended(child);
      },
    };
  }

  serverFile(): { url: string; port: number; pid: number; token: string } {
    return JSON.parse(readFileSync(join(this.path, 'server.json'), 'utf8'));
  }

  async remove(): Promise<void> {
    for (const child of this.#children) {
      if (!hasEnded(child)) {
        child.kill('SIGKILL');
        await ended(child);
      }
    }
    rmSync(resolve(this.path, '..'), { recursive: true, force: true });
  }

  #spawn(args: readonly string[], env: Record<string, string> = {}): ChildProcess {
    const child = spawn(process.execPath, [SOURCE, ...args], {
      cwd: resolve(this.path, '..'),
      env: { ...childEnvironment(), ARCHON_DATA_DIR: this.path, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#children.add(child);
    return child;
  }
}

/** A process that runs until it is told to stop. `Facts`: what it said with `--json`. */
export interface RunningProcess<Facts> {
  facts: Facts;
  stderr(): string;
  /** Resolves with the exit code, or null when a signal ended it. */
  exited: Promise<number | null>;
  /** The exit code, or null when the signal ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface ServerFacts {
  url: string;
  docs_url: string;
  ui_url: string | null;
  login_url: string | null;
  data_dir: string;
  pid: number;
  token?: string;
}

interface WorkerFacts {
  pid: number;
  shard: string | null;
}

export type RunningServer = RunningProcess<ServerFacts>;

function collect(child: ChildProcess): { stdout: string; stderr: string } {
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  return output;
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (hasEnded(child)) return child.exitCode;
  return await new Promise((resolveExit) => child.once('close', (code) => resolveExit(code)));
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;
