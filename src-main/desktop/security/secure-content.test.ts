import { describe, expect, it } from 'vitest';
import { isOwnContent } from './secure-content.ts';

describe('what a page may load', () => {
  it.each(['app://archon/assets/x.js', 'blob:app://archon/1', 'data:image/png;base64,AA=='])('loads %s', (url) => {
    expect(isOwnContent(url, undefined)).toBe(true);
  });

  it.each(['https://example.com/', 'http://127.0.0.1:8181/', 'file:///etc/passwd', 'ws://localhost:5173/', ''])(
    'does not load %s',
    (url) => {
      expect(isOwnContent(url, undefined)).toBe(false);
    },
  );

  it('loads from the development server, and nothing beside it', () => {
    const server = 'http://localhost:5173';
    expect(isOwnContent('http://localhost:5173/src/main.tsx', server)).toBe(true);
    expect(isOwnContent('ws://localhost:5173/', server)).toBe(true);
    expect(isOwnContent('http://localhost:5174/', server)).toBe(false);
  });
});
