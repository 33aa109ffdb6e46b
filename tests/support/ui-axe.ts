/** Looks for what keeps people out: axe on what the page shows now. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { AxeResults, RunOptions } from 'axe-core';
import type { Page } from 'playwright-core';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Colours are all that another theme changes. */
const COLOURS: RunOptions = { runOnly: { type: 'rule', values: ['color-contrast'] } };

declare global {
  interface Window {
    axe: { run(options: RunOptions): Promise<AxeResults> };
  }
}

/** Serious and critical violations in both themes, one line each; empty when there are none. */
export async function barriers(page: Page): Promise<string[]> {
  // As a debugger's evaluation: the page's Content-Security-Policy would refuse a script.
  await page.evaluate(`typeof axe === 'undefined' && (() => { ${SOURCE} })()`);
  const dark = await inTheme(page, 'dark', {});
  const light = await inTheme(page, 'light', COLOURS);
  await page.emulateMedia({ colorScheme: 'dark' });
  return [...dark, ...light];
}

async function inTheme(page: Page, theme: 'dark' | 'light', options: RunOptions): Promise<string[]> {
  await page.emulateMedia({ colorScheme: theme });
  await page.waitForFunction((wanted) => document.documentElement.dataset.theme === wanted, theme);
  const violations = await page.evaluate(async (given) => {
    // Colours on their way from one theme to the other are in neither.
    while (document.getAnimations().some((animation) => animation instanceof CSSTransition)) {
      await new Promise((next) => requestAnimationFrame(next));
    }
    return (await window.axe.run({ resultTypes: ['violations'], ...given })).violations;
  }, options);
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) =>
      nodes.map(
        ({ html, any }) => `${theme}: ${id} (${help}): ${html.slice(0, 220)} ${any[0]?.message.slice(0, 160) ?? ''}`,
      ),
    );
}
