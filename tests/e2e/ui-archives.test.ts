/** Snapshots taken, compared, opened as a copy and explored: memory without the database it came from. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, requireDone } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { dialog, eventually, PATIENCE_MS, waitForFirstRun, waitForInspector } from '../support/ui-page.ts';

/** A copy has a database of its own, which is made first. */
const COPY_MS = 4 * PATIENCE_MS;
/** For looks at the page: a folder that pictures are written to. */
const PICTURES = process.env.ARCHON_PICTURES;

afterAll(closeChromium);

// Real Electron asks the system where to save, and no test can answer.
const HOSTS = pageHosts().filter(({ name }) => name !== 'desktop (Electron)');

describe.runIf(chromiumAvailable).each(HOSTS)('$name: archives', { timeout: COPY_MS }, (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let fact: string;
  /** An archive that was saved. */
  let saved: string;
  beforeAll(async () => {
    ui = await host.open({ viewport: { width: 1440, height: 900 } });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    const session_id = 'garden talk';
    await agent.sessions.create({ session_id, user_id: 'Ana', title: 'The garden' });
    await agent.sessions.append({ session_id, messages: [{ role: 'user', content: 'The roses are red.' }] });
    const made = await agent.longterm.create({
      user_id: 'Ana',
      memory_type: 'fact',
      content: { text: 'Ana grows roses' },
      provenance: { source: 'test' },
    });
    fact = requireDone(made).id;
    // The first memory leads from the first choices to the inspector.
    await waitForInspector(ui.page);
    await ui.page.evaluate(() => history.pushState(null, '', '/settings/archives'));
    await ui.page.getByText('Nothing was taken or opened yet').waitFor({ timeout: PATIENCE_MS });
  });
  afterAll(() => ui?.close());

  const list = () => ui.page.getByRole('list', { name: 'Snapshots and archives' });
  const row = (name: string) => list().getByRole('listitem', { name, exact: true });
  const picture = async (name: string) => {
    if (PICTURES === undefined) return;
    for (const [width, height] of [
      [1440, 900],
      [1024, 700],
    ] as const) {
      await ui.page.setViewportSize({ width, height });
      await ui.page.screenshot({ path: `${PICTURES}/${name}-${width}.png` });
    }
    await ui.page.emulateMedia({ colorScheme: 'light' });
    await ui.page.screenshot({ path: `${PICTURES}/${name}-light.png`, animations: 'disabled' });
    await ui.page.emulateMedia({ colorScheme: 'dark' });
    await ui.page.setViewportSize({ width: 1440, height: 900 });
  };
  const save = async (name: string): Promise<string> => {
    if (ui.desktop === undefined) {
      const download = ui.page.waitForEvent('download');
      await row(name).getByRole('link', { name: 'Download' }).click();
      return await (await download).path();
    }
    const filePath = join(ui.dataDir, '..', 'saved.archon.gz');
    ui.desktop.answerDialog({ canceled: false, filePath });
    await row(name).getByRole('button', { name: 'Save as …' }).click();
    await eventually(() => existsSync(filePath)).toBe(true);
    return filePath;
  };
  const take = async (name: string, into: string) => {
    await ui.page.getByRole('button', { name: 'Take a snapshot …' }).click();
    const window = dialog(ui.page, 'Take a snapshot');
    await window.getByLabel('Name', { exact: true }).fill(name);
    await window.getByText(into, { exact: true }).click();
    await window.getByRole('button', { name: 'Take the snapshot' }).click();
    await window.waitFor({ state: 'detached' });
    await row(name)
      .getByText(into === 'An archive file' ? 'Archive' : 'Copy', { exact: true })
      .waitFor({ timeout: COPY_MS });
  };

  it('takes archives and shows what changed between them', async () => {
    await take('First', 'An archive file');
    await agent.longterm.update({ id: fact, tags: ['garden'] });
    await agent.sessions.append({
      session_id: 'garden talk',
      messages: [{ role: 'assistant', content: 'And the tulips?' }],
    });
    await take('Second', 'An archive file');
    saved = await save('Second');
    // gzip
    expect([...(await readFile(saved)).subarray(0, 2)]).toEqual([0x1f, 0x8b]);
    const choose = async (label: string, name: string) => {
      const select = ui.page.getByLabel(label, { exact: true });
      const option = select.locator('option').filter({ hasText: name });
      await select.selectOption(await option.getAttribute('value'));
    };
    await choose('Before', 'First,');
    await choose('After', 'Second,');
    await picture('archives');
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.getByRole('button', { name: 'Compare', exact: true }).click();
    const grid = ui.page.getByRole('grid', { name: 'Differences' });
    await grid.waitFor({ timeout: PATIENCE_MS });
    const messages = ui.page.getByRole('region', { name: 'Messages' });
    expect(await messages.getByRole('button', { name: '1 added' }).count()).toBe(1);
    await messages.getByRole('button', { name: '1 added' }).click();
    await eventually(() => grid.getByRole('row').count()).toBe(2);
    await messages.getByRole('button', { name: '1 added' }).click();
    await grid.getByText('Ana grows roses').click();
    const drawer = ui.page.getByRole('complementary', { name: 'Difference' });
    await drawer.getByText('["garden"]').waitFor();
    await picture('comparison');
    expect(await barriers(ui.page)).toEqual([]);
    expect(await overflows(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
    await ui.page.getByRole('button', { name: 'Back to the archives' }).click();
    await ui.page.getByRole('list', { name: 'Last comparisons' }).waitFor();
  });

  it('takes an archive that is dropped, and says what it is before it is opened', async () => {
    await ui.page.getByRole('button', { name: 'Open an archive …' }).click();
    const window = dialog(ui.page, 'Open an archive');
    const bytes = (await readFile(saved)).toString('base64');
    const transfer = await ui.page.evaluateHandle((base64) => {
      const data = new DataTransfer();
      data.items.add(new File([Uint8Array.from(atob(base64), (unit) => unit.charCodeAt(0))], 'dropped.archon.gz'));
      return data;
    }, bytes);
    await window.getByText('Drop an archive here').dispatchEvent('drop', { dataTransfer: transfer });
    await window.getByText(/^dropped\.archon\.gz/).waitFor({ timeout: PATIENCE_MS });
    await eventually(() => window.getByRole('button', { name: 'Open it' }).isEnabled()).toBe(true);
    expect(await window.getByLabel('Name of the copy').inputValue()).toBe('dropped');
    await picture('open');
    // Nor does it wait among the transfers.
    await eventually(() => ui.page.getByText('1 stopped').count()).toBe(0);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await window.waitFor({ state: 'detached' });
    // It was for this window, not for an import.
    expect(await ui.page.getByRole('dialog').count()).toBe(0);
  });

  it('opens an archive as a copy that is explored and not changed', async () => {
    await row('First').getByRole('button', { name: 'Open as a copy' }).click();
    const copy = row('First').filter({ hasText: /Copy/ });
    await copy.getByRole('button', { name: 'Open', exact: true }).click({ timeout: COPY_MS });
    await copy.getByText('Open now', { exact: true }).waitFor({ timeout: COPY_MS });
    await eventually(() => copy.getByRole('button', { name: 'Open', exact: true }).count()).toBe(0);
    await ui.page.getByText('Read-only: First.').waitFor({ timeout: PATIENCE_MS });
    await picture('copy');
    await ui.page.evaluate(() => history.pushState(null, '', '/memory?user=Ana&tab=longterm'));
    await ui.page.getByText('Ana grows roses').first().waitFor({ timeout: PATIENCE_MS });
    // As it was before the tag came, and it stays so.
    expect((await agent.longterm.get({ id: fact })).tags).toEqual([]);
    await expect(agent.longterm.update({ id: fact, pinned: true })).rejects.toMatchObject({ code: 'READ_ONLY' });
  });
});
