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
    await ui.page.getByText('No long-term memories yet').waitFor();
    await ui.page.evaluate(async () => {
      await fetch('/auth/logout', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    });
    await waitForLogin();
    await logIn(token);
    await ui.page.getByText('No long-term memories yet').waitFor();
    expect(new URL(ui.page.url()).searchParams.get('user')).toBe('dora');
  });
});
