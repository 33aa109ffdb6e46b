/** The master key in the desktop app: locked by the keyring of the system, and what happens where there is none or another. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serverClient } from '../../src-main/cli/connection.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { DataFolder } from '../support/cli-process.ts';
import { startDesktop } from '../support/standin/desktop.ts';
import { serverFileSoon } from '../support/ui-hosts.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable)('the master key in the desktop app', () => {
  let folder: DataFolder;
  let keyrings: string;
  beforeAll(() => {
    folder = DataFolder.withDatabase();
    keyrings = mkdtempSync(join(tmpdir(), 'archon-keyring-'));
  });
  afterAll(async () => {
    await folder?.remove();
    rmSync(keyrings, { recursive: true, force: true });
  });

  /** Opens the app, asks, quits. */
  async function inApp<T>(env: Record<string, string>, ask: (client: ReturnType<typeof serverClient>) => Promise<T>) {
    const desktop = await startDesktop({ dataDir: folder.path, env });
    try {
      await serverFileSoon(folder.path);
      return await ask(serverClient(folder.serverFile()));
    } finally {
      await desktop.quit();
    }
  }
  const keyFile = () => readFileSync(join(folder.path, 'secret.key'), 'utf8');
  const hook = { name: 'hook', url: 'https://example.com/', enabled: false };
  const MINE = () => ({ STANDIN_KEYRING: join(keyrings, 'mine') });

  it('says plainly where there is no keyring, and goes on from the key file when there is one', async () => {
    const basic = await inApp({}, async (client) => {
      await client.webhooks.create(hook);
      return await client.secrets.status({});
    });
    expect(basic).toMatchObject({ protection: 'basic', detail: expect.stringContaining('no keyring') });
    const own = await inApp(MINE(), async (client) => {
      expect(await client.secrets.status({})).toMatchObject({
        protection: 'key_file',
        kept: [{ unreadable: 0 }, {}, {}, {}],
      });
      return await client.secrets.rotate({});
    });
    expect(own).toMatchObject({ protection: 'keyring', kept: [{ count: 1, unreadable: 0 }, {}, {}, {}] });
    expect(JSON.parse(keyFile())).toEqual({ version: 2, locked_by: 'keyring', content: expect.any(String) });
  });

  it('is not used by a server, nor written over, and it says what to do', async () => {
    const before = keyFile();
    const status = await folder.archon(['secrets', 'status', '--json']);
    expect(status).toMatchObject({ code: 1 });
    expect(status.json()).toMatchObject({
      protection: 'keyring',
      problem: expect.stringContaining('archon secrets rotate --key-file'),
    });
    expect(keyFile()).toBe(before);
  });

  it('is given back to a server by the command line, while the app runs', async () => {
    const given = await inApp(MINE(), async () => await folder.archon(['secrets', 'rotate', '--key-file', '--json']));
    expect(given).toMatchObject({ code: 0 });
    expect(given.json()).toMatchObject({ protection: 'key_file' });
    expect(JSON.parse(keyFile()).keys.length).toBeGreaterThan(1);
  });
});
