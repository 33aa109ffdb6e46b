/** Prometheus and its tool, where they are installed. */
import { spawnSync } from 'node:child_process';
import { delimiter, join } from 'node:path';
import { serviceAvailable } from './real-services.ts';

const folders = (process.env.PATH ?? '').split(delimiter);
const found = folders.find((folder) =>
  ['promtool', 'prometheus'].every((program) => spawnSync(join(folder, program), ['--version']).status === 0),
);

export const prometheusAvailable = serviceAvailable('Prometheus', found, 'apt-get install prometheus');
export const prometheusProgram = join(found ?? '', 'prometheus');

/** Runs the tool; `said` is everything it wrote: what it warns of stands in it too. */
export function promtool(args: readonly string[], input = ''): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync(join(found ?? '', 'promtool'), args, { input, encoding: 'utf8' });
  return { status, said: `${stdout}${stderr}` };
}
