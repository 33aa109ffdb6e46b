/** The doctor on its page: what it finds, what a person does about it, and how secrets are protected. */
import { chmodSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { go } from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { eventually, toast, waitForFirstRun } from '../support/ui-page.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: the doctor', (host) => {
  let ui: OpenUi;
  beforeAll(async () => {
    ui = await host.open();
    await waitForFirstRun(ui.page);
    await agentOf(ui).webhooks.create({ name: 'hook', url: 'https://example.com/', enabled: false });
    await go(ui.page, '/settings/doctor');
  });
  afterAll(() => ui?.close());

  const region = (name: string) => ui.page.getByRole('region', { name, exact: true });
  const button = (name: string) => ui.page.getByRole('button', { name, exact: true });

  it('says that all is well', async () => {
    // A desktop without a keyring is told of that.
    if (host.kind === 'server') await ui.page.getByText('All is well. There is nothing to do.').waitFor();
    await region('In order').getByText('data folder', { exact: true }).waitFor();
    expect(await region('Problems').count()).toBe(0);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it.skipIf(process.platform === 'win32')('finds what is wrong, says what to do, and mends it', async () => {
    chmodSync(ui.dataDir, 0o755);
    mkdirSync(join(ui.dataDir, 'backups'), { recursive: true });
    writeFileSync(join(ui.dataDir, 'archon.config.json'), '{"server": {"prot": 1}}');
    await button('Check again').click();
    const found = region('To look at');
    await found.getByText(`chmod 700 ${ui.dataDir}`).waitFor();
    await found.getByText(/server\.prot \(server\.port\?\)/).waitFor();
    await ui.page.setViewportSize({ width: 1024, height: 700 });
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await found.getByRole('button', { name: 'Close it to others' }).click();
    await ui.page.getByText('Only this user can read the data folder now.').waitFor();
    await eventually(() => found.getByText('chmod 700').count()).toBe(0);
    expect(statSync(ui.dataDir).mode & 0o777).toBe(0o700);
    await button('Copy report').waitFor();
  });

  it('tells how secrets are protected, and makes a new key once asked', async () => {
    const secrets = region('Secrets');
    const words = host.kind === 'server' ? 'In a key file that only this user may read' : /Basic: this system has no/;
    await secrets.getByText(words).waitFor();
    await secrets.getByText('1 secret', { exact: true }).waitFor();
    await secrets.getByRole('button', { name: 'New master key' }).click();
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Make a new key' }).click();
    await toast(ui.page, 'Every secret is encrypted with the new key.').waitFor();
    await secrets.getByText('The key before it is kept').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
  });
});
