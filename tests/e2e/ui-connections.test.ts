/** Connections: written, tried, opened with consent, looked at without changing anything, left again and removed. */
import { createServer, type Server } from 'node:net';
import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { type PostgresTlsServer, postgresTlsAvailable, startPostgresTls } from '../support/postgres-tls.ts';
import { agentOf, writeLongTerm } from '../support/ui-agent.ts';
import { barriers } from '../support/ui-axe.ts';
import { type OpenUi, pageHosts } from '../support/ui-hosts.ts';
import {
  dialog,
  eventually,
  drawer as memoryDrawer,
  memoryRow,
  openPalette,
  openTab,
  PATIENCE_MS,
  palette,
  toast,
  visit,
  waitForFirstRun,
  waitForInspector,
} from '../support/ui-page.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable && postgresTlsAvailable).each(pageHosts())('$name: connections', (host) => {
  let ui: OpenUi;
  let postgres: PostgresTlsServer;
  let hole: Server;

  beforeAll(async () => {
    postgres = await startPostgresTls();
    await postgres.server.createDatabase('team');
    // Takes whoever comes, and never says a word.
    hole = createServer().listen(0, '127.0.0.1');
    const { user, password, server } = postgres;
    const named = `postgres://${user}:${encodeURIComponent(password)}@127.0.0.1:${server.port}/team`;
    ui = await host.open({ env: { DATABASE_URL: named, REDIS_URL: 'redis://127.0.0.1:1/3' } });
    await waitForFirstRun(ui.page);
    await writeLongTerm(agentOf(ui), 'lou', ['Lou lives on this computer.']);
  });
  afterAll(async () => {
    await ui?.close();
    hole?.close();
    await postgres?.remove();
  });

  const drawer = () => ui.page.getByRole('complementary', { name: 'Connection' });
  const row = (name: string) => ui.page.getByRole('list', { name: 'Connections' }).getByRole('listitem', { name });
  const steps = () => drawer().getByRole('list', { name: 'Steps' }).getByRole('listitem');
  const indicator = (name: string) => ui.page.getByRole('button', { name: `Connection: ${name}` });
  const choose = (group: string, name: string) =>
    drawer().getByRole('radiogroup', { name: group }).getByText(name, { exact: true }).click();
  const heldBack = async (control: Locator) => {
    await eventually(() => control.getAttribute('aria-disabled')).toBe('true');
    expect(await control.getAttribute('aria-description')).toMatch(/open for reading only: nothing can be changed/);
  };
  const openConnections = async () => {
    await ui.page.getByRole('link', { name: 'Settings', exact: true }).first().click();
    await ui.page.getByRole('link', { name: 'Connections' }).click();
    await row('This computer').getByText('open', { exact: true }).waitFor({ timeout: PATIENCE_MS });
  };
  const test = async () => {
    await drawer().getByRole('button', { name: /^Test/ }).first().click();
    await drawer().getByRole('region', { name: 'Test of the connection' }).waitFor();
  };

  it('lists this computer, which is open', async () => {
    await visit(ui.page, { user: 'lou', tab: 'longterm' });
    await memoryRow(ui.page, 'Lou lives on this computer.').waitFor({ timeout: PATIENCE_MS });
    await openConnections();
    await indicator('This computer').waitFor();
  });

  it('says what is wrong before anything is sent', async () => {
    await ui.page.getByRole('button', { name: 'New connection' }).click();
    await drawer().getByRole('button', { name: 'Keep it' }).click();
    await drawer().getByText('A connection needs a name.').waitFor();
    await drawer().getByText('Where does the server run?').waitFor();
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('turns a URL into fields, and tells a wrong password', async () => {
    const { port } = postgres.server;
    await drawer().getByLabel('Name', { exact: true }).fill('Team');
    await choose('How the connection is written', 'URL');
    await drawer().getByLabel('URL of the database').fill(`postgres://${postgres.user}:wr@ng#1@localhost:${port}/team`);
    await choose('How the connection is written', 'Fields');
    expect(await drawer().getByLabel('Host', { exact: true }).inputValue()).toBe('localhost');
    expect(await drawer().getByLabel('Password', { exact: true }).inputValue()).toBe('wr@ng#1');
    await test();
    await drawer().getByText('The connection does not work.').waitFor({ timeout: PATIENCE_MS });
    await steps()
      .filter({ hasText: 'Log in : failed' })
      .getByText(/password/i)
      .first()
      .waitFor();
  });

  it('works without TLS where the server lets it, wants a certificate that it can trust, and is content with the authority', async () => {
    await drawer().getByLabel('Password', { exact: true }).fill(postgres.password);
    await test();
    await steps().filter({ hasText: 'Encrypt : skipped' }).waitFor({ timeout: PATIENCE_MS });
    await drawer()
      .getByText(/^The connection works/)
      .waitFor({ timeout: PATIENCE_MS });
    await choose('TLS of the database', 'Check all');
    await test();
    await steps().filter({ hasText: 'Encrypt : failed' }).waitFor({ timeout: PATIENCE_MS });
    await drawer().getByText('Certificates').click();
    await drawer().getByLabel('Authority to trust (CA)', { exact: true }).fill(postgres.ca);
    await test();
    await steps().filter({ hasText: 'Encrypt : ok' }).waitFor({ timeout: PATIENCE_MS });
    await drawer()
      .getByText(/^The connection works/)
      .waitFor({ timeout: PATIENCE_MS });
    await drawer().getByRole('button', { name: 'Copy the report' }).waitFor();
  });

  it('keeps it without its secrets', async () => {
    await drawer().getByRole('button', { name: 'Keep it' }).click();
    await row('Team')
      .getByText(/keeper@localhost:\d+\/team · TLS \(verify-full\)/)
      .waitFor();
    await row('Team').getByRole('button', { name: 'Team', exact: true }).click();
    await drawer().getByRole('group', { name: 'Password' }).getByText('Kept, and never shown.').waitFor();
    expect(await ui.page.content()).not.toContain(postgres.password);
    await drawer().getByTitle('red').click();
    await drawer().getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Saved.').waitFor();
  });

  it('takes what the environment names, with Redis, and shows no secret of it', async () => {
    await ui.page.getByRole('button', { name: 'New connection' }).click();
    await drawer()
      .getByRole('radio', { name: /DATABASE_URL \+ REDIS_URL/ })
      .check();
    await drawer().getByLabel('Name', { exact: true }).fill('Named');
    await drawer().getByRole('button', { name: 'Keep it' }).click();
    await row('Named')
      .getByText(/keeper@127\.0\.0\.1:\d+\/team · .* · Redis 127\.0\.0\.1:1/)
      .waitFor();
    await row('Named').getByRole('button', { name: 'Named', exact: true }).click();
    expect(await drawer().getByLabel('Host of Redis').inputValue()).toBe('127.0.0.1');
    expect(await drawer().getByLabel('Number of the database').inputValue()).toBe('3');
    await drawer().getByLabel('Prefix of keys').fill('a key');
    await drawer().getByRole('button', { name: 'Save' }).click();
    await drawer().getByText('Letters, digits, and : _ - only; 50 at most.').waitFor();
    await drawer().getByLabel('Prefix of keys').fill('team:');
    await drawer().getByRole('button', { name: 'Save' }).click();
    await toast(ui.page, 'Saved.').first().waitFor();
    expect(await ui.page.content()).not.toContain(postgres.password);
  });

  it('gives up waiting for a server that says nothing', async () => {
    const address = hole.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await ui.page.getByRole('button', { name: 'New connection' }).click();
    await choose('How the connection is written', 'URL');
    await drawer().getByLabel('URL of the database').fill(`postgres://nobody@127.0.0.1:${port}/void`);
    await test();
    await steps().filter({ hasText: 'Reach the server : ok' }).waitFor({ timeout: PATIENCE_MS });
    await drawer()
      .getByRole('region', { name: 'Test of the connection' })
      .getByRole('button', { name: 'Cancel' })
      .click();
    await drawer().getByText('The test was cancelled.').waitFor();
    await drawer().getByLabel('Name', { exact: true }).fill('Void');
    await drawer().getByRole('button', { name: 'Keep it' }).click();
    await row('Void').getByRole('button', { name: 'Open Void' }).click();
    const opening = dialog(ui.page, 'Opening Void');
    await opening.getByRole('button', { name: 'Cancel' }).click();
    await opening.waitFor({ state: 'detached' });
    await indicator('This computer').waitFor();
    await eventually(() => row('Void').getByRole('button', { name: 'Open Void' }).getAttribute('aria-busy')).not.toBe(
      'true',
    );
    expect(await row('Void').getByText('Could not be opened').count()).toBe(0);
  });

  it('shows the migrations, and runs them only when somebody agrees', async () => {
    await row('Team').getByRole('button', { name: 'Open Team' }).click();
    const asked = dialog(ui.page, 'Open Team?');
    await asked
      .getByRole('list', { name: 'Migrations' })
      .getByRole('listitem')
      .first()
      .waitFor({ timeout: PATIENCE_MS });
    const go = asked.getByRole('button', { name: 'Change the database and open' });
    expect(await go.getAttribute('aria-disabled')).toBe('true');
    expect(await barriers(ui.page)).toEqual([]);
    await asked.getByRole('checkbox', { name: 'Change Team' }).click();
    await go.click();
    await toast(ui.page, 'Team is open.').waitFor({ timeout: PATIENCE_MS });
    await indicator('Team').waitFor();
    await row('Team').getByText('open', { exact: true }).waitFor();
  });

  it('shows nothing of what was open before', async () => {
    await ui.page.getByRole('link', { name: 'Memory', exact: true }).click();
    await ui.page.getByRole('heading', { name: 'Nothing is remembered yet' }).waitFor({ timeout: PATIENCE_MS });
    await writeLongTerm(agentOf(ui), 'ana', ['Ana is of the team.']);
    await waitForInspector(ui.page);
    await openTab(ui.page, 'Long-term');
    await memoryRow(ui.page, 'Ana is of the team.').click();
    await memoryDrawer(ui.page).getByRole('button', { name: 'Delete' }).waitFor();
  });

  it('holds everything back that would change a connection for reading, and says why', async () => {
    await visit(ui.page, {});
    await ui.page.getByRole('link', { name: 'Settings', exact: true }).first().click();
    await ui.page.getByRole('link', { name: 'Connections' }).click();
    await row('Team').getByRole('button', { name: 'Team', exact: true }).click();
    expect(await drawer().getByLabel('Host', { exact: true }).isDisabled()).toBe(true);
    await drawer().getByRole('switch', { name: 'Read-only' }).click();
    await drawer().getByRole('button', { name: 'Save' }).click();
    await ui.page.getByText('Read-only: Team.').waitFor({ timeout: PATIENCE_MS });
    await ui.page.getByRole('link', { name: 'Memory', exact: true }).click();
    await waitForInspector(ui.page);
    await openTab(ui.page, 'Long-term');
    await memoryRow(ui.page, 'Ana is of the team.').click();
    await heldBack(memoryDrawer(ui.page).getByRole('button', { name: 'Delete' }));
    await heldBack(memoryDrawer(ui.page).getByRole('button', { name: 'Edit' }));
    await heldBack(ui.page.getByRole('button', { name: 'Import', exact: true }));
    await ui.page.keyboard.press('Control+i');
    await toast(ui.page, 'Team is open for reading only').waitFor();
    await ui.page.getByRole('link', { name: 'Events', exact: true }).click();
    await ui.page.getByRole('link', { name: 'Webhooks' }).click();
    await heldBack(ui.page.getByRole('button', { name: 'New webhook' }));
    expect(await barriers(ui.page)).toEqual([]);
  });

  it('goes back by the palette, to what was there', async () => {
    await openPalette(ui.page);
    await palette(ui.page).getByRole('combobox').fill('Switch to This');
    await palette(ui.page).getByRole('option', { name: 'Switch to This computer' }).click();
    await toast(ui.page, 'This computer is open.').waitFor({ timeout: PATIENCE_MS });
    await indicator('This computer').waitFor();
    expect(await ui.page.getByText('Read-only: Team.').count()).toBe(0);
    await ui.page.getByRole('link', { name: 'Memory', exact: true }).click();
    await ui.page.getByRole('button', { name: 'User: lou' }).waitFor({ timeout: PATIENCE_MS });
  });

  it('forgets the connection, and says that the database stays', async () => {
    await openConnections();
    await row('Team').getByRole('button', { name: 'More for Team' }).click();
    await ui.page.getByRole('menuitem', { name: 'Remove …' }).click();
    const asked = ui.page.getByRole('alertdialog', { name: 'Remove Team?' });
    await asked.getByText('The database and what is in it stay as they are').waitFor();
    await asked.getByRole('button', { name: 'Remove it' }).click();
    await row('Team').waitFor({ state: 'detached' });
  });
});
