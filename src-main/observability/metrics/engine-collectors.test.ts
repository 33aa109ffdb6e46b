import { describe, expect, it } from 'vitest';
import type { EventSubscriber } from '../../../src-contract/index.ts';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { type CollectorSources, engineCollectors } from './engine-collectors.ts';
import { Metrics } from './metrics.ts';

const NOW = '2026-03-01T12:00:00.000Z';

const subscriber = (name: string, figures: Partial<EventSubscriber>) =>
  ({
    name,
    enabled: true,
    behind: 0,
    waiting: 0,
    delayed: 0,
    running: 0,
    oldest_waiting_at: null,
    ...figures,
  }) as EventSubscriber;

describe('the collectors of an engine', () => {
  it('count nothing that waits for a subscriber that is switched off', async () => {
    const metrics = new Metrics('1');
    const rows = [
      subscriber('notes', { waiting: 3, oldest_waiting_at: '2026-03-01T11:59:50.000Z' }),
      subscriber('mail', { enabled: false, waiting: 70, oldest_waiting_at: '2026-03-01T09:00:00.000Z' }),
    ];
    const sources = {
      subscribers: { list: async () => rows },
      deadLetters: { open: async () => [] },
      organisations: () => ['a'],
      clock: new TestClock(NOW),
    };
    await engineCollectors(metrics, sources as unknown as CollectorSources).delivery?.();
    expect(await metrics.read('archon_event_queue_oldest_age_seconds')).toEqual([{ labels: {}, value: 10 }]);
    expect(await metrics.read('archon_event_queue_depth')).toContainEqual({
      labels: { subscriber: 'built_in', state: 'waiting' },
      value: 3,
    });
  });
  it('count calls that wait before the pool of the database with those that wait in it', async () => {
    const metrics = new Metrics('1');
    const sources = { database: { poolUse: () => ({ used: 4, idle: 0, waiting: 1 }) }, held: () => 7 };
    await engineCollectors(metrics, sources as unknown as CollectorSources).database_pool?.();
    expect(await metrics.read('archon_database_pool_waiting')).toEqual([{ labels: {}, value: 8 }]);
  });

  it('tell of what is in the journal, by store', async () => {
    const metrics = new Metrics('1');
    const figures = () => ({
      bytes: 4096,
      writes: [
        { store: 'database', waiting: 3, refused: 1 },
        { store: 'sessions', waiting: 0, refused: 0 },
      ],
    });
    await engineCollectors(metrics, { writes: { figures } } as unknown as CollectorSources).journal?.();
    const read = await metrics.read('archon_journal_writes');
    expect(read.map(({ labels, value }) => [labels.store, labels.state, value])).toEqual([
      ['database', 'waiting', 3],
      ['database', 'refused', 1],
      ['sessions', 'waiting', 0],
      ['sessions', 'refused', 0],
    ]);
    expect(await metrics.read('archon_journal_bytes')).toEqual([{ labels: {}, value: 4096 }]);
  });
});
