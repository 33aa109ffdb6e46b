/** Channels: made, tried before they are kept, changed without their secrets, and what was sent through them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { barriers } from '../support/ui-axe.ts';
import { FAST_DELIVERY, go } from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { channelDrawer, rowsOf } from '../support/ui-ops-rules-page.ts';
import { eventually, waitForFirstRun } from '../support/ui-page.ts';
import { Receiver } from '../support/ui-webhook-receiver.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: channels of the ops agent', (host) => {
  let ui: OpenUi;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await Receiver.start(() => ({ status: 200, body: 'thanks' }));
    ui = await host.open({ env: { ...FAST_DELIVERY, ARCHON_OPS_INTERVAL_SECONDS: '3600' } });
    await waitForFirstRun(ui.page);
    await go(ui.page, '/settings?section=alerts');
  });
  afterAll(async () => {
    await ui?.close();
    await receiver?.stop();
  });

  const drawer = () => channelDrawer(ui.page);
  const inDrawer = (name: string) => drawer().getByRole('button', { name, exact: true });
  const row = (name: string) =>
    ui.page.getByRole('list', { name: 'Channels' }).getByRole('listitem', { name, exact: true });
  const result = () => drawer().getByRole('region', { name: 'Result of the test' });

  it('are found from the settings, which some of them come from', async () => {
    await ui.page.getByRole('main').getByRole('link', { name: 'Channels' }).click();
    await row('Slack').getByText('from the settings').waitFor();
    await row('Slack')
      .getByText(/switched off in the settings/)
      .waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('are tried as they are written, and kept with a secret that is never shown', async () => {
    await ui.page.getByRole('button', { name: 'New channel' }).click();
    await ui.page.getByRole('menuitem', { name: 'Webhook' }).click();
    await drawer().getByLabel('Body', { exact: true }).selectOption('template');
    await drawer().getByLabel('Template', { exact: true }).fill('{"text": {{summary}}}');
    await inDrawer('Send a test').click();
    await drawer().getByText('A channel needs a name.').waitFor();
    await drawer()
      .getByText(/^It must be JSON/)
      .waitFor();
    await drawer().getByLabel('Name', { exact: true }).fill('On call');
    await drawer().getByLabel('Template', { exact: true }).fill('{"text": "{{summary}}", "kind": "{{kind}}"}');
    await drawer().getByLabel('URL', { exact: true }).fill(receiver.url);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await inDrawer('Send a test').click();
    await result().getByText('Sent', { exact: true }).waitFor();
    await eventually(() => receiver.received.map(({ body }) => JSON.parse(body))).toEqual([
      { text: expect.any(String), kind: 'test' },
    ]);
    await inDrawer('Add the channel').click();
    await drawer().waitFor({ state: 'detached' });
    await row('On call').getByText('A template of your own').waitFor();
    expect(await ui.page.getByText(receiver.url).count()).toBe(0);
  });

  it('keep their secrets when something else is changed, and say what a failed test failed with', async () => {
    await row('On call').getByRole('button', { name: 'On call', exact: true }).click();
    await drawer().getByLabel('At least as bad as').selectOption('high');
    await drawer().getByRole('switch', { name: 'Quiet hours' }).click();
    await drawer().getByLabel('Time zone').fill('Nowhere/At_All');
    await inDrawer('Save').click();
    await drawer()
      .getByText(/^It must be the name of a time zone/)
      .waitFor();
    await drawer().getByLabel('Time zone').fill('Europe/Berlin');
    await inDrawer('Save').click();
    await row('On call').getByText('High and worse').waitFor();
    await row('On call').getByText('quiet 22:00 to 07:00 (Europe/Berlin)').waitFor();
    receiver.answer = () => ({ status: 404, body: 'gone' });
    await row('On call').getByRole('button', { name: 'On call', exact: true }).click();
    await inDrawer('Send a test').click();
    await result().getByText('Failed', { exact: true }).waitFor();
    await result().getByText(/404/).waitFor();
    expect(receiver.received).toHaveLength(2);
  });

  it('tell what was sent through them, and why', async () => {
    await drawer().getByRole('link', { name: 'What was sent through it' }).click();
    const rows = rowsOf(ui.page, 'What was sent');
    await eventually(() => rows.count()).toBe(1);
    await rows.first().click();
    const sent = ui.page.getByRole('complementary', { name: 'What was sent' });
    await sent
      .getByRole('list', { name: 'Why it was sent' })
      .getByText(/On call/)
      .waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await sent.getByRole('link', { name: 'On call' }).click();
    await inDrawer('Delete …').click();
    await ui.page.getByRole('alertdialog').getByRole('button', { name: 'Delete' }).click();
    await row('On call').waitFor({ state: 'detached' });
    await row('Slack').waitFor();
  });
});
