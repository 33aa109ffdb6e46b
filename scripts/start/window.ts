/** Runs Electron for `npm start`, and tells an Electron that is of no use from an app that ran and ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

/** Milliseconds within which an Electron that fails is taken for one that cannot run here. */
const UP_AFTER_MS = 5_000;

export type WindowEnding = { code: number } | { unusable: string };

export interface WindowOptions {
  env?: Readonly<Record<string, string>>;
  /** Called with the process, so that signals can be passed on. */
  onSpawned?: (child: ChildProcess) => void;
  /** True once somebody told the app to end: however it ends then, it was wanted. */
  isToldToEnd?: () => boolean;
  up_after_ms?: number;
}

/**
 * Runs the app to its end. Electron may be there and yet not run: its sandbox needs rights (Linux aborts then), the
 * download may be damaged or without the right to be executed, a library may be missing.
 */
export async function runWindow(
  executable: string,
  args: readonly string[],
  options: WindowOptions = {},
): Promise<WindowEnding> {
  const { env = {}, onSpawned, isToldToEnd = () => false, up_after_ms = UP_AFTER_MS } = options;
  const began_ms = performance.now();
  return await new Promise((resolve) => {
    let child: ChildProcess;
    try {
      child = spawn(executable, args, { stdio: 'inherit', env: { ...process.env, ...env } });
    } catch (error) {
      resolve({ unusable: notStarted(error) });
      return;
    }
    child.once('error', (error) => resolve({ unusable: notStarted(error) }));
    child.once('spawn', () => onSpawned?.(child));
    child.once('exit', (code, signal) => {
      const ending = signal === null ? (code ?? 1) : 128 + constants.signals[signal];
      const isEarly = performance.now() - began_ms < up_after_ms;
      if (ending === 0 || !isEarly || isToldToEnd()) resolve({ code: ending });
      else resolve({ unusable: `Electron ended at once, with ${signal ?? `code ${ending}`}` });
    });
  });
}

const notStarted = (error: unknown): string =>
  `Electron cannot be run: ${error instanceof Error ? error.message : String(error)}`;
