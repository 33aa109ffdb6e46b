import pino from 'pino';
import { describe, expect, it } from 'vitest';
import { type Collect, Collectors } from './collectors.ts';
import { Metrics } from './metrics.ts';

/** Collectors on a clock that the test moves. */
function collectorsOf(collect: (metrics: Metrics) => Partial<Record<'session_outbox' | 'disk', Collect>>) {
  const metrics = new Metrics('1');
  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const time = { ms: 0 };
  const tuning = { fresh: 5000, limit: 20 };
  const collectors = new Collectors({ metrics, logger, collectors: collect(metrics), elapsed: () => time.ms, tuning });
  return { metrics, collectors, time, logged };
}

const up = async (metrics: Metrics, collector: string) =>
  (await metrics.read('archon_collector_up')).find(({ labels }) => labels.collector === collector)?.value;

describe('Collectors', () => {
  it('ask once for everybody who wants figures within some seconds', async () => {
    let asked = 0;
    const { metrics, collectors, time } = collectorsOf((all) => ({
      session_outbox: () => all.set('archon_session_outbox_events', {}, ++asked),
    }));
    await Promise.all(Array.from({ length: 100 }, () => collectors.refresh()));
    time.ms = 4999;
    await collectors.refresh();
    expect(asked).toBe(1);
    time.ms = 5000;
    await collectors.refresh();
    expect(await metrics.read('archon_session_outbox_events')).toEqual([{ labels: {}, value: 2 }]);
  });

  it('leave out the figures of one that fails, say so, and keep those of the others', async () => {
    let away = false;
    const { metrics, collectors, time, logged } = collectorsOf((all) => ({
      session_outbox: () => {
        if (away) throw new Error('Redis is away');
        all.set('archon_session_outbox_events', {}, 7);
      },
      disk: () => all.set('archon_data_folder_free_bytes', {}, 1000),
    }));
    await collectors.refresh();
    away = true;
    for (const ms of [5000, 10_000]) {
      time.ms = ms;
      await collectors.refresh();
    }
    expect(await metrics.read('archon_session_outbox_events')).toEqual([]);
    expect(await metrics.read('archon_data_folder_free_bytes')).toEqual([{ labels: {}, value: 1000 }]);
    expect([await up(metrics, 'session_outbox'), await up(metrics, 'disk')]).toEqual([0, 1]);
    expect(collectors.states()[0]).toEqual({ collector: 'session_outbox', up: false, error: 'Redis is away' });
    expect(logged.filter((line) => line.includes('figures are missing'))).toHaveLength(1);
    away = false;
    time.ms = 15_000;
    await collectors.refresh();
    expect(await up(metrics, 'session_outbox')).toBe(1);
  });

  it('do not wait for one that does not answer, nor ask it again before it has', async () => {
    const answer = Promise.withResolvers<void>();
    let asked = 0;
    const { metrics, collectors, time } = collectorsOf((all) => ({
      session_outbox: async () => {
        asked += 1;
        await answer.promise;
        all.set('archon_session_outbox_events', {}, 3);
      },
    }));
    await collectors.refresh();
    expect(await up(metrics, 'session_outbox')).toBe(0);
    time.ms = 60_000;
    await collectors.refresh();
    expect(asked).toBe(1);
    // It comes late, and its figures are there from then on.
    answer.resolve();
    await expect.poll(() => up(metrics, 'session_outbox')).toBe(1);
    expect(await metrics.read('archon_session_outbox_events')).toEqual([{ labels: {}, value: 3 }]);
  });

  it('are told of in the log once, though they answer late every time, and again when they are in time', async () => {
    let answer = Promise.withResolvers<void>();
    let inTime = false;
    const { metrics, collectors, time, logged } = collectorsOf((all) => ({
      session_outbox: async () => {
        if (!inTime) await answer.promise;
        all.set('archon_session_outbox_events', {}, 3);
      },
    }));
    for (let round = 1; round <= 3; round++) {
      time.ms = round * 5000;
      await collectors.refresh();
      answer.resolve();
      await expect.poll(() => up(metrics, 'session_outbox')).toBe(1);
      answer = Promise.withResolvers();
    }
    expect(logged).toEqual([expect.stringContaining('figures are missing')]);
    inTime = true;
    time.ms = 20_000;
    await collectors.refresh();
    expect(logged.slice(1)).toEqual([expect.stringContaining('figures are there again')]);
  });
});
