/** Where the keyboard is, and whether a person can see it. */
import type { Page } from 'playwright-core';

export interface Focus {
  /** Role or tag, and the accessible text: for messages and comparisons. */
  what: string;
  /** How the element begins, for messages. */
  html: string;
  /** Has a box inside the window, and an outline or ring of its own, of its label, or of the row it stands for. */
  isVisible: boolean;
  isBody: boolean;
}

export async function focusOf(page: Page): Promise<Focus> {
  return await page.evaluate(() => {
    const element = document.activeElement;
    if (element === null || element === document.body)
      return { what: 'body', html: '<body>', isVisible: false, isBody: true };
    const hasRing = (one: Element | null): boolean => {
      if (one === null) return false;
      const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(one);
      return (outlineStyle !== 'none' && Number.parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
    };
    const isInSight = (one: Element): boolean => {
      const { width, height, top, left, bottom, right } = one.getBoundingClientRect();
      return width > 0 && height > 0 && bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
    };
    // A radio button hidden in its label, and a list that marks its active row.
    const standsFor = [
      element,
      element.closest('label'),
      document.getElementById(element.getAttribute('aria-activedescendant') ?? ''),
    ];
    const name = element.getAttribute('aria-label') ?? element.textContent ?? '';
    return {
      what: `${element.getAttribute('role') ?? element.tagName.toLowerCase()} ${name.trim().replace(/\s+/g, ' ').slice(0, 60)}`.trim(),
      isVisible: standsFor.some((one) => one !== null && hasRing(one) && isInSight(one)),
      html: element.outerHTML.slice(0, 160),
      isBody: false,
    };
  });
}

export interface Walk {
  stops: string[];
  /** Stops at which nobody could see where the keyboard is. */
  unseen: string[];
  /** True when the walk left what it began in, or came back to its first stop. */
  hasEnd: boolean;
}

/** Presses Tab until the focus leaves the page or comes round. */
export async function walk(page: Page, key: 'Tab' | 'Shift+Tab' = 'Tab', most = 120): Promise<Walk> {
  const result: Walk = { stops: [], unseen: [], hasEnd: false };
  await page.evaluate(() => {
    for (const one of document.querySelectorAll('[data-walked]')) one.removeAttribute('data-walked');
  });
  for (let press = 0; press < most; press += 1) {
    await page.keyboard.press(key);
    const focus = await focusOf(page);
    const isKnown = await page.evaluate(() => {
      const element = document.activeElement as HTMLElement | null;
      if (element === null || element === document.body) return true;
      if ('walked' in element.dataset) return true;
      element.dataset.walked = '';
      return false;
    });
    if (focus.isBody || isKnown) return { ...result, hasEnd: true };
    result.stops.push(focus.what);
    if (!focus.isVisible) result.unseen.push(focus.html);
  }
  return result;
}
