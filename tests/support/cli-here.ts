/** Runs `archon` in this process, with streams that say whether they are a terminal: faster than a process of its own. */
import type { Host } from '../../src-main/cli/command.ts';
import { runCli } from '../../src-main/cli/program.ts';

export interface HereOptions {
  data_dir: string;
  working_dir: string;
  env?: Record<string, string>;
  /** Default true. */
  isTTY?: boolean;
  ask?: Host['ask'];
  askSecret?: Host['askSecret'];
  readInput?: Host['readInput'];
  /** Ctrl-C comes once this is said on stdout. */
  stop_after?: RegExp;
}

export async function archonHere(
  args: readonly string[],
  { data_dir, working_dir, env = {}, isTTY = true, ask, askSecret, readInput, stop_after }: HereOptions,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const interrupt = new AbortController();
  const said = { stdout: '', stderr: '' };
  const stream = (name: keyof typeof said) => ({
    isTTY,
    write: (text: string) => {
      said[name] += text;
      if (stop_after?.test(said.stdout)) interrupt.abort();
      return true;
    },
  });
  const code = await runCli({
    argv: [...args],
    env: { ARCHON_DATA_DIR: data_dir, NO_COLOR: '1', ...env },
    working_dir,
    default_data_dir: data_dir,
    stdout: stream('stdout'),
    stderr: stream('stderr'),
    ...(ask ? { ask } : {}),
    ...(askSecret ? { askSecret } : {}),
    ...(readInput ? { readInput } : {}),
    signal: interrupt.signal,
  });
  return { code, ...said };
}
