/** A browser and its server with a network between them: one that goes silent, and one without encryption. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium, OTHER_NAME } from '../support/chromium.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { agentOf, writeWorking } from '../support/ui-agent.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import {
  bulkBar,
  dialog,
  memoryList,
  memoryRow,
  offlineBanner,
  PATIENCE_MS,
  toast,
  waitForFirstRun,
} from '../support/ui-page.ts';

const MIRA = 'mira';

afterAll(closeChromium);

/** The login of the page, for the same server under another address: a cookie belongs to a host, its name to a port. */
async function goAs({ page }: OpenUi, address: string, path: string): Promise<void> {
  const { hostname, port } = new URL(address);
  const [cookie] = await page.context().cookies();
  if (cookie === undefined) throw new Error('nobody is logged in');
  const { value } = cookie;
  await page.context().addCookies([{ name: `archon_session_${port}`, value, domain: hostname, path: '/' }]);
  await page.goto(address + path);
}

describe.runIf(chromiumAvailable).each(hosts().filter(({ kind }) => kind === 'server'))(
  '$name: over a network',
  (host) => {
    let ui: OpenUi;
    let proxy: TcpProxy | undefined;
    beforeEach(async () => {
      ui = await host.open({ env: { ARCHON_HOST: '0.0.0.0', ARCHON_ALLOW_REMOTE: 'true' } });
      await waitForFirstRun(ui.page);
      await writeWorking(agentOf(ui), MIRA, ['the first note', 'the second note']);
    });
    afterEach(async () => {
      await ui?.close();
      await proxy?.close();
    });

    it('that goes silent says so by itself, refuses changes in words, and goes on when packets arrive again', async () => {
      proxy = await TcpProxy.to(Number(new URL(ui.api.url).port));
      await goAs(ui, `http://127.0.0.1:${proxy.port}`, `/memory?user=${MIRA}&tab=working`);
      const { page } = ui;
      await memoryRow(page, 'the first note').waitFor();
      await page.getByRole('region', { name: 'Status' }).getByText('Connected', { exact: true }).waitFor();

      // No goodbye reaches the page: its connection looks as it did.
      proxy.mode = 'silent';
      await memoryList(page).focus();
      await page.keyboard.press('Space');
      await bulkBar(page).getByRole('button', { name: 'Delete' }).click();
      await toast(page, 'Archon cannot be reached right now').waitFor({ timeout: PATIENCE_MS });
      await offlineBanner(page).waitFor();
      expect(await memoryRow(page, 'the first note').count()).toBe(1);

      // What is lost stays lost; new connections find their way.
      proxy.mode = 'forward';
      await offlineBanner(page).waitFor({ state: 'detached', timeout: 2 * PATIENCE_MS });
      await writeWorking(agentOf(ui), MIRA, ['after the silence']);
      await memoryRow(page, 'after the silence').waitFor();
    });

    it('without encryption, under a name that is not that of this computer, downloads an export all the same', async () => {
      const { port } = new URL(ui.api.url);
      await goAs(ui, `http://${OTHER_NAME}:${port}`, `/memory?user=${MIRA}&tab=working`);
      const { page } = ui;
      await memoryRow(page, 'the first note').waitFor();
      // What this is about: the browser does not tell such a server where a request comes from.
      expect(await page.evaluate(() => window.isSecureContext)).toBe(false);
      await page.getByRole('button', { name: 'Export', exact: true }).click();
      const window_ = dialog(page, 'Export');
      await window_.getByRole('button', { name: 'Export', exact: true }).click();
      await window_.getByText('Export finished').waitFor();
      const started = page.waitForEvent('download');
      await window_.getByRole('link', { name: 'Download' }).click();
      const archive = readFileSync(await (await started).path());
      expect(gunzipSync(archive).toString('utf8')).toContain('the second note');
    });
  },
);
