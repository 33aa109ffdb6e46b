/** Alerts: found, acknowledged, noted, silenced, and looked at over time; also when there are very many. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { sampleAlert } from '../support/ops-samples.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { go } from '../support/ui-delivery-page.ts';
import { HOSTILE_TEXTS } from '../support/ui-hostile-texts.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { alertDrawer, lookNow, makeRule, rowsOf } from '../support/ui-ops-rules-page.ts';
import { dialog, eventually, toast, waitForFirstRun } from '../support/ui-page.ts';

const MANY = 500;

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: alerts of the ops agent', (host) => {
  let ui: OpenUi;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open({ env: { ARCHON_OPS_INTERVAL_SECONDS: '3600' } });
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
  });
  afterAll(() => ui?.close());

  const drawer = () => alertDrawer(ui.page);
  const inDrawer = (name: string) => drawer().getByRole('button', { name, exact: true });
  const tab = (name: RegExp | string) => ui.page.getByRole('tab', { name });
  const silence = () => ui.page.getByRole('listitem', { name: 'Upgrade', exact: true });

  it('says that nothing is wrong while nothing is, and begins when a rule finds something', async () => {
    await go(ui.page, '/ops-agent/alerts');
    await ui.page.getByText('Nothing is wrong').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await makeRule(ui.page, { name: 'Memory in use', signal: 'memory_percent', limit: '0' });
    await lookNow(ui.page);
    await go(ui.page, '/ops-agent/alerts');
    await rowsOf(ui.page, 'Alerts of now').filter({ hasText: 'Memory in use' }).click();
    await drawer().getByText('the main memory').first().waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('is acknowledged with a note, and what happened says so', async () => {
    await inDrawer('Acknowledge').click();
    const form = dialog(ui.page, 'Acknowledge the alert');
    await form.getByRole('textbox').fill('Looking at it');
    await ui.page.keyboard.press('Escape');
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Keep editing' }).click();
    await form.getByRole('button', { name: 'Acknowledge' }).click();
    await drawer().getByText('Looking at it').waitFor();
    await tab(/^What happened/).click();
    const happened = drawer().getByRole('list', { name: 'What happened' });
    await happened.getByText('Acknowledged', { exact: true }).waitFor();
    await inDrawer('Note').click();
    await dialog(ui.page, 'Add a note').getByRole('textbox').fill('Nothing unusual');
    await dialog(ui.page, 'Add a note').getByRole('button', { name: 'Add the note' }).click();
    await happened.getByText('Nothing unusual').waitFor();
    await inDrawer('Take back').click();
    await inDrawer('Acknowledge').waitFor();
  });

  it('is kept quiet by what tells it apart, until that is ended', async () => {
    await inDrawer('Silence').click();
    const form = dialog(ui.page, 'New silence');
    expect(await form.getByLabel('Value of label 1').inputValue()).toBe('memory-in-use');
    await form.getByText('Matches 1 alert of now.').waitFor();
    await form.getByRole('button', { name: 'Silence', exact: true }).click();
    await form.getByText('Say why: others see what is kept quiet.').waitFor();
    await form.getByLabel('Reason').fill('Upgrade');
    expect(await barriers(ui.page)).toEqual([]);
    await form.getByRole('button', { name: 'Silence', exact: true }).click();
    await toast(ui.page, 'It holds: 1 alert quiet now.').waitFor();
    await inDrawer('Close').click();
    await tab(/^Silences/).click();
    await silence().getByText('rule is memory-in-use').waitFor();
    await silence().getByText('1 alert quiet').waitFor();
    await silence().getByRole('button', { name: 'End now' }).click();
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'End it' }).click();
    await silence().getByText('Over').waitFor();
  });

  it('keeps a window of every week', async () => {
    await ui.page.getByRole('button', { name: 'New maintenance window' }).click();
    const form = dialog(ui.page, 'New maintenance window');
    await form.getByText('Monday').click();
    await form.getByLabel('From').fill('23:00');
    await form.getByLabel('To').fill('01:00');
    await form.getByText('Of the next day.').waitFor();
    await form.getByLabel('Time zone').fill('Europe/Berlin');
    await form.getByLabel('Reason').fill('Backups');
    await form.getByRole('button', { name: 'Keep the window' }).click();
    await ui.page
      .getByRole('listitem', { name: 'Backups', exact: true })
      .getByText('Monday, Sunday, 23:00 to 01:00 of the next day (Europe/Berlin)')
      .waitFor();
  });

  it('shows very many over time, whatever stands in them, and one rule alone', async () => {
    const hour = (ago: number) => new Date(Date.now() - ago * 3_600_000).toISOString();
    const items = Array.from({ length: MANY }, (_, at) =>
      sampleAlert(at, {
        rule_id: `rule-${at % 12}`,
        rule_name: HOSTILE_TEXTS[at % HOSTILE_TEXTS.length] ?? '',
        summary: HOSTILE_TEXTS[(at + 1) % HOSTILE_TEXTS.length] ?? '',
        labels: { node: HOSTILE_TEXTS[(at + 2) % HOSTILE_TEXTS.length] ?? '' },
        state: { state: 'resolved', since: hour(at / 10 + 1), at: hour(at / 10) },
        started_at: hour(at / 10 + 1),
        ended_at: hour(at / 10),
      }),
    );
    const active = { pending: 0, firing: 0, by_severity: { low: 0, medium: 0, high: 0, critical: 0 } };
    await calls.answer('opsAlerts/list', { items, next_cursor: null, active });
    await tab('History').click();
    await ui.page.getByText(`${MANY} alerts`, { exact: true }).first().waitFor();
    const strip = ui.page.getByRole('slider', { name: 'Alerts over time' });
    await strip.focus();
    await ui.page.keyboard.press('Home');
    await eventually(() => strip.getAttribute('aria-valuetext')).toMatch(/: no alerts$/);
    await ui.page.keyboard.press('End');
    await eventually(() => strip.getAttribute('aria-valuetext')).not.toMatch(/: no alerts$/);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Shift+ArrowLeft');
    await ui.page.keyboard.press('Enter');
    await eventually(() => ui.page.url()).toMatch(/from=.*to=/);
    await ui.page.getByRole('region', { name: 'When alerts fired' }).getByRole('button').first().click();
    await eventually(() => ui.page.url()).toMatch(/rule=rule-/);
  });

  it('says why it cannot be shown, and tries again', async () => {
    await calls.fail('opsAlerts/list');
    await go(ui.page, '/ops-agent/alerts?severity=low');
    await ui.page.getByRole('alert').getByText(calls.message).first().waitFor();
    await calls.mend();
    await ui.page.getByRole('button', { name: 'Try again' }).first().click();
    await ui.page.getByText('No alert matches these filters').waitFor();
    await ui.page.getByRole('button', { name: 'Clear filters' }).click();
    await rowsOf(ui.page, 'Alerts of now').first().waitFor();
  });
});
