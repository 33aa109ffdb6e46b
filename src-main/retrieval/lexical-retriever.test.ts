import { describe, expect, it } from 'vitest';
import type { Scope } from '../identity/scope.ts';
import type { MemorySettings } from '../memory/memory-settings.ts';
import type { Transaction } from '../storage/database.ts';
import { LexicalRetriever } from './lexical-retriever.ts';

const scope: Scope = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'test' };
const settings = { search_language: 'english', relevance_half_life_days: 7 } as MemorySettings;

/** The texts of a query that are sent to the database. */
async function sentTexts(query: string): Promise<string[]> {
  const sent: string[] = [];
  const tx = {
    sql: async (_text: string, [, text]: string[]) => {
      sent.push(text ?? '');
      return [];
    },
  } as unknown as Transaction;
  const request = { user_id: 'u', query, layers: ['working', 'longterm'] as const, limit: 10 };
  await new LexicalRetriever(() => settings).retrieve(tx, scope, request, '2026-01-01T00:00:00.000Z');
  return sent;
}

describe('searching by words', () => {
  it('sends the database no more of a query than it looks at', async () => {
    const long = 'word '.repeat(800_000);
    for (const text of await sentTexts(long)) expect(text).toBe(long.slice(0, 20_000));
    for (const text of await sentTexts('short')) expect(text).toBe('short');
  });

  it('leaves half a character away', async () => {
    for (const text of await sentTexts(`x${'😀'.repeat(20_000)}`)) {
      expect(text).toBe(`x${'😀'.repeat(9999)}`);
    }
  });
});
