import { expect, it } from 'vitest';
import { sampleRecommendation } from '../../../../../tests/support/ops-samples.ts';
import { languageOf, sortRecommendations } from './recommendation-words.ts';

it('sorts by what became of them, and by their impact', () => {
  const low = sampleRecommendation(1, { impact: 'low' });
  const high = sampleRecommendation(2);
  const dismissed = sampleRecommendation(3, {
    state: { state: 'dismissed', by: 'ada', at: '2026-11-30T12:00:00Z' },
  });
  expect(sortRecommendations([low, dismissed, high])).toEqual({
    open: [high, low],
    applied: [],
    dismissed: [dismissed],
  });
});

it('tells SQL from a command', () => {
  expect(languageOf('CREATE INDEX CONCURRENTLY a ON b (c)')).toBe('sql');
  expect(languageOf('  vacuum (analyze) memories')).toBe('sql');
  expect(languageOf('archon settings set workers.shards 4')).toBe('bash');
});
