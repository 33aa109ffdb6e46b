import { describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { dlqMonitor } from './dlq.ts';
import { observed } from './monitor.ts';

const NOW = '2026-03-01T12:00:00.000Z';
const scope = { org_id: 'a', actor: 'test' };

const ask = async (letters: { subscriber: string; dead: number; oldest_dead_at: string }[]) => {
  const sources = { delivery: { deadLetters: { open: async () => letters } } };
  return await dlqMonitor({ clock: new TestClock(NOW), sources }).looks[0]?.ask(scope);
};

describe('the monitor of dead letters', () => {
  it('tells how many there are, of which subscriber, and how old the oldest is', async () => {
    expect(
      await ask([
        { subscriber: 'few', dead: 2, oldest_dead_at: '2026-03-01T11:00:00.000Z' },
        { subscriber: 'many', dead: 600, oldest_dead_at: '2026-03-01T11:59:00.000Z' },
      ]),
    ).toEqual([
      observed('dead_letters', 602),
      observed('dead_letters_age_seconds', 3600),
      observed('dead_letters_of_subscriber', 600, { subscriber: 'many' }),
      observed('dead_letters_of_subscriber', 2, { subscriber: 'few' }),
    ]);
  });

  it('tells that there are none', async () => {
    expect(await ask([])).toEqual([observed('dead_letters', 0), observed('dead_letters_age_seconds', 0)]);
  });

  it('tells of the subscribers that have most, and counts those of all', async () => {
    const letters = Array.from({ length: 200 }, (_, i) => ({
      subscriber: `webhook-${i}`,
      dead: i + 1,
      oldest_dead_at: NOW,
    }));
    const told = (await ask(letters)) ?? [];
    expect(told[0]).toEqual(observed('dead_letters', 20_100));
    const named = told.filter(({ signal }) => signal === 'dead_letters_of_subscriber');
    expect(named).toHaveLength(50);
    expect(named.map(({ value }) => value)).toEqual(Array.from({ length: 50 }, (_, i) => 200 - i));
  });
});
