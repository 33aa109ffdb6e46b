/** The log as a person reads it: live, back through a hundred thousand lines, filtered, copied, and packed up for others. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { dialog, eventually, findInPalette, waitForFirstRun } from '../support/ui-page.ts';
import { readZip } from '../support/zip-reader.ts';

/** Requests are logged at this level, so that a test can have an entry whenever it wants. */
const ENV = { ARCHON_WORKERS_ENABLED: 'false', ARCHON_LOG_LEVEL: 'debug', ARCHON_LOG_FILE_MB: '5' };
const OLD = 100_000;
const OLD_TIME = Date.parse('2026-01-01T00:00:00Z');
const SECRET = 'hunter2hunter2';

afterAll(closeChromium);

/** What an Archon of months ago has said; every thousandth entry is an error. */
function oldLog(): string {
  const lines: string[] = [];
  for (let number = 1; number <= OLD; number += 1) {
    const time = OLD_TIME + number * 10;
    const isError = number % 1000 === 0;
    const more = isError ? `,"err":{"type":"Error","message":"no","stack":"Error: no\\n    at old.ts:${number}"}` : '';
    lines.push(
      `{"id":${time * 1000},"level":${isError ? 50 : 30},"time":${time},"component":"${isError ? 'storage' : 'memory'}","msg":"old entry ${number}"${more}}`,
    );
  }
  // As a version before this one might have written it.
  lines[10] = `{"level":30,"time":${OLD_TIME},"msg":"connecting","url":"redis://:${SECRET}@cache/0"}`;
  return `${lines.join('\n')}\n`;
}

describe.runIf(chromiumAvailable).each(pageHosts())('$name: the log', (host) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'archon-ui-logs-'));
  let ui: OpenUi;
  let agent: ArchonClient;
  beforeAll(async () => {
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    writeFileSync(join(dataDir, 'logs', 'archon.log'), oldLog());
    ui = await host.open({ dataDir, env: ENV });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await visitLogs(ui.page);
  });
  afterAll(async () => {
    await ui?.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const grid = () => ui.page.getByRole('grid', { name: 'Log' });
  const row = (text: string | RegExp) => grid().getByRole('row').filter({ hasText: text });
  const button = (name: string | RegExp) => ui.page.getByRole('button', { name });
  const drawer = () => ui.page.getByRole('complementary', { name: 'Log entry' });
  /** A request that nobody answers is an entry of the log all the same. */
  const request = async (path: string) => {
    await fetch(`${ui.api.url}/api/${path}`, { headers: { authorization: `Bearer ${ui.api.token}` } });
  };

  it('shows what is said as it is said', async () => {
    await grid().waitFor();
    await request('first-of-all');
    await row('/api/first-of-all').waitFor();
    expect(await row('/api/first-of-all').textContent()).toMatch(/debug.*http/);
    expect(await ui.page.textContent('body')).not.toContain(ui.api.token);
  });

  it('counts what comes while it is paused', async () => {
    await grid().focus();
    await ui.page.keyboard.press('p');
    await button(/^Resume/).waitFor();
    for (const path of ['one', 'two', 'three']) await request(path);
    await ui.page.getByText('3 new', { exact: true }).waitFor();
    expect(await row('/api/three').count()).toBe(0);
    await ui.page.keyboard.press('p');
    await row('/api/three').waitFor();
  });

  it('finds errors far back in the files, and opens one with its stack', async () => {
    await visitLogs(ui.page, { level: 'error', component: ['storage'] });
    await row(`old entry ${OLD}`).waitFor();
    await grid().focus();
    await eventually(async () => {
      await ui.page.keyboard.press('End');
      return await row(/old entry 1000\b/).count();
    }).toBe(1);
    await ui.page.keyboard.press('Home');
    await row(`old entry ${OLD}`).click();
    await drawer().getByText(`at old.ts:${OLD}`).waitFor();
    await ui.page.keyboard.press('j');
    await drawer()
      .getByText(`at old.ts:${OLD - 1000}`)
      .waitFor();
    await button('Copy as JSON').click();
    await button('Copied').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await drawer().waitFor({ state: 'detached' });
  });

  it('filters by words, of which the address tells', async () => {
    await visitLogs(ui.page);
    await ui.page.getByRole('searchbox', { name: 'Find in the log' }).fill('Old Entry 777');
    await row(/old entry 77799\b/).waitFor();
    await eventually(() => new URL(ui.page.url()).searchParams.get('q')).toBe('Old Entry 777');
    await ui.page.getByRole('searchbox', { name: 'Find in the log' }).fill('nobody says this');
    await ui.page.getByText('No entry matches these filters').waitFor();
    await button('Clear filters').click();
    await row('/api/three').waitFor();
  });

  it('writes more for a while when somebody wants it', async () => {
    await button(/^Writes debug/).click();
    await ui.page.getByRole('menuitemradio', { name: 'info' }).click();
    await ui.page.keyboard.press('Escape');
    await row('the log level is info now').waitFor();
    await button(/^Writes info/).click();
    await ui.page.getByRole('menuitem', { name: 'As configured: debug' }).click();
    await row('the log level is debug now').waitFor();
  });

  it('fits where it is shown, wrapped or not', async () => {
    for (const size of [
      { width: 1440, height: 900 },
      { width: 1024, height: 700 },
    ]) {
      await ui.page.setViewportSize(size);
      expect(await overflows(ui.page)).toEqual([]);
      await button('Wrap long lines').click();
      expect(await overflows(ui.page)).toEqual([]);
      await button('Wrap long lines').click();
    }
    await ui.page.setViewportSize({ width: 1440, height: 900 });
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('goes into one file with all else that helps, without secrets and memories', async () => {
    await agent.working.create({ user_id: 'ada', memory_type: 'decision', content: { text: 'the cellar key' } });
    await findInPalette(ui.page, 'Export diagnostics', 'Export diagnostics');
    const shown = dialog(ui.page, 'Export diagnostics');
    await shown.getByText('What is left out').waitFor();
    await shown.getByText('health.json').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    const started = ui.page.waitForEvent('download');
    await shown.getByRole('button', { name: 'Save the file' }).click();
    const download = await started;
    expect(download.suggestedFilename()).toMatch(/^archon-diagnostics-.*\.zip$/);
    await shown.getByText('The file was made').waitFor();
    const files = readZip(readFileSync(await download.path()));
    expect([...files.keys()]).toEqual(expect.arrayContaining(['manifest.json', 'health.json', 'logs/archon.log.1']));
    const everything = [...files.values()].join('\n');
    for (const hidden of [SECRET, 'the cellar key', ui.api.token]) expect(everything).not.toContain(hidden);
    expect(everything).toContain(`old entry ${OLD}`);
    await shown.getByRole('button', { name: 'Close' }).first().click();
  });
});

/** Goes to the log without loading the page again, as a link inside the app does. */
async function visitLogs(page: Page, search: Readonly<Record<string, string | readonly string[]>> = {}): Promise<void> {
  const members = Object.entries(search).map(([key, value]): [string, string] => [
    key,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  const query = new URLSearchParams(members).toString();
  await page.evaluate(
    (path) => history.pushState(null, '', path),
    `/observability/logs${query === '' ? '' : `?${query}`}`,
  );
}
