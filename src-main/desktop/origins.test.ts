import { describe, expect, it } from 'vitest';
import { originOf, trustedOrigin } from './origins.ts';

describe('the origin the page must have', () => {
  it('is ours, and the development server only while the app is run from its sources', () => {
    const dev_server_url = 'http://localhost:5173/';
    expect(trustedOrigin({ packaged: false, dev_server_url: undefined })).toBe('app://archon');
    expect(trustedOrigin({ packaged: true, dev_server_url })).toBe('app://archon');
    expect(trustedOrigin({ packaged: false, dev_server_url })).toBe('http://localhost:5173');
  });
});

describe('originOf', () => {
  it.each([
    ['app://archon/memory?user=a#b', 'app://archon'],
    ['APP://ARCHON/', 'app://ARCHON'],
    ['app://archon.example/', 'app://archon.example'],
    ['app://archon:80/', 'app://archon:80'],
    ['https://example.com:8443/x', 'https://example.com:8443'],
    // Who is named before the @ is no host.
    ['app://archon@example.com/', undefined],
    ['not a url', undefined],
  ])('%s → %s', (url, origin) => {
    expect(originOf(url)).toBe(origin);
  });
});
