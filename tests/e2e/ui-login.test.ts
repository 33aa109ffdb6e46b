/** Coming in with a browser, and going out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chromiumAvailable, closeChromium } from '../support/chromium.ts';
import { hosts, type OpenUi } from '../support/ui-hosts.ts';
import { eventually, waitForFirstRun } from '../support/ui-page.ts';

afterAll(closeChromium);

describe.runIf(chromiumAvailable).each(hosts().filter(({ kind }) => kind === 'server'))('$name: logging in', (host) => {
  let ui: OpenUi;
  let token: string;
  beforeAll(async () => {
    ui = await host.open();
  });
  afterAll(() => ui?.close());

  const logIn = async (given: string) => {
    await ui.page.getByLabel('Token').fill(given);
    await ui.page.getByRole('button', { name: 'Log in' }).click();
  };
  const waitForLogin = () => ui.page.getByText('Log in to this server').waitFor();
  const logOut = async () => {
    await ui.page.getByRole('button', { name: 'Appearance and account' }).click();
    await ui.page.getByRole('menuitem', { name: 'Log out' }).click();
    await waitForLogin();
  };

  it('takes the code of the link out of the address bar and the history', async () => {
    await waitForFirstRun(ui.page);
    expect(ui.page.url()).not.toContain('code');
    expect(await ui.page.evaluate(() => history.length)).toBeLessThanOrEqual(2);
    await ui.page.goBack();
    expect(ui.page.url()).not.toContain('code');
    await ui.page.goForward();
    await waitForFirstRun(ui.page);
  });

  it('makes a token for the next time', async () => {
    await ui.page.getByRole('button', { name: /^Connect an agent/ }).click();
    await ui.page.getByLabel('Make a token for').fill('my other browser');
    await ui.page.getByRole('button', { name: 'Make it' }).click();
    token = (await ui.page.getByText(/^archon_[\w-]+$/).textContent()) ?? '';
    expect(token).toMatch(/^archon_/);
    await ui.page.keyboard.press('Escape');
  });

  it('goes out, and stays out after a reload', async () => {
    await logOut();
    await ui.page.reload();
    await waitForLogin();
    const { status } = await ui.page.evaluate(async () => {
      const { status } = await fetch('/api/memory/users');
      return { status };
    });
    expect(status).toBe(401);
  });

  it.each([
    ['', 'Paste the token that the server printed at its first start.'],
    ['archon_wrong', /token/i],
  ])('refuses the token “%s” in words', async (wrong, words) => {
    await logIn(wrong);
    await ui.page.locator('form').getByText(words).last().waitFor();
    const field = ui.page.getByLabel('Token');
    await eventually(() => field.getAttribute('aria-invalid')).toBe('true');
    expect(await field.inputValue()).toBe(wrong);
    expect(await ui.page.getByRole('button', { name: 'Log in' }).isEnabled()).toBe(true);
  });

  it('says that the server is gone when it is', async () => {
    await ui.page.route('**/auth/login', (route) => route.abort('connectionrefused'));
    await logIn(token);
    await ui.page.locator('form').getByText('The server does not answer.').first().waitFor();
    await ui.page.unroute('**/auth/login');
    expect(await ui.page.getByLabel('Token').inputValue()).toBe(token);
  });

  it('comes in with a token, and keeps it nowhere in the page', async () => {
    await logIn(token);
    await waitForFirstRun(ui.page);
    const kept = await ui.page.evaluate(() =>
      JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, location.href]),
    );
    expect(kept).not.toContain(token);
    expect(kept).not.toContain('archon_session');
    await ui.page.reload();
    await waitForFirstRun(ui.page);
  });

  it('asks again when the session is ended elsewhere, and comes back to the same place', async () => {
    await ui.page.evaluate(() => history.pushState(null, '', '/memory?user=dora&tab=longterm'));
    await ui.page.getByText('No long-term memories yet', { exact: true }).waitFor();
    await ui.page.evaluate(async () => {
      await fetch('/auth/logout', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    });
    await waitForLogin();
    await ui.page.getByText('Your session has ended. Log in to go on where you were.').waitFor();
    await logIn(token);
    await ui.page.getByText('No long-term memories yet', { exact: true }).waitFor();
    expect(new URL(ui.page.url()).searchParams.get('user')).toBe('dora');
  });

  it('shows its views at addresses of several parts as well', async () => {
    const { origin } = new URL(ui.page.url());
    await ui.page.goto(`${origin}/no/such/view`);
    await ui.page.getByRole('main').waitFor();
    await ui.page.goto(`${origin}/memory?user=dora&tab=longterm`);
    await ui.page.getByText('No long-term memories yet', { exact: true }).waitFor();
  });

  it('says why a link did not let anybody in', async () => {
    await logOut();
    expect(await ui.page.getByText('Your session has ended').count()).toBe(0);
    const { origin } = new URL(ui.page.url());
    // From elsewhere: else only the part after # would change.
    await ui.page.goto('about:blank');
    await ui.page.goto(`${origin}/memory#code=used-before`);
    await ui.page.locator('form').getByText('This link was used before').first().waitFor();
    expect(ui.page.url()).not.toContain('code');
    await logIn(token);
    await waitForFirstRun(ui.page);
  });

  it('says how long to wait after too many failed logins, and lets go on then', async () => {
    await logOut();
    await ui.page.clock.install();
    for (let turn = 0; turn < 10; turn += 1) {
      await ui.page.evaluate(async (guess) => {
        const headers = { 'content-type': 'application/json' };
        await fetch('/auth/login', { method: 'POST', headers, body: JSON.stringify({ token: guess }) });
      }, `archon_${turn}`);
    }
    await logIn('archon_wrong');
    await ui.page
      .locator('form')
      .getByText(/Try again in \d+ s\./)
      .waitFor();
    const button = ui.page.getByRole('button', { name: 'Log in' });
    expect(await button.isEnabled()).toBe(false);
    await ui.page.clock.runFor(61_000);
    await eventually(() => button.isEnabled()).toBe(true);
    expect(await ui.page.locator('form').getByText('Try again in').count()).toBe(0);
  });
});
