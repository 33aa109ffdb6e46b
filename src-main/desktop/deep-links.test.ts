import { describe, expect, it } from 'vitest';
import { deepLinkOf, parseDeepLink } from './deep-links.ts';

const ID = '0192f0c1-2345-7abc-8def-0123456789ab';

describe('links to memories', () => {
  it.each([`archon://memory/${ID}`, `archon://memory/${ID}/`, `ARCHON://memory/${ID.toUpperCase()}`])(
    'understands %s',
    (link) => {
      expect(parseDeepLink(link)).toBe(ID);
    },
  );

  it.each([
    'archon://memory/',
    'archon://memory/42',
    `archon://memory/${ID}/edit`,
    `archon://memory/../memory/${ID}x`,
    `archon://memory/${ID}?delete=1`,
    `archon://memory/${ID}#x`,
    `archon://settings/${ID}`,
    `archon:memory/${ID}`,
    `https://memory/${ID}`,
    `archon://memory/${ID}%00`,
    '',
  ])('refuses %s', (link) => {
    expect(parseDeepLink(link)).toBeUndefined();
  });

  it('finds the link on a command line', () => {
    expect(deepLinkOf(['electron', 'desktop.js', '--flag', `archon://memory/${ID}`])).toBe(ID);
    expect(deepLinkOf(['electron', 'desktop.js'])).toBeUndefined();
  });
});
