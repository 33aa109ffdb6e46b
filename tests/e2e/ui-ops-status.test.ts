/** The ops agent: how it is, its switches, what waits for a person, what a person can do, and the log of it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { sampleAction, sampleAlert, sampleStatus } from '../support/ops-samples.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { go } from '../support/ui-delivery-page.ts';
import { HOSTILE_TEXTS } from '../support/ui-hostile-texts.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import {
  actionDrawer,
  actionRows,
  busyWorld,
  button,
  lookAgain,
  type OpsWorld,
  opsLink,
  opsSentence,
  region,
  showOps,
  waitingAction,
} from '../support/ui-ops-page.ts';
import { dialog, eventually, findInPalette, PATIENCE_MS, toast, waitForFirstRun } from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: the ops agent', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let calls: Calls;
  beforeAll(async () => {
    ui = await host.open({ env: { ARCHON_OPS_INTERVAL_SECONDS: '3600' } });
    agent = agentOf(ui);
    calls = await Calls.of(ui);
    await waitForFirstRun(ui.page);
    await opsLink(ui.page).click();
    await opsSentence(ui.page).waitFor({ timeout: PATIENCE_MS });
  });
  afterAll(() => ui?.close());

  const main = () => ui.page.getByRole('main');
  const show = async (world: OpsWorld = {}) => {
    await showOps(calls, world);
    await lookAgain(ui, calls);
  };

  describe('as it really is', () => {
    it('looks when it is asked to, and says what it saw', async () => {
      await button(ui.page, 'Run now').click();
      await toast(ui.page, /^It looked at everything/).waitFor({ timeout: PATIENCE_MS });
      await region(ui.page, 'The ops agent').getByText('because a person asked').waitFor();
      const monitors = region(ui.page, 'Monitors');
      await eventually(() => monitors.getByText('Answers', { exact: true }).count()).toBe(5);
      const signals = region(ui.page, 'Signals');
      await ui.page.getByRole('searchbox', { name: 'Find signals' }).fill('disk in use');
      await eventually(() => signals.getByRole('rowheader').allTextContents()).toEqual(['Disk in use']);
      expect(new URL(ui.page.url()).search).toBe('?find=disk+in+use');
      await ui.page.getByRole('searchbox', { name: 'Find signals' }).fill('');
      expect(await overflows(ui.page)).toEqual([]);
      expect(await barriers(ui.page)).toEqual([]);
    });

    it('is paused with a reason, for a time, and resumed from the palette', async () => {
      await button(ui.page, 'Pause').click();
      const asked = dialog(ui.page, 'Pause the ops agent');
      await asked.getByText('2 hours').click();
      await asked.getByRole('textbox', { name: /^Reason/ }).fill('moving the database');
      await ui.page.keyboard.press('Enter');
      await toast(ui.page, /^The ops agent is paused/).waitFor();
      await region(ui.page, 'Paused').getByText('“moving the database”').waitFor();
      const { paused } = await agent.ops.status();
      expect(paused?.reason).toBe('moving the database');
      expect(Date.parse(paused?.until ?? '') - Date.parse(paused?.at ?? '')).toBeGreaterThan(7_100_000);
      await eventually(() => opsLink(ui.page).textContent()).toContain(': paused');
      await findInPalette(ui.page, 'resume the ops', 'Resume the ops agent');
      await toast(ui.page, 'The ops agent acts again.').waitFor();
      await region(ui.page, 'Paused').waitFor({ state: 'detached' });
      expect((await agent.ops.status()).paused).toBeNull();
    });

    it('asks before a reason that was written is lost', async () => {
      await findInPalette(ui.page, 'pause the ops', 'Pause the ops agent');
      await dialog(ui.page, 'Pause the ops agent').getByRole('textbox').fill('half a reason');
      await ui.page.keyboard.press('Escape');
      await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Discard the reason' }).click();
      await dialog(ui.page, 'Pause the ops agent').waitFor({ state: 'detached' });
      expect((await agent.ops.status()).paused).toBeNull();
    });

    it('does by hand what a person wants, follows it, and keeps it in the log', async () => {
      const card = ui.page.getByRole('article', { name: 'Empty the caches of a process' });
      await card.getByRole('button', { name: /^Do it: / }).click();
      const asked = dialog(ui.page, /^Empty the caches of a process/);
      await asked.getByRole('textbox', { name: /^Reason/ }).fill('to see that it works');
      await asked.getByRole('button', { name: 'Do it now' }).click();
      await asked.getByRole('link', { name: 'show it in the log' }).click();
      await actionDrawer(ui.page).getByText('“to see that it works”').waitFor({ timeout: PATIENCE_MS });
      const [action] = (await agent.opsActions.list({})).items;
      expect(action).toMatchObject({ remediator: 'cache-clear', origin: { kind: 'person' } });
      expect(new URL(ui.page.url()).search).toBe(`?action=${action?.id}`);
      await actionDrawer(ui.page).getByRole('button', { name: 'Close' }).click();
      await eventually(() => actionRows(ui.page).count()).toBe(1);
    });

    it('shows of the log what is asked for', async () => {
      await button(ui.page, 'Origin, filter by origin').click();
      await ui.page.getByRole('menuitemradio', { name: 'Recommendation' }).click();
      await ui.page.getByText('Nothing like this was done').waitFor();
      await button(ui.page, 'Remove filter Recommendation').click();
      await actionRows(ui.page).first().focus();
      await ui.page.getByRole('grid', { name: 'Log of actions' }).focus();
      await ui.page.keyboard.press('Enter');
      await actionDrawer(ui.page).getByRole('region', { name: 'The action' }).waitFor();
      expect(await overflows(ui.page)).toEqual([]);
      expect(await barriers(ui.page)).toEqual([]);
      await ui.page.keyboard.press('Escape');
      await actionDrawer(ui.page).waitFor({ state: 'detached' });
    });
  });

  describe('as it may be', () => {
    beforeAll(async () => {
      await showOps(calls);
      await go(ui.page, '/ops-agent');
      await ui.page.reload();
      await opsSentence(ui.page).waitFor({ timeout: PATIENCE_MS });
    });
    afterAll(() => calls.mend());

    it('says in a sentence that nothing is wrong, and when it looks again', async () => {
      await opsSentence(ui.page).getByText('The ops agent watches, and heals what it can. Nothing is wrong.').waitFor();
      await region(ui.page, 'The ops agent')
        .getByText(/^Looks again in \d+ s$/)
        .waitFor();
      expect(await opsLink(ui.page).textContent()).toBe('Ops agent');
    });

    it('tells of a critical alert that begins to fire, once, and leaves breakers to the watch of the health', async () => {
      const status = { alerts: { firing: 2, pending: 0, worst: 'critical' } } as const;
      const critical = sampleAlert(1, { severity: 'critical', summary: 'The disk is 97 % full.' });
      const breaker = sampleAlert(2, {
        severity: 'critical',
        signal: 'breaker_open_seconds',
        summary: 'A breaker is open.',
      });
      await show({ status, alerts: [critical, breaker] });
      await toast(ui.page, 'The disk is 97 % full.').waitFor({ timeout: PATIENCE_MS });
      expect(await toast(ui.page, 'A breaker is open.').count()).toBe(0);
      await eventually(() => opsLink(ui.page).textContent()).toContain(': 2 alerts fire');
      await showOps(calls);
      // It is over in the moment in which the message closes that it had begun.
      const press = toast(ui.page, 'The disk is 97 % full.').getByRole('button', { name: 'Show' });
      await press.evaluate((element) => {
        (element as HTMLElement).click();
        window.dispatchEvent(new Event('visibilitychange'));
      });
      const stays = ui.page.locator('[data-removed="false"]');
      await toast(ui.page, 'It is over: The disk is full.').and(stays).waitFor({ timeout: PATIENCE_MS });
      await eventually(() => new URL(ui.page.url()).pathname).toBe('/ops-agent/alerts');
      expect(new URL(ui.page.url()).search).toContain(critical.id);
      await go(ui.page, '/ops-agent');
    });

    it('holds in its place when there is much of everything and most of it is wrong', async () => {
      await show(busyWorld());
      await opsSentence(ui.page)
        .getByText('7 alerts fire, the worst is critical. 2 actions wait for your approval.', { exact: false })
        .waitFor({ timeout: PATIENCE_MS });
      await eventually(() => opsLink(ui.page).textContent()).toContain('2 actions wait for approval');
      await region(ui.page, 'Nodes').getByText('3 notes to be shared').waitFor();
      await region(ui.page, 'Alerts that fire').getByText('and 2 more').waitFor();
      for (const width of [1440, 1024]) {
        await ui.page.setViewportSize({ width, height: width === 1440 ? 900 : 700 });
        expect(await overflows(ui.page)).toEqual([]);
      }
      expect(await barriers(ui.page)).toEqual([]);
      await ui.page.setViewportSize({ width: 1440, height: 900 });
    });

    it('lets an action be done that waits, after it showed what it would do', async () => {
      const waits = waitingAction(1);
      const runs = { ...waits, state: { state: 'running' as const, since: new Date().toISOString() } };
      await show({ status: { approvals: 1 }, actions: [waits] });
      await calls.answer('opsActions/approve', runs);
      await calls.answer('opsActions/get', sampleAction(1, { outcome: 'The worker runs again.' }));
      const approvals = region(ui.page, 'Waits for your approval');
      await approvals.getByRole('button', { name: 'Approve' }).first().click();
      const asked = dialog(ui.page, /^Approve: Restart a worker/);
      await asked.getByText('The worker cleanup is restarted.').waitFor();
      await asked.getByText(/^Medium risk\./).waitFor();
      await asked.getByRole('button', { name: 'Approve it' }).click();
      await asked.getByText('The worker runs again.').waitFor({ timeout: PATIENCE_MS });
      expect(await calls.count('opsActions/approve')).toBe(1);
      expect(await barriers(ui.page)).toEqual([]);
      await asked.getByRole('button', { name: 'Close' }).last().click();
    });

    it('does not do what is blocked, and says why', async () => {
      const card = ui.page.getByRole('article', { name: 'Reset a circuit breaker' });
      const blocked = card.getByRole('button', { name: 'Do it: PostgreSQL' });
      expect(await blocked.getAttribute('aria-disabled')).toBe('true');
      await card.getByText('It is closed.').first().waitFor();
      await calls.fail('opsActions/reject');
      await region(ui.page, 'Waits for your approval').getByRole('button', { name: 'Reject' }).first().click();
      const asked = dialog(ui.page, /^Reject: Restart a worker/);
      await asked.getByRole('textbox').fill('not now');
      await ui.page.keyboard.press('Enter');
      await asked.getByText(calls.message).waitFor();
      expect(await asked.getByRole('textbox').inputValue()).toBe('not now');
      await calls.answer('opsActions/reject', waitingAction(1));
      await ui.page.keyboard.press('Enter');
      await toast(ui.page, /rejected\. It is not done\.$/).waitFor();
    });

    it('says why it does not run, or who acts instead', async () => {
      await calls.answer('ops/status', sampleStatus({ agent: { state: 'off', reason: 'It is switched off here.' } }));
      await lookAgain(ui, calls);
      await opsSentence(ui.page).getByText('The ops agent does not run here.').waitFor({ timeout: PATIENCE_MS });
      await region(ui.page, 'The ops agent').getByText('It is switched off here.').waitFor();
      expect(await button(ui.page, 'Run now').getAttribute('aria-disabled')).toBe('true');
      await calls.answer('ops/status', sampleStatus({ agent: { state: 'following', leader: 'node-b' } }));
      await lookAgain(ui, calls);
      await region(ui.page, 'The ops agent').getByText('node-b acts; this node tells it what it sees.').waitFor();
    });

    it('shows whatever a monitor or an alert says as text', async () => {
      const watch = new PageWatch(ui.page);
      await watch.setTrap();
      const text = HOSTILE_TEXTS.join('\n');
      const labels = { component: text.slice(0, 300), node: text.slice(300, 600) };
      const monitors = sampleStatus().monitors.map((one) => ({ ...one, title: text.slice(0, 200), error: text }));
      const paused = { by: text.slice(0, 200), at: new Date().toISOString(), reason: text, until: null };
      await show({
        status: { monitors, paused, agent: { state: 'working', since: new Date().toISOString(), doing: text } },
        alerts: [sampleAlert(1, { summary: text, labels })],
        actions: [{ ...waitingAction(1), cause: text, target: labels }],
      });
      await region(ui.page, 'Paused').getByText('__xss(1)').first().waitFor({ timeout: PATIENCE_MS });
      await region(ui.page, 'Alerts that fire').getByText('__xss(1)').first().waitFor({ timeout: PATIENCE_MS });
      expect(await overflows(ui.page)).toEqual([]);
      expect(await watch.faults()).toEqual([]);
    });

    it('says that it cannot be read, and tries again when asked to', async () => {
      await calls.mend();
      await calls.fail('ops/status', 'opsAlerts/list', 'opsActions/list');
      await ui.page.reload();
      await main().getByText(calls.message).first().waitFor({ timeout: PATIENCE_MS });
      await calls.mendAndPress(main().getByRole('button', { name: 'Try again' }).first());
      await opsSentence(ui.page).waitFor({ timeout: PATIENCE_MS });
    });

    it('lets nothing be changed while the connection is open for reading only, and says why', async () => {
      await calls.mend();
      const status = await agent.app.status();
      await calls.answer('app/status', { ...status, profile: { ...status.profile, read_only: true } });
      await showOps(calls, { alerts: [sampleAlert(1)], actions: [waitingAction(1)] });
      await ui.page.reload();
      await opsSentence(ui.page).waitFor({ timeout: PATIENCE_MS });
      const isBlocked = (name: string | RegExp, role: 'button' | 'switch' = 'button') =>
        eventually(() => main().getByRole(role, { name }).first().getAttribute('aria-disabled')).toBe('true');
      for (const name of ['Run now', 'Pause', 'Approve', 'Reject', /^Do it: /]) await isBlocked(name);
      const parts: [string, string | RegExp, ('button' | 'switch')?][] = [
        ['rules', 'New rule'],
        ['rules', /: enabled$/, 'switch'],
        ['channels', /: enabled$/, 'switch'],
        ['alerts', /^Silence/],
        ['reports', 'Make a report now'],
      ];
      for (const [part, name, role] of parts) {
        await go(ui.page, `/ops-agent/${part}`);
        await isBlocked(name, role);
      }
      await main().getByRole('button', { name: 'Make a report now' }).hover();
      await ui.page.getByRole('tooltip', { name: /open for reading only/ }).waitFor();
    });
  });
});
