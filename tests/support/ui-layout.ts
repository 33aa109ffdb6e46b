/** Whether things stand where they should. */
import type { Page } from 'playwright-core';

/** What sticks out of the window sideways, or is wider than its place without a way to scroll; empty when all is well. */
export async function overflows(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const found: string[] = [];
    const root = document.documentElement;
    for (const one of [root, document.body, document.getElementById('root')]) {
      if (one !== null && one.scrollWidth > root.clientWidth)
        found.push(`${one.tagName} is ${one.scrollWidth} px wide`);
    }
    if (root.scrollHeight > root.clientHeight) {
      const [lowest] = [...document.body.querySelectorAll<HTMLElement>('*')]
        .filter((one) => one.offsetParent === document.body)
        .sort((one, other) => other.getBoundingClientRect().bottom - one.getBoundingClientRect().bottom);
      found.push(`the page is ${root.scrollHeight} px high for ${lowest?.outerHTML.slice(0, 300)}`);
    }
    for (const one of document.querySelectorAll(
      'main, nav, aside, header, footer, [role="dialog"], [role="grid"], [role="log"], [role="tabpanel"], section',
    )) {
      if (one.closest('.sr-only') !== null) continue;
      const { left, right, width, height } = one.getBoundingClientRect();
      if (width === 0 || height === 0) continue;
      const name = `${one.tagName.toLowerCase()} ${one.getAttribute('aria-label') ?? one.className.slice(0, 60)}`;
      if (right > innerWidth + 1 || left < -1) found.push(`${name} from ${Math.round(left)} to ${Math.round(right)}`);
      if (getComputedStyle(one).overflowX === 'visible' && one.scrollWidth > one.clientWidth + 1) {
        found.push(`${name} holds ${one.scrollWidth} px in ${one.clientWidth}`);
      }
    }
    return found;
  });
}
