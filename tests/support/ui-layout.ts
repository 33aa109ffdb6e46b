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

/** Adds up how far things jump in the page that no person moved: https://web.dev/articles/cls */
export class LayoutShifts {
  readonly #page: Page;

  private constructor(page: Page) {
    this.#page = page;
  }

  static async watch(page: Page): Promise<LayoutShifts> {
    await page.evaluate(() => {
      window.__shifts = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries() as (PerformanceEntry & { value: number; hadRecentInput: boolean })[]) {
          if (!entry.hadRecentInput) window.__shifts += entry.value;
        }
      }).observe({ type: 'layout-shift' });
    });
    return new LayoutShifts(page);
  }

  /** The score since the beginning, after everything that was changed is painted and told of. */
  async seen(): Promise<number> {
    return await this.#page.evaluate(async () => {
      for (let frame = 0; frame < 3; frame += 1) await new Promise((painted) => requestAnimationFrame(painted));
      return window.__shifts;
    });
  }

  /** Begins anew. */
  async forget(): Promise<void> {
    await this.seen();
    await this.#page.evaluate(() => {
      window.__shifts = 0;
    });
  }
}

declare global {
  interface Window {
    __shifts: number;
  }
}
