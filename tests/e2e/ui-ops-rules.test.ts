/** Rules of the ops agent: found, written, tried against what was recorded, changed by two, and taken back. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { go } from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { lookNow, ruleDrawer, ruleRow } from '../support/ui-ops-rules-page.ts';
import { dialog, eventually, toast, waitForFirstRun } from '../support/ui-page.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: rules of the ops agent', (host) => {
  let ui: OpenUi;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open({ env: { ARCHON_OPS_INTERVAL_SECONDS: '3600' } });
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
    await lookNow(ui.page);
    await go(ui.page, '/ops-agent/rules');
  });
  afterAll(() => ui?.close());

  const drawer = () => ruleDrawer(ui.page);
  const inDrawer = (name: string) => drawer().getByRole('button', { name, exact: true });
  const question = (name: string) => ui.page.getByRole('alertdialog').getByRole('button', { name, exact: true });
  const preview = () => drawer().getByRole('region', { name: 'Preview' });

  it('lists those that come with Archon, in words, and finds them', async () => {
    await ruleRow(ui.page, 'Disk full').getByText('Disk in use above 85 %, for 2 min').waitFor();
    await ui.page.getByRole('searchbox', { name: 'Find rules' }).fill('disk in use');
    await eventually(() => ui.page.getByRole('list', { name: 'Rules' }).getByRole('listitem').count()).toBe(1);
    expect(new URL(ui.page.url()).search).toBe('?text=disk+in+use');
    await ui.page.getByRole('searchbox', { name: 'Find rules' }).fill('');
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('says beside each field of a new one what is missing, and asks before it is left', async () => {
    await ui.page.getByRole('button', { name: 'New rule' }).click();
    await inDrawer('Add the rule').click();
    await drawer().getByText('A rule needs a name.').waitFor();
    await drawer().getByText('It must be a number.').waitFor();
    await eventually(() =>
      drawer()
        .getByLabel('Name')
        .evaluate((field) => field === document.activeElement),
    ).toBe(true);
    await drawer().getByLabel('Name').fill('Disk busy');
    await inDrawer('Cancel').click();
    await question('Keep editing').click();
    expect(await drawer().getByLabel('Name').inputValue()).toBe('Disk busy');
  });

  it('shows what it would have done while it is written, and keeps it', async () => {
    await drawer().getByLabel('Signal').selectOption('disk_percent');
    await drawer().getByLabel('Limit', { exact: true }).fill('0');
    await preview().getByText('It would have fired 1 time in the last 24 h.').waitFor();
    await preview().getByRole('list', { name: 'As it is now' }).getByText('holds', { exact: true }).waitFor();
    await drawer().getByLabel('Limit', { exact: true }).fill('99.9');
    await preview().getByText('It would not have fired in the last 24 h.').waitFor();
    // What no percentage can be, the engine says.
    await drawer().getByLabel('Limit', { exact: true }).fill('150');
    await inDrawer('Add the rule').click();
    await drawer()
      .getByText(/^It can never hold/)
      .waitFor();
    await drawer().getByLabel('Limit', { exact: true }).fill('0');
    await drawer().getByLabel('Does').selectOption('cleanup-run');
    await inDrawer('Add a step').click();
    await drawer().getByLabel('When', { exact: true }).selectOption('attempts');
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await inDrawer('Add the rule').click();
    await drawer().waitFor({ state: 'detached' });
    const row = ruleRow(ui.page, 'Disk busy');
    await row.getByText('Disk in use above 0 %').waitFor();
    await row.getByText('custom').waitFor();
    await row.getByText('escalated in 1 step').waitFor();
  });

  it('shows both when somebody else changed it, and keeps what was written until one is chosen', async () => {
    await ruleRow(ui.page, 'Disk full').getByRole('button', { name: 'Disk full', exact: true }).click();
    await drawer().getByLabel('Severity').selectOption('low');
    await calls.fail('opsRules/update');
    await inDrawer('Save').click();
    const conflict = dialog(ui.page, /^This rule was changed by somebody else/);
    await conflict.getByRole('row', { name: 'Severity Low High' }).waitFor();
    await calls.mend();
    await conflict.getByRole('button', { name: 'Keep mine' }).click();
    await drawer().waitFor({ state: 'detached' });
    await ruleRow(ui.page, 'Disk full').getByText('changed').waitFor();
    await ruleRow(ui.page, 'Disk full').getByText('Low').waitFor();
  });

  it('goes back to what it was, is switched off, duplicated, deleted and undone', async () => {
    const more = (rule: string) => ui.page.getByRole('button', { name: `More about ${rule}`, exact: true });
    await more('Disk full').click();
    await ui.page.getByRole('menuitem', { name: 'Back to what it was' }).click();
    await question('Take it back').click();
    await ruleRow(ui.page, 'Disk full').getByText('High').waitFor();
    await ruleRow(ui.page, 'Disk busy').getByRole('switch').click();
    await eventually(() => ruleRow(ui.page, 'Disk busy').getByRole('switch').isChecked()).toBe(false);
    await more('Disk busy').click();
    await ui.page.getByRole('menuitem', { name: 'Duplicate' }).click();
    expect(await drawer().getByLabel('Name').inputValue()).toBe('Copy of Disk busy');
    await inDrawer('Add the rule').click();
    await ruleRow(ui.page, 'Copy of Disk busy').waitFor();
    await more('Copy of Disk busy').click();
    await ui.page.getByRole('menuitem', { name: 'Delete' }).click();
    await question('Delete').click();
    await ruleRow(ui.page, 'Copy of Disk busy').waitFor({ state: 'detached' });
    await toast(ui.page, 'Copy of Disk busy was removed.').getByRole('button', { name: 'Undo' }).click();
    await ruleRow(ui.page, 'Copy of Disk busy').waitFor();
  });
});
