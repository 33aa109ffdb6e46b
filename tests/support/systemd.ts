/** The tool of systemd that checks units, where it is installed. */
import { spawnSync } from 'node:child_process';
import { serviceAvailable } from './real-services.ts';

const found = spawnSync('systemd-analyze', ['--version']).status === 0 ? 'systemd-analyze' : undefined;

export const systemdAvailable = serviceAvailable('systemd-analyze', found, 'apt-get install systemd');

/** `said` is everything it wrote: what it warns of stands in it too. */
export function verifyUnits(files: readonly string[]): { status: number | null; said: string } {
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', '--man=no', ...files], {
    encoding: 'utf8',
  });
  return { status, said: `${stdout}${stderr}` };
}
