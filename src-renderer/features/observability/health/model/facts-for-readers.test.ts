import { describe, expect, it } from 'vitest';
import { illHealth, sampleJournal, trippedBreakers } from '../../../../../tests/support/health-samples.ts';
import { at } from '../../../../../tests/support/worker-samples.ts';
import { localTimes } from '../../../../ui/content/local-times.ts';
import { forReaders } from './facts-for-readers.ts';

describe('what the engine says, for readers', () => {
  it('has the times of their clock in all of its words, and nothing else changed', () => {
    const [said, read] = [`away since ${at(0)}`, localTimes(`away since ${at(0)}`)];
    const store = { waiting: 1, oldest_at: at(0), away_since: at(0) };
    const facts = (text: string) => ({
      health: illHealth(text),
      breakers: trippedBreakers(text).slice(0, 1),
      journal: sampleJournal({ database: { ...store, error: text }, sessions: { ...store, error: null } }),
    });
    const { health, ...rest } = facts(read);
    // What to do is ours, and has no times.
    const components = health.components.map((each) => ({ ...each, advice: said }));
    expect(read).not.toBe(said);
    expect(forReaders(facts(said))).toEqual({ ...rest, health: { ...health, components } });
  });

  it('leaves out what is not known', () => {
    const health = illHealth('away');
    expect(forReaders({ health, breakers: undefined, journal: undefined })).toEqual({
      health,
      breakers: undefined,
      journal: undefined,
    });
  });
});
