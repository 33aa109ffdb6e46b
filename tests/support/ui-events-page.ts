/** What a person finds and does on the events page: the live feed, and the subscribers. */
import type { Locator, Page } from 'playwright-core';

export const eventGrid = (page: Page): Locator => page.getByRole('grid', { name: 'Events' });

export const eventRow = (page: Page, text: string | RegExp): Locator =>
  eventGrid(page).getByRole('row').filter({ hasText: text });

export const eventDrawer = (page: Page): Locator => page.getByRole('complementary', { name: 'Event details' });

export const minuteBars = (page: Page): Locator =>
  page.getByRole('toolbar', { name: 'Events per minute' }).getByRole('button');

export const subscriberRow = (page: Page, name: string | RegExp): Locator =>
  page.getByRole('table', { name: 'Subscribers and their queues' }).getByRole('row').filter({ hasText: name });

export type FeedQuery = Readonly<Record<string, string | readonly string[]>>;

/** Goes to the live feed without loading the page again, as a link inside the app does. */
export async function visitFeed(page: Page, search: FeedQuery = {}): Promise<void> {
  const members = Object.entries(search).map(([key, value]) => [key, JSON.stringify(value)]);
  const query = new URLSearchParams(members).toString();
  await page.evaluate((path) => history.pushState(null, '', path), `/events${query === '' ? '' : `?${query}`}`);
}

export async function visitSubscribers(page: Page): Promise<void> {
  await page.evaluate(() => history.pushState(null, '', '/events/subscribers'));
}

/** What the rows in sight say has happened, from the top. */
export async function shownEvents(page: Page): Promise<string[]> {
  return await eventGrid(page).evaluate((grid) =>
    [...grid.querySelectorAll('[role="row"][aria-selected]')]
      .map((row) => ({ at: Number(row.getAttribute('aria-rowindex')), row }))
      .sort((one, other) => one.at - other.at)
      .map(({ row }) => row.querySelector('[role="gridcell"]:nth-child(3)')?.textContent ?? ''),
  );
}

/** Ids of the events of the feed from the top, to the end of what it has read or the first so many: by scrolling. */
export async function allEventIds(page: Page, most = Number.MAX_SAFE_INTEGER): Promise<string[]> {
  return await eventGrid(page).evaluate(async (grid, wanted) => {
    const ids = new Map<number, string>();
    const painted = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    for (let top = 0; ; top += grid.clientHeight / 2) {
      grid.scrollTo({ top });
      await painted();
      for (const row of grid.querySelectorAll('[role="row"][aria-selected]')) {
        ids.set(Number(row.getAttribute('aria-rowindex')), row.id.slice(row.id.lastIndexOf('-') + 1));
      }
      if (ids.size >= wanted || top + grid.clientHeight >= grid.scrollHeight) break;
    }
    grid.scrollTo({ top: 0 });
    return [...ids]
      .sort(([one], [other]) => one - other)
      .slice(0, wanted)
      .map(([, id]) => id);
  }, most);
}
