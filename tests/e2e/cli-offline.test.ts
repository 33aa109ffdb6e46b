/** Snapshots, archives opened and compared in a terminal; and one whose process is killed while it fills a copy. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DataFolder } from '../support/cli-process.ts';
import { LONG } from '../support/long.ts';

/** The database of a copy is made first. */
const LIMIT_MS = 240_000;
const WITHIN = { timeout: LIMIT_MS, interval: 50 };

describe('memory without its server, in a terminal', { timeout: LIMIT_MS }, () => {
  let folder: DataFolder;
  let whole: string;
  /** Work with a server, so that not each command starts a database. */
  const served = async (work: () => Promise<void>): Promise<void> => {
    const server = await folder.serve();
    try {
      await work();
    } finally {
      await server.stop();
    }
  };
  beforeAll(() => {
    folder = DataFolder.withDatabase();
    whole = join(folder.path, '..', 'whole.archon.gz');
  });
  afterAll(() => folder?.remove());

  it('takes archives and compares them', async () => {
    await served(async () => {
      expect((await folder.archon(['demo'])).code).toBe(0);
      const taken = await folder.archon(['snapshot', '--into', 'archive', whole, '--json']);
      expect(taken.code).toBe(0);
      expect(taken.json()).toMatchObject({ state: 'succeeded', out: whole });
      const some = join(folder.path, '..', 'some.archon.gz');
      const user = (await folder.archon(['users', '--json'])).json().users[0].user_id as string;
      expect((await folder.archon(['snapshot', '--user', user, '--into', 'archive', some])).code).toBe(0);
      // They are saved: Archon need not keep them.
      expect((await folder.archon(['snapshot', '--list', '--json'])).json().items).toEqual([]);
      const compared = await folder.archon(['compare', whole, some, '--json', '--limit', '5']);
      const { counts, differences, before, after } = compared.json();
      expect(counts.session).toMatchObject({ added: 0, changed: 0 });
      expect(counts.session.gone).toBeGreaterThan(0);
      expect([before.users, after.users, differences.length]).toEqual([2, 1, 5]);
    });
    expect((await folder.archon(['compare', whole, join(folder.path, 'none')])).code).toBe(3);
    expect((await folder.archon(['snapshot', '--into', 'nowhere'])).code).toBe(2);
    expect((await folder.archon(['snapshot', '--list', '--cancel', 'all'])).code).toBe(2);
  });

  it.runIf(LONG)('whose process is killed leaves no profile, is listed, and goes on', async () => {
    const states = join(folder.path, 'offline', 'snapshots');
    const state = () => {
      const [file] = existsSync(states) ? readdirSync(states).filter((name) => name.endsWith('.json')) : [];
      return file === undefined ? undefined : JSON.parse(readFileSync(join(states, file), 'utf8'));
    };
    const killed = await folder.archon(['open', whole, '--name', 'Killed'], {
      onStart: (child) => {
        void expect
          .poll(() => existsSync(join(folder.path, 'profiles', state()?.profile_id ?? 'none')), WITHIN)
          .toBe(true)
          .then(() => child.kill('SIGKILL'));
      },
    });
    expect(killed.code).not.toBe(0);
    expect(state().shown.state).toBe('running');
    const profiles = async () => {
      const { items } = (await folder.archon(['profiles', 'list', '--json'])).json();
      return items.map(({ name }: { name: string }) => name) as string[];
    };
    expect(await profiles()).toEqual(['This computer']);
    await served(async () => {
      const listed = (await folder.archon(['snapshot', '--list', '--json'])).json().items;
      expect(listed).toMatchObject([{ name: 'Killed', state: 'paused', into: 'copy' }]);
      const { snapshot_id } = listed[0];
      expect((await folder.archon(['snapshot', '--resume', snapshot_id, '--into', 'copy', 'Other'])).code).toBe(2);
      const resumed = await folder.archon(['snapshot', '--resume', snapshot_id, '--json']);
      expect(resumed.json()).toMatchObject({ state: 'succeeded', name: 'Killed' });
      const cancelled = await folder.archon(['snapshot', '--cancel', snapshot_id, '--json']);
      expect([cancelled.code, cancelled.stdout]).toEqual([1, expect.stringContaining('ended before')]);
    });
    expect(await profiles()).toEqual(['This computer', 'Killed']);
    const users = await folder.archon(['users', '--profile', 'Killed', '--json']);
    expect(users.json().users).toHaveLength(2);
  });
});
