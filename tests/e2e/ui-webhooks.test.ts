/** Webhooks made, tried, watched, changed and removed by a person. */
import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import {
  beginSessions,
  expectDead,
  FAST_DELIVERY,
  go,
  letterRows,
  makeWebhook,
  openWebhook,
  secretDialog,
  webhookDrawer,
  webhookRow,
} from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { dialog, eventually, toast, waitForFirstRun } from '../support/ui-page.ts';
import { Receiver } from '../support/ui-webhook-receiver.ts';

const CREATED = 'memory.session.created';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: webhooks', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let receiver: Receiver;
  let secret: string;
  beforeAll(async () => {
    receiver = await Receiver.start(() => ({ status: 200, body: 'thanks' }));
    ui = await host.open({ env: FAST_DELIVERY });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await go(ui.page, '/events/webhooks');
  });
  afterAll(async () => {
    await ui?.close();
    await receiver?.stop();
  });

  const button = (name: string) => ui.page.getByRole('button', { name, exact: true });
  const inDrawer = (name: string) => webhookDrawer(ui.page).getByRole('button', { name, exact: true });
  const requests = () => webhookDrawer(ui.page).getByRole('list', { name: 'Requests' }).getByRole('listitem');
  const answer = () => webhookDrawer(ui.page).getByRole('region', { name: 'Answer to the test' });
  const confirm = (name: string) => ui.page.getByRole('alertdialog').getByRole('button', { name, exact: true });
  const webhook = async () => (await agent.webhooks.list()).items[0];

  it('says what webhooks are while there are none, and what is missing in the form', async () => {
    await ui.page.getByText('No webhooks yet').waitFor();
    await button('New webhook').click();
    const form = dialog(ui.page, 'New webhook');
    await form.getByText('events.webhooks_allow_private').waitFor();
    await form.getByText('Only some types').click();
    await form.getByLabel('URL').fill('ftp://example.org');
    await form.getByRole('button', { name: 'Create' }).click();
    await form.getByText('A webhook needs a name.').waitFor();
    await form.getByText('The URL must begin with http:// or https://.').waitFor();
    await form.getByText('Choose at least one type, or all of them.').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await confirm('Keep editing').click();
    expect(await form.getByLabel('URL').inputValue()).toBe('ftp://example.org');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await confirm('Discard changes').click();
    await form.waitFor({ state: 'detached' });
  });

  it('shows the secret once, and signs with it', async () => {
    secret = await makeWebhook(ui.page, { name: 'Billing', url: receiver.url, types: [CREATED], user: 'ana' });
    expect(secret).toMatch(/^whsec_/);
    expect(await ui.page.getByText(secret).count()).toBe(0);
    await webhookRow(ui.page, 'Billing')
      .getByText(`…${secret.slice(-4)}`)
      .waitFor();
    expect(await webhook()).toMatchObject({ name: 'Billing', types: [CREATED], user_id: 'ana', enabled: true });
    await beginSessions(agent, ['one']);
    await eventually(() => receiver.received.length).toBe(1);
    const [{ headers, body } = { headers: {}, body: '' }] = receiver.received;
    const [, t, v1] = /^t=(\d+),v1=(.*)$/.exec(String(headers['archon-signature'])) ?? [];
    expect(v1).toBe(createHmac('sha256', secret).update(`${t}.${body}`).digest('hex'));
    await webhookRow(ui.page, 'Billing').getByText('accepted with 200').waitFor();
  });

  it('lists its requests with what was answered', async () => {
    await openWebhook(ui.page, 'Billing');
    await requests()
      .first()
      .getByText(new RegExp(`^${CREATED} \\d+$`))
      .waitFor();
    await requests().first().getByRole('button').click();
    await requests().first().getByText('thanks').waitFor();
    await webhookDrawer(ui.page).getByRole('switch', { name: 'Only failed' }).click();
    await webhookDrawer(ui.page).getByText('None of them failed').waitFor();
    expect(ui.page.url()).toContain('failed=true');
    await webhookDrawer(ui.page).getByRole('switch', { name: 'Only failed' }).click();
  });

  it('is tried against a server that takes it, one with a fault, and one that is away', async () => {
    await inDrawer('Send a test').click();
    await answer().getByText('accepted with 200').waitFor();
    await answer().getByText('thanks').waitFor();
    receiver.answer = () => ({ status: 500, body: 'out of order \u001b[31m' });
    await inDrawer('Send a test').click();
    await answer().getByText('refused with 500').waitFor();
    await answer().getByText('out of order ␛[31m').waitFor();
    await requests().filter({ hasText: 'refused with 500' }).getByText('a test').waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await receiver.stop();
    await inDrawer('Send a test').click();
    await answer().getByText('no answer').waitFor();
    await answer()
      .getByText(/ECONNREFUSED/)
      .waitFor();
    receiver = await Receiver.start(() => ({ status: 500 }));
  });

  it('is edited, and asks before changes are thrown away by going elsewhere', async () => {
    await inDrawer('Edit').click();
    const form = dialog(ui.page, 'Edit webhook');
    await form.getByLabel('URL').fill(receiver.url);
    await form.getByRole('checkbox', { name: 'All of: Sessions' }).click();
    // Before the filter of the requests, and before the webhook was opened.
    await ui.page.evaluate(() => history.go(-3));
    await confirm('Keep editing').click();
    await form.getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Saved.').waitFor();
    expect(await webhook()).toMatchObject({ url: receiver.url, user_id: 'ana' });
    expect((await webhook())?.types).toHaveLength(6);
    await webhookDrawer(ui.page).getByRole('tab', { name: 'Details' }).click();
    await webhookDrawer(ui.page).getByText('memory.session.expired').waitFor();
  });

  it('leads to the dead letters of its own', async () => {
    await beginSessions(agent, ['two']);
    await expectDead(agent, 1);
    await webhookDrawer(ui.page).getByRole('link', { name: '1 dead letter' }).click();
    await letterRows(ui.page).getByText('answered with 500').waitFor();
    await ui.page.getByRole('button', { name: 'Remove filter Billing' }).waitFor();
    await go(ui.page, '/events/webhooks');
    await webhookRow(ui.page, 'Billing')
      .getByText(/^(last \d+ failed|refused with 500)$/)
      .waitFor();
  });

  it('is switched off and on, at once', async () => {
    const enabled = webhookRow(ui.page, 'Billing').getByRole('switch', { name: 'Billing: enabled' });
    await enabled.click();
    await eventually(async () => (await webhook())?.enabled).toBe(false);
    expect(await enabled.getAttribute('aria-checked')).toBe('false');
    await enabled.click();
    await eventually(async () => (await webhook())?.enabled).toBe(true);
  });

  it('gets a new secret after a warning, also shown once', async () => {
    await openWebhook(ui.page, 'Billing');
    await inDrawer('Rotate the secret').click();
    await ui.page.getByText(/everything is signed with the new one/).waitFor();
    await confirm('Rotate the secret').click();
    const shown = await secretDialog(ui.page)
      .getByText(/^whsec_/)
      .textContent();
    expect(shown).not.toBe(secret);
    expect(await barriers(ui.page)).toEqual([]);
    await ui.page.keyboard.press('Escape');
    await confirm('Back to the secret').click();
    await secretDialog(ui.page).getByRole('button', { name: 'I have kept it' }).click();
    await secretDialog(ui.page).waitFor({ state: 'detached' });
    expect(await ui.page.getByText(shown ?? '').count()).toBe(0);
    expect((await webhook())?.secret_hint).toBe(shown?.slice(-4));
  });

  it('shows how a signature is checked', async () => {
    await webhookDrawer(ui.page).getByRole('tab', { name: 'Verify' }).click();
    await webhookDrawer(ui.page).getByText('timingSafeEqual').first().waitFor();
    await webhookDrawer(ui.page).getByText('Python', { exact: true }).click();
    await webhookDrawer(ui.page).getByText('compare_digest').first().waitFor();
  });

  it('is deleted after it was told what becomes of what waits', async () => {
    await inDrawer('Delete').click();
    await ui.page.getByText(/Its dead letters stay/).waitFor();
    await confirm('Delete').click();
    await toast(ui.page, 'Billing was removed.').waitFor();
    await ui.page.getByText('No webhooks yet').waitFor();
    await go(ui.page, '/events/dead-letters');
    await letterRows(ui.page)
      .getByText(/^removed webhook …/)
      .waitFor();
    await letterRows(ui.page).click();
    await ui.page
      .getByRole('complementary', { name: 'Dead letter' })
      .getByRole('button', { name: 'Replay', exact: true })
      .click();
    await toast(ui.page, /^Nobody would take it/).waitFor();
    await ui.page
      .getByRole('complementary', { name: 'Dead letter' })
      .locator('header')
      .getByText('dead', { exact: true })
      .waitFor();
  });

  it('says why the list cannot be read, and shows it when it can', async () => {
    // Where nothing asks for webhooks.
    await go(ui.page, '/memory');
    const calls = await Calls.of(ui);
    await calls.fail('webhooks/list');
    await go(ui.page, '/events/webhooks');
    await ui.page.getByRole('alert').getByText(calls.message).waitFor();
    await calls.mendAndPress(button('Try again'));
    await ui.page.getByText('No webhooks yet').waitFor();
  });
});

describe.runIf(chromiumAvailable).each(pageHosts())('$name: webhooks to private addresses', (host) => {
  it('are refused with the name of the setting', async () => {
    const ui = await host.open();
    try {
      await waitForFirstRun(ui.page);
      await go(ui.page, '/events/webhooks');
      await ui.page.getByRole('button', { name: 'New webhook' }).click();
      const form = dialog(ui.page, 'New webhook');
      await form.getByLabel('Name').fill('local');
      await form.getByLabel('URL').fill('http://127.0.0.1:9/');
      await form.getByRole('button', { name: 'Create' }).click();
      await form.getByText(/^The URL is not allowed: 127\.0\.0\.1 is a private or local address/).waitFor();
      expect(await form.getByLabel('URL').getAttribute('aria-invalid')).toBe('true');
      expect(await form.getByLabel('URL').inputValue()).toBe('http://127.0.0.1:9/');
    } finally {
      await ui.close();
    }
  });
});
