import { describe, expect, it } from 'vitest';
import { ExternalLinkRefusedError, ExternalLinks } from './external-links.ts';

function links(api: string | null = 'http://127.0.0.1:8181') {
  const opened: string[] = [];
  const made = new ExternalLinks({
    open: async (url) => void opened.push(url),
    apiUrl: () => api,
  });
  return { made, opened };
}

describe('pages that are opened outside', () => {
  it.each([
    'https://www.postgresql.org/docs/18/index.html',
    'https://github.com/pgvector/pgvector',
    'https://github.com/pgvector/pgvector/issues/1',
    'http://127.0.0.1:8181/api/docs',
  ])('opens %s', async (url) => {
    const { made, opened } = links();
    await made.open(url);
    expect(opened).toEqual([url]);
  });

  it.each([
    'http://www.postgresql.org/docs/',
    'https://www.postgresql.org.example/docs/',
    'https://www.postgresql.org@example.com/docs/',
    'https://www.postgresql.org/docs/../admin',
    'https://www.postgresql.org:8443/docs/',
    'https://github.com/pgvector/pgvector-evil',
    'https://github.com/pgvector',
    'http://127.0.0.1:8181/api/memory/export',
    'http://127.0.0.1:8182/api/docs',
    'file:///etc/passwd',
    'smb://host/share',
    'javascript:alert(1)',
    'ms-msdt:/id',
    'not a url',
  ])('refuses %s', async (url) => {
    const { made, opened } = links();
    await expect(made.open(url)).rejects.toBeInstanceOf(ExternalLinkRefusedError);
    expect(opened).toEqual([]);
  });

  it('refuses the API reference while the server does not listen', () => {
    expect(links(null).made.isAllowed('http://127.0.0.1:8181/api/docs')).toBe(false);
  });
});
