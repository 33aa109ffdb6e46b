/** What could not be delivered: found, understood, mended, sent again or given up. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, numbered } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import {
  beginSessions,
  expectDead,
  FAST_DELIVERY,
  go,
  letterDrawer,
  letterGrid,
  letterRows,
  makeWebhook,
  replayRuns,
  selectedLetters,
} from '../support/ui-delivery-page.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { dialog, eventually, toast, waitForFirstRun } from '../support/ui-page.ts';
import { PageWatch } from '../support/ui-watch.ts';
import { Receiver, refusing } from '../support/ui-webhook-receiver.ts';

const POISON = 'poison';
const HOSTILE = `${POISON}<img src=x onerror=__xss(1)>\u202e`;

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: dead letters', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let receiver: Receiver;
  let watch: PageWatch;
  beforeAll(async () => {
    receiver = await Receiver.start(refusing(POISON));
    ui = await host.open({ env: FAST_DELIVERY });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    watch = new PageWatch(ui.page);
    await watch.setTrap();
    await go(ui.page, '/events/webhooks');
    await makeWebhook(ui.page, { name: 'Billing', url: receiver.url, types: ['memory.session.created'] });
  });
  afterAll(async () => {
    await ui?.close();
    await receiver?.stop();
  });

  const button = (name: string | RegExp) => ui.page.getByRole('button', { name, exact: typeof name === 'string' });
  const inDrawer = (name: string) => letterDrawer(ui.page).getByRole('button', { name, exact: true });
  const payload = () => letterDrawer(ui.page).getByLabel('Payload');
  const state = (name: string) => letterDrawer(ui.page).locator('header').getByText(name, { exact: true });
  const closeLetter = async () => {
    await inDrawer('Close').click();
    await letterDrawer(ui.page).waitFor({ state: 'detached' });
  };
  const fromMenu = async (name: string | RegExp) => {
    await button('More').click();
    await ui.page.getByRole('menuitem', { name }).click();
  };
  const received = (word: string) => receiver.received.filter(({ body }) => body.includes(word)).length;

  it('says what dead letters are while there are none', async () => {
    await go(ui.page, '/events/dead-letters');
    await ui.page.getByText('Nothing is dead').waitFor();
    await ui.page.getByText(/could not take after its\s+last attempt/).waitFor();
    expect(await button('Replay all').isDisabled()).toBe(true);
  });

  it('shows a poisoned event by itself, why it is dead, and what it holds', async () => {
    await beginSessions(agent, ['harmless', `${POISON}-1`]);
    await letterRows(ui.page).getByText('answered with 422').waitFor();
    await ui.page.getByText('1 dead', { exact: true }).waitFor();
    expect(await letterRows(ui.page).count()).toBe(1);
    await letterRows(ui.page).click();
    await letterDrawer(ui.page).getByText('WebhookRefusedError').waitFor();
    await letterDrawer(ui.page).getByText(`"${POISON}-1"`).waitFor();
    await inDrawer('Stack').click();
    await letterDrawer(ui.page).locator('pre').getByText('WebhookRefusedError').waitFor();
    await letterDrawer(ui.page)
      .getByRole('tab', { name: /^Attempts/ })
      .click();
    const attempts = letterDrawer(ui.page).getByRole('list', { name: 'Attempts' }).getByRole('listitem');
    expect(await attempts.count()).toBe(1);
    expect(await attempts.textContent()).toMatch(/^Attempt 1took [\d,.]+ m?s.*answered with 422$/);
  });

  it('is sent again as it is, and is dead again', async () => {
    await inDrawer('Replay').click();
    await letterDrawer(ui.page)
      .getByRole('tab', { name: /^Attempts\s*2$/ })
      .waitFor();
    await state('dead').waitFor();
    await letterDrawer(ui.page)
      .getByRole('tab', { name: /^Replays/ })
      .click();
    const replays = letterDrawer(ui.page).getByRole('list', { name: 'Replays' }).getByRole('listitem');
    await replays.getByText('failed', { exact: true }).waitFor();
    expect(received(`${POISON}-1`)).toBe(2);
  });

  it('says where an edited payload is no JSON, and asks before it is thrown away', async () => {
    await inDrawer('Edit and replay').click();
    await payload().fill('{\n  "session_id": oops\n}');
    await letterDrawer(ui.page)
      .getByText(/^Line 2, column 17: This is no value/)
      .waitFor();
    expect(await inDrawer('Review changes').isDisabled()).toBe(true);
    await inDrawer('Go to the fault').click();
    expect(
      await payload().evaluate((area: HTMLTextAreaElement) =>
        area.value.slice(area.selectionStart, area.selectionStart + 4),
      ),
    ).toBe('oops');
    await inDrawer('Close').click();
    await button('Keep editing').click();
    expect(await payload().inputValue()).toContain('oops');
    await inDrawer('Reset to the event').click();
    expect(JSON.parse(await payload().inputValue())).toEqual({ session_id: `${POISON}-1` });
  });

  it('shows what was changed, sends it, and the letter is resolved', async () => {
    await payload().fill('{"session_id": "mended-1"}');
    await inDrawer('Review changes').click();
    const changes = letterDrawer(ui.page).getByRole('group', { name: 'What is changed in the payload' });
    expect(await changes.locator('del').textContent()).toContain(`${POISON}-1`);
    expect(await changes.locator('ins').textContent()).toContain('mended-1');
    expect(await barriers(ui.page)).toEqual([]);
    await inDrawer('Replay with this payload').click();
    await state('resolved').waitFor();
    await state('edited').waitFor();
    expect(received('mended-1')).toBe(1);
    await letterRows(ui.page).waitFor({ state: 'detached' });
    await closeLetter();
    await ui.page.getByText('0 dead', { exact: true }).waitFor();
    const [event] = (await agent.events.list({ types: ['memory.session.created'], text: `${POISON}-1` })).items;
    expect(event?.payload).toEqual({ session_id: `${POISON}-1` });
  });

  it('finds what is done with in the URL', async () => {
    await button('State: dead, replaying').click();
    await ui.page.getByRole('menuitemcheckbox', { name: 'resolved' }).click();
    await ui.page.keyboard.press('Escape');
    await letterRows(ui.page).getByText('resolved').waitFor();
    expect(decodeURIComponent(ui.page.url())).toContain('state=["dead","replaying","resolved"]');
    await ui.page.reload();
    await letterRows(ui.page).getByText('resolved').waitFor();
    await button('Remove filter dead or replaying or resolved').click();
    await ui.page.getByText('Nothing is dead').waitFor();
  });

  it('selects with the keyboard, and discards with a reason', async () => {
    await beginSessions(agent, [`${POISON}-a`, `${POISON}-b`, `${POISON}-c`]);
    await expectDead(agent, 3);
    await eventually(() => letterRows(ui.page).count()).toBe(3);
    await letterGrid(ui.page).focus();
    await ui.page.keyboard.press('Space');
    await ui.page.keyboard.press('Shift+ArrowDown');
    await selectedLetters(ui.page).getByText('2 selected').waitFor();
    await ui.page.keyboard.press('Delete');
    const ask = dialog(ui.page, 'Discard dead letters?');
    await ask.getByText('This cannot be undone.').waitFor();
    await ask.getByRole('button', { name: 'Discard 2 dead letters' }).click();
    await ask.getByText('Say why: it is kept with the letter.').waitFor();
    await ask.getByLabel('Reason').fill('sent by hand');
    await ui.page.keyboard.press('Enter');
    await toast(ui.page, '2 dead letters discarded.').waitFor();
    await eventually(() => letterRows(ui.page).count()).toBe(1);
    const { items } = await agent.deadLetters.list({ states: ['discarded'] });
    expect(items.map(({ life }) => life.state === 'discarded' && life.reason)).toEqual([
      'sent by hand',
      'sent by hand',
    ]);
  });

  it('replays all that match at a rate, which goes on after a reload and can be cancelled', async () => {
    await beginSessions(agent, numbered(POISON, 29));
    await expectDead(agent, 30);
    await button('Replay all').click();
    const ask = dialog(ui.page, 'Replay dead letters');
    await ask.getByText('30 dead letters are meant.').waitFor();
    await ask.getByLabel('Dead letters per second').fill('0');
    await ask.getByText('A number from 0.1 to 1,000.').waitFor();
    await ask.getByLabel('Dead letters per second').fill('0.5');
    await ask.getByText(/The last one is sent in about 60 s/).waitFor();
    receiver.answer = () => ({ status: 204 });
    await ask.getByRole('button', { name: 'Replay 30 dead letters' }).click();
    await ask.getByText(/^[12] resolved · 0 failed · \d+ waiting/).waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await ask.getByRole('button', { name: 'Go on in the background' }).click();
    await replayRuns(ui.page).getByRole('progressbar').waitFor();
    await go(ui.page, '/events/webhooks');
    await replayRuns(ui.page).waitFor({ state: 'detached' });
    await go(ui.page, '/events/dead-letters');
    await ui.page.reload();
    await replayRuns(ui.page).getByRole('progressbar').waitFor();
    await replayRuns(ui.page).getByRole('button', { name: 'Cancel' }).click();
    await replayRuns(ui.page).getByText('Replay cancelled; what had not begun is dead again.').waitFor();
    const [run] = (await agent.deadLetters.replayRuns({})).items;
    expect(run).toMatchObject({ total: 30, waiting: 0, failed: 0 });
    expect(run?.cancelled).toBeGreaterThan(0);
    await eventually(async () => (await agent.deadLetters.stats()).dead).toBe(run?.cancelled);
    await ui.page.getByText(`${run?.cancelled} dead`, { exact: true }).waitFor();
    await replayRuns(ui.page).getByRole('button', { name: 'Put away' }).click();
  });

  it('brings all of them to their end, and tells of each in the log', async () => {
    await button('Replay all').click();
    const ask = dialog(ui.page, 'Replay dead letters');
    await ask.getByLabel('Dead letters per second').fill('100');
    await ask.getByRole('button', { name: /^Replay \d+ dead letters$/ }).click();
    await ask.getByText('Replay finished.').waitFor();
    await ask.locator('footer').getByRole('button', { name: 'Close' }).click();
    await ui.page.getByText('Nothing is dead').waitFor();
    expect((await agent.deadLetters.stats()).dead).toBe(0);
    await replayRuns(ui.page).getByRole('button', { name: 'What became of each' }).click();
    const log = dialog(ui.page, 'Log of this replay');
    await log.getByRole('listitem').first().getByText('resolved', { exact: true }).waitFor();
    await log.getByText('Failed', { exact: true }).click();
    await log.getByText('No such replays').waitFor();
    await ui.page.keyboard.press('Escape');
    await fromMenu('Log of replays');
    const all = dialog(ui.page, 'Log of replays');
    await all.getByText('Cancelled', { exact: true }).click();
    await all.getByRole('listitem').first().getByRole('button').click();
    await state('resolved').waitFor();
    await closeLetter();
  });

  it('saves all that match as a file, and shows hostile contents as they are', async () => {
    receiver.answer = refusing(POISON);
    await beginSessions(agent, [HOSTILE]);
    await expectDead(agent, 1);
    await letterRows(ui.page).click();
    await letterDrawer(ui.page)
      .getByText(/‹U\+202E›/)
      .waitFor();
    await closeLetter();
    const started = ui.page.waitForEvent('download');
    await fromMenu('Export all that match');
    const folder = mkdtempSync(join(tmpdir(), 'archon-letters-'));
    const file = join(folder, 'letters.jsonl');
    await (await started).saveAs(file);
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    rmSync(folder, { recursive: true });
    expect(lines.map((line) => JSON.parse(line).event.payload)).toEqual([{ session_id: HOSTILE }]);
  });

  it('narrows by error, type, age and subscriber', async () => {
    await ui.page.getByRole('searchbox', { name: 'Find in errors' }).fill('no such error');
    await ui.page.getByText('No dead letter matches these filters').waitFor();
    expect(ui.page.url()).toContain('error=');
    await button('Clear filters').click();
    await letterRows(ui.page).waitFor();
    await button('Filter by event type').click();
    await ui.page.getByRole('menuitemcheckbox', { name: 'memory.imported' }).click();
    await ui.page.keyboard.press('Escape');
    await ui.page.getByText('No dead letter matches these filters').waitFor();
    await button('Remove filter memory.imported').click();
    await letterRows(ui.page).waitFor();
    await button('Age: any age').click();
    await ui.page.getByRole('menuitemradio', { name: 'Older than a week' }).click();
    await ui.page.getByText('No dead letter matches these filters').waitFor();
    await button('Remove filter older than a week').click();
    await ui.page.getByRole('list', { name: 'Dead letters by subscriber' }).getByRole('button').click();
    await button('Remove filter Billing').waitFor();
    await letterRows(ui.page).waitFor();
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
    await button('Remove filter Billing').click();
    expect(await watch.faults()).toEqual([]);
  });
});
