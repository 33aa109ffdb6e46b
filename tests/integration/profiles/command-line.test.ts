/** `archon profiles` on a data folder that no server has: no database is opened for it. */
import { afterAll, describe, expect, it } from 'vitest';
import { archonHere } from '../../support/cli-here.ts';
import { newDataFolder, removeDataFolder } from './support/installed.ts';

describe('archon profiles', () => {
  const data_dir = newDataFolder();
  afterAll(() => removeDataFolder(data_dir));
  const archon = (args: string[], env: Record<string, string> = {}) =>
    archonHere(['profiles', ...args], { data_dir, working_dir: data_dir, env, isTTY: false });

  it('adds, shows, tests and removes a connection, and never tells a password', async () => {
    const added = await archon(['add', 'Live', '--from-environment', 'DATABASE_URL', '--read-only', '--color', 'red'], {
      DATABASE_URL: 'postgres://ana:sailing-on-sundays@127.0.0.1:1/archon',
    });
    expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining('archon at 127.0.0.1:1') });
    const shown = await archon(['show', 'live']);
    expect(shown.stdout).toMatch(/password\s+kept/);
    const tested = await archon(['test', 'live']);
    expect(tested).toMatchObject({ code: 1, stdout: expect.stringMatching(/failed\s+tcp\s+Nothing listens/) });
    const listed = await archon(['list', '--json']);
    expect(JSON.parse(listed.stdout).items).toMatchObject([
      { profile_id: 'local' },
      { name: 'Live', color: 'red', read_only: true, connection: { database: { has_password: true } } },
    ]);
    for (const { stdout, stderr } of [added, shown, tested, listed]) expect(stdout + stderr).not.toContain('sailing');
    expect(await archon(['use', 'local'])).toMatchObject({ code: 0, stdout: expect.stringContaining('next start') });
    expect((await archon(['remove', 'Live'])).code).toBe(0);
    expect((await archon(['show', 'Live'])).code).toBe(3);
  });

  it('takes no password as an argument', async () => {
    const refused = await archon(['add', 'X', '--url', 'postgres://ana:pw@db/archon']);
    expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Leave the password out') });
  });

  it('leaves --profile to those who have no connection configured', async () => {
    const env = { ARCHON_DATABASE_URL: 'postgres://ana@127.0.0.1:1/archon' };
    const run = await archonHere(['users', '--profile', 'local'], {
      data_dir,
      working_dir: data_dir,
      env,
      isTTY: false,
    });
    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('goes before connection profiles') });
  });
});
