/** Settings changed by a person, and what the engine does differently from then on. */
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ArchonClient, requireDone } from '../../src-contract/index.ts';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { agentOf, writeLongTerm } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { Calls } from '../support/ui-calls.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import { overflows } from '../support/ui-layout.ts';
import { dialog, eventually, findInPalette, offlineBanner, toast, waitForFirstRun } from '../support/ui-page.ts';
import {
  closeToasts,
  field,
  find,
  historyEntries,
  openSection,
  question,
  restartBar,
  save,
  saveBar,
  settingRow,
  toggle,
  undoLast,
  visitSettings,
} from '../support/ui-settings-page.ts';

const ORIGIN = 'https://agents.example.com';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(pageHosts())('$name: settings', (host) => {
  let ui: OpenUi;
  let agent: ArchonClient;
  let models: Server;
  beforeAll(async () => {
    models = createServer(({ url = '' }, response) => {
      const answer = url.endsWith('/models')
        ? { object: 'list', data: [{ id: 'small-model', object: 'model' }] }
        : { model: 'small-model', choices: [{ index: 0, message: { role: 'assistant', content: 'Here.' } }] };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
    await new Promise<void>((resolve) => models.listen(0, '127.0.0.1', resolve));
    ui = await host.open({ env: { ARCHON_LOG_FILES: '4' } });
    agent = agentOf(ui);
    await waitForFirstRun(ui.page);
    await visitSettings(ui.page);
    await openSection(ui.page, 'Memory');
    // Not before: the memory page would go to her.
    await writeLongTerm(agent, 'ana', ['Ana drinks tea.']);
  });
  afterAll(async () => {
    await ui?.close();
    models?.closeAllConnections();
    models?.close();
  });

  const button = (name: string | RegExp) => ui.page.getByRole('button', { name, exact: typeof name === 'string' });
  const sessionTtl = async () => requireDone(await agent.sessions.create({ user_id: 'ana' })).ttl_seconds;
  const budget = async (user_id = 'ana') =>
    (await agent.context.assemble({ user_id, query: 'tea', track_access: false })).max_tokens;
  const breakerOf = async (service: string) =>
    (await agent.resilience.list()).items.find(({ name }) => name === service)?.threshold;
  const file = () => JSON.parse(readFileSync(join(ui.dataDir, 'archon.config.json'), 'utf8'));
  const allowedOrigin = async () => {
    const answer = await fetch(`${ui.api.url}/api/status`, {
      method: 'OPTIONS',
      headers: { origin: ORIGIN, 'access-control-request-method': 'GET' },
    });
    return answer.headers.get('access-control-allow-origin');
  };

  it('says what is wrong beside the field, and saves nothing', async () => {
    await field(ui.page, 'Session lifetime').fill('soon');
    await settingRow(ui.page, 'Session lifetime').getByText('A whole number from 1 to 525,600 minutes.').waitFor();
    await saveBar(ui.page).getByText('1 is not valid').waitFor();
    await ui.page.keyboard.press('Control+s');
    expect(await question(ui.page).count()).toBe(0);
    expect(await sessionTtl()).toBe(3600);
    expect(await overflows(ui.page)).toEqual([]);
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('shortens the life of new sessions, after asking, and takes it back', async () => {
    await field(ui.page, 'Session lifetime').fill('30');
    await ui.page.keyboard.press('Control+s');
    await question(ui.page).getByText('A shorter time ends sessions sooner').waitFor();
    await question(ui.page).getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Session lifetime saved, in force now.').waitFor();
    await settingRow(ui.page, 'Session lifetime').getByText('changed', { exact: true }).waitFor();
    expect(await sessionTtl()).toBe(1800);
    await undoLast(ui.page);
    expect(await sessionTtl()).toBe(3600);
    await eventually(() => field(ui.page, 'Session lifetime').inputValue()).toBe('60');
    await closeToasts(ui.page);
  });

  it('bounds contexts, for everybody and for one user', async () => {
    await field(ui.page, 'Largest context').fill('4000');
    await save(ui.page);
    expect(await budget()).toBe(4000);
    await closeToasts(ui.page);
    await button(/Choose a user/).click();
    await ui.page.getByRole('option', { name: /ana/ }).click();
    await ui.page.getByText('Only what a user can have of their own is shown.').waitFor();
    expect(await field(ui.page, 'Largest context').inputValue()).toBe('4000');
    await field(ui.page, 'Largest context').fill('3000');
    await save(ui.page);
    await settingRow(ui.page, 'Largest context')
      .getByText(/without it: 4,000 tokens/)
      .waitFor();
    expect([await budget(), await budget('somebody else')]).toEqual([3000, 4000]);
    await button('Largest context: back to 4,000 tokens').click();
    await save(ui.page);
    expect(await budget()).toBe(4000);
    await closeToasts(ui.page);
    await button('Everybody').click();
  });

  it('asks which of two values shall hold when somebody else saved meanwhile', async () => {
    await field(ui.page, 'Largest context').fill('5000');
    await agent.controls.set({ controls: { max_tokens: 6000 } });
    await settingRow(ui.page, 'Largest context')
      .getByText(/Changed by somebody else meanwhile to 6,000/)
      .waitFor();
    await saveBar(ui.page).getByRole('button', { name: /^Save/ }).click();
    const conflict = dialog(ui.page, '1 setting changed by somebody else meanwhile');
    await conflict.getByText('6,000 tokens').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    expect(await budget()).toBe(6000);
    await conflict.getByRole('radio', { name: /Keep mine/ }).click();
    await conflict.getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Largest context saved').waitFor();
    expect(await budget()).toBe(5000);
    await closeToasts(ui.page);
  });

  it('switches memory off, and resets the section', async () => {
    await toggle(ui.page, 'Memory').click();
    await save(ui.page, { isRisky: true });
    const context = () => agent.context.assemble({ user_id: 'ana', query: 'tea', track_access: false });
    expect((await context()).memories).toEqual([]);
    await closeToasts(ui.page);
    await button('Reset section to defaults').click();
    await question(ui.page).getByText('off → on').waitFor();
    await question(ui.page)
      .getByRole('button', { name: /^Reset \d settings$/ })
      .click();
    await toast(ui.page, /settings saved/).waitFor();
    expect((await context()).memories).toHaveLength(1);
    expect(await budget()).toBe(8000);
    await closeToasts(ui.page);
  });

  it('sets the threshold of a breaker with its slider', async () => {
    await openSection(ui.page, 'Circuit breakers');
    await ui.page.getByRole('slider', { name: 'Redis: opens after, slider' }).press('ArrowLeft');
    await save(ui.page);
    expect(await breakerOf('redis')).toBe(4);
    expect(file()).toMatchObject({ 'resilience.redis.threshold': 4 });
    expect(await overflows(ui.page)).toEqual([]);
    await closeToasts(ui.page);
  });

  it('plans a worker anew, and says when it runs', async () => {
    await openSection(ui.page, 'Workers');
    await field(ui.page, 'Cleanup').fill('often');
    await settingRow(ui.page, 'Cleanup')
      .getByText(/an interval such as 15m/)
      .waitFor();
    await field(ui.page, 'Cleanup').fill('0 3 * * *');
    await settingRow(ui.page, 'Cleanup').getByText('Runs at 03:00 every day (UTC).').waitFor();
    await save(ui.page);
    await eventually(async () => (await agent.workers.get({ worker: 'cleanup' })).schedule).toMatchObject({
      kind: 'cron',
      expression: '0 3 * * *',
    });
    await closeToasts(ui.page);
  });

  it('lets pages of a listed origin call, and tells what the engine refuses beside the field', async () => {
    await openSection(ui.page, 'API');
    expect(await allowedOrigin()).toBeNull();
    await field(ui.page, 'Allowed origins').fill('nowhere');
    await saveBar(ui.page).getByRole('button', { name: /^Save/ }).click();
    await question(ui.page).getByRole('button', { name: 'Save' }).click();
    await settingRow(ui.page, 'Allowed origins')
      .getByText(/^It must be /)
      .waitFor();
    await field(ui.page, 'Allowed origins').fill(`${ORIGIN}\n`);
    await save(ui.page, { isRisky: true });
    expect(await allowedOrigin()).toBe(ORIGIN);
    await closeToasts(ui.page);
  });

  it('says what is locked, and what waits for a restart, and restarts', async () => {
    await openSection(ui.page, 'Logs');
    expect(await field(ui.page, 'Log files kept').isDisabled()).toBe(true);
    await settingRow(ui.page, 'Log files kept')
      .getByText(/ARCHON_LOG_FILES/)
      .first()
      .waitFor();
    await ui.page.getByRole('combobox', { name: 'Level' }).selectOption('debug');
    await save(ui.page);
    expect(file()).toMatchObject({ 'log.level': 'debug' });
    expect(await restartBar(ui.page).count()).toBe(0);
    await closeToasts(ui.page);
    await openSection(ui.page, 'Data');
    await field(ui.page, 'Time limit of a statement').fill('20000');
    await save(ui.page);
    expect(file()).toMatchObject({ 'database.statement_timeout_ms': 20_000 });
    await restartBar(ui.page).getByText('1 setting waits for a restart:').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await restartBar(ui.page).getByRole('button', { name: 'Restart the engine now' }).click();
    await question(ui.page).getByRole('button', { name: 'Restart' }).click();
    await toast(ui.page, /^The engine (has restarted|is restarting)/).waitFor();
    // The page is away for as long as the engine is.
    await eventually(async () => {
      const isAway = (await offlineBanner(ui.page).count()) > 0;
      const isThere = await settingRow(ui.page, 'Time limit of a statement').isVisible();
      return isThere && !isAway && (await restartBar(ui.page).count()) === 0;
    }).toBe(true);
    await closeToasts(ui.page);
  });

  it('tries a service before it is saved, and takes a model it offers; keeps a key without showing it', async () => {
    const { port } = models.address() as AddressInfo;
    await openSection(ui.page, 'Language model');
    const section = ui.page.getByRole('region', { name: 'Language model', exact: true });
    await section.getByRole('combobox', { name: 'Language model' }).selectOption({ index: 1 });
    await field(ui.page, 'URL').fill(`http://127.0.0.1:${port}/v1`);
    await button('Test the language model').click();
    await button('Use small-model').click();
    expect(await field(ui.page, 'Model').inputValue()).toBe('small-model');
    await button('Set: API key').click();
    await field(ui.page, 'API key').fill('sk-0123456789');
    expect(await barriers(ui.page)).toEqual([]);
    await save(ui.page, { isRisky: true });
    await settingRow(ui.page, 'API key').getByText('Set', { exact: true }).waitFor();
    expect(await ui.page.content()).not.toContain('sk-0123456789');
    await closeToasts(ui.page);
  });

  it('finds settings by their words and goes to one by its key', async () => {
    await find(ui.page, 'ttl');
    await ui.page.getByText(/^\d settings found$/).waitFor();
    expect(
      await ui.page.getByRole('region', { name: 'Memory', exact: true }).locator('mark').first().textContent(),
    ).toBe('ttl');
    await find(ui.page, 'memory.session_ttl_minutes');
    await ui.page.getByText('1 setting found').waitFor();
    await ui.page.getByRole('link', { name: 'Go to “Session lifetime” in Memory' }).click();
    await eventually(() => ui.page.evaluate(() => document.activeElement?.getAttribute('inputmode'))).toBe('numeric');
    expect(new URL(ui.page.url()).searchParams.get('setting')).toBe('memory.session_ttl_minutes');
    await find(ui.page, 'flux capacitor');
    await ui.page.getByText('No setting is called like this').waitFor();
    await findInPalette(ui.page, 'working memory life', /Working memory lifetime/);
    await settingRow(ui.page, 'Working memory lifetime').waitFor();
  });

  it('asks before what was typed is lost, and discards it when told to', async () => {
    await field(ui.page, 'Working memory lifetime').fill('21');
    await openSection(ui.page, 'Logs');
    await ui.page.getByRole('link', { name: 'History' }).click();
    await question(ui.page).getByRole('button', { name: 'Keep editing' }).click();
    await openSection(ui.page, 'Memory');
    expect(await field(ui.page, 'Working memory lifetime').inputValue()).toBe('21');
    await saveBar(ui.page).getByRole('button', { name: 'Discard' }).click();
    expect(await field(ui.page, 'Working memory lifetime').inputValue()).toBe('14');
  });

  it('goes out as a file without secrets, and in again after a look', async () => {
    const saved = ui.page.waitForEvent('download');
    await button('Export settings').click();
    const path = await (await saved).path();
    const text = readFileSync(path, 'utf8');
    expect(text).toContain('small-model');
    expect(text).not.toContain('sk-0123456789');
    const document = JSON.parse(text);
    document.settings['llm.model'] = 'large-model';
    document.settings['flux.capacitor'] = true;
    const choose = (content: string) =>
      ui.page
        .getByLabel('File with settings')
        .setInputFiles({ name: 'mine.json', mimeType: 'application/json', buffer: Buffer.from(content) });
    await choose('not json');
    await toast(ui.page, '“mine.json” is no file with settings.').waitFor();
    await choose(JSON.stringify(document));
    const preview = dialog(ui.page, 'Import settings');
    await preview.getByText('small-model → large-model').waitFor();
    await preview.getByText('flux.capacitor').waitFor();
    await preview.getByRole('button', { name: 'Change 1 setting' }).click();
    await toast(ui.page, /1 setting changed by “mine.json”/).waitFor();
    await openSection(ui.page, 'Language model');
    await eventually(() => field(ui.page, 'Model').inputValue()).toBe('large-model');
    await closeToasts(ui.page);
  });

  it('lists who changed what, without secrets, and takes a change back', async () => {
    await ui.page.getByRole('link', { name: 'History' }).click();
    await historyEntries(ui.page).filter({ hasText: 'Redis: opens after: no own value → 4 failures' }).waitFor();
    await ui.page.getByText('Organisation and users').click();
    await historyEntries(ui.page).filter({ hasText: 'API key: not set → set' }).waitFor();
    await historyEntries(ui.page).filter({ hasText: 'ana' }).first().waitFor();
    await ui.page.getByRole('combobox', { name: 'Setting' }).selectOption('llm.model');
    const newest = historyEntries(ui.page).first();
    await newest.getByText('small-model → large-model').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
    await newest.getByRole('button', { name: 'Undo' }).click();
    await question(ui.page).getByRole('button', { name: 'Take it back' }).click();
    await historyEntries(ui.page).filter({ hasText: 'takes a change back' }).waitFor();
    await visitSettings(ui.page, '?section=llm');
    await eventually(() => field(ui.page, 'Model').inputValue()).toBe('small-model');
  });

  it('says when the settings cannot be read, and reads them then', async () => {
    const calls = await Calls.of(ui);
    await calls.fail('settings/list');
    await ui.page.reload();
    await ui.page.getByText(calls.message).waitFor();
    await calls.mendAndPress(button('Try again'));
    // A reading that had begun before is refused once more, and pressing joined it.
    await eventually(async () => {
      if (await button('Try again').isVisible()) await button('Try again').dispatchEvent('click');
      return await ui.page.getByRole('region', { name: 'Language model', exact: true }).count();
    }).toBe(1);
  });

  it('fits a small window in every section', async () => {
    await ui.page.setViewportSize({ width: 1024, height: 700 });
    for (const name of ['Memory', 'Circuit breakers', 'Alerts', 'Data', 'API', 'Appearance', 'Privacy']) {
      await openSection(ui.page, name);
      expect(await overflows(ui.page)).toEqual([]);
    }
  });
});
