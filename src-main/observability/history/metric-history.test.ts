import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from 'better-sqlite3';
import BetterSqlite3 from 'better-sqlite3';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TestClock } from '../../../tests/support/test-clock.ts';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { openSqliteFile } from '../../storage/sqlite-file.ts';
import { Metrics } from '../metrics/metrics.ts';
import { Recorder } from '../recorder.ts';
import { MetricHistory } from './metric-history.ts';
import { SampleStore } from './sample-store.ts';
import { Sampler } from './sampler.ts';
import { Span } from './span.ts';

const START = '2026-03-01T00:00:00.000Z';
const at = (seconds: number): string => new Date(Date.parse(START) + seconds * 1000).toISOString();

let folder: string;
let file: string;
let clock: TestClock;
/** By how much the clock is ahead of the time that the process has seen: it slept, or the clock was set. */
let unseen_ms: number;

/** One life of the process, on the file that the one before it left. */
function life() {
  const db = openSqliteFile(file, sqliteMigrationsFolder);
  db.pragma('synchronous = OFF');
  const logged: string[] = [];
  const logger = pino({}, { write: (line: string) => void logged.push(line) });
  const metrics = new Metrics('1');
  const recorder = new Recorder(metrics);
  const store = new SampleStore(db);
  const collectors = { refresh: async () => {}, states: () => [] };
  const elapsed = () => clock.now() - unseen_ms;
  const sampler = new Sampler({ metrics, collectors, recorder, store, clock, logger, elapsed });
  const history = new MetricHistory({ store, sampler, collectors, clock });
  return {
    db,
    metrics,
    recorder,
    sampler,
    history,
    logged,
    /** Lets the time of a sample pass, in which `work` happens. */
    step: async (work: () => void = () => {}) => {
      work();
      clock.advance({ ms: 10_000 });
      await sampler.sample();
    },
  };
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'archon-history-'));
  file = join(folder, 'history.db');
  clock = new TestClock(START);
  unseen_ms = 0;
});
afterEach(() => rmSync(folder, { recursive: true }));

const valuesOf = (lines: readonly { line: string; values: (number | null)[] }[]) =>
  Object.fromEntries(lines.map(({ line, values }) => [line, values]));

describe('figures over time', () => {
  it('are rates of what happened in each step, and percentiles of all calls in it', async () => {
    const { recorder, step, history } = life();
    await step(() => {
      for (let i = 0; i < 99; i += 1) recorder.called('search.query', 'success', 0.01);
      recorder.called('search.query', 'server_error', 2);
    });
    await step();
    const asked = await history.series({
      names: ['api_requests', 'api_latency'],
      from: at(0),
      to: at(20),
      max_points: 10,
    });
    expect(asked).toMatchObject({ from: at(0), to: at(20), step_seconds: 10, points: 2, resolution_seconds: 10 });
    const requests = asked.lines.filter(({ series }) => series === 'api_requests');
    expect(requests.map(({ line, unit, values }) => [line, unit, values])).toEqual([
      ['success', 'per_minute', [594, 0]],
      ['client_error', 'per_minute', [0, 0]],
      ['server_error', 'per_minute', [6, 0]],
    ]);
    const latency = valuesOf(asked.lines.filter(({ series }) => series === 'api_latency'));
    expect(latency.p50?.[0]).toBeCloseTo(0.01, 3);
    expect(latency.p99?.[0]).toBeCloseTo(0.01, 3);
    // Nobody called: there is no percentile of nothing.
    expect([latency.p50?.[1], latency.p95?.[1], latency.p99?.[1]]).toEqual([null, null, null]);
  });

  it('of the last minutes are put together: percentiles of all calls in them, not of percentiles', async () => {
    const { recorder, step, history } = life();
    const recent = () => history.period({ from_ms: clock.now() - 300_000, to_ms: clock.now() });
    expect((await recent()).covered_seconds).toBe(0);
    const calls = (count: number, seconds: number) => () => {
      for (let i = 0; i < count; i += 1) recorder.called('search.query', 'success', seconds);
    };
    // Older than five minutes: it counts no more.
    await step(calls(1000, 30));
    await step(calls(30, 2));
    for (let i = 0; i < 29; i += 1) await step(calls(10, 0.01));
    const told = await recent();
    // 320 calls, of which the 304th is one of the slow ones: the mean of the percentiles of the steps would be 0.08 s.
    expect(told).toMatchObject({ covered_seconds: 300, requests: 320 });
    expect((told.latency_p95_ms ?? 0) / 1000).toBeCloseTo(2, 0);
  });

  it('tell of what agents wait for apart from what pages look at again and again', async () => {
    const { recorder, step, history } = life();
    await step(() => {
      for (let i = 0; i < 200; i += 1) recorder.called('ops.status', 'success', 0.001);
      for (let i = 0; i < 5; i += 1) recorder.called('working.list', 'success', 1);
      recorder.called('memories.erase', 'success', 60);
    });
    const told = await history.period({ from_ms: clock.now() - 60_000, to_ms: clock.now() });
    expect(told).toMatchObject({ requests: 206, memory_requests: 5 });
    expect((told.memory_latency_p95_ms ?? 0) / 1000).toBeCloseTo(1, 1);
    expect(told.latency_p95_ms).toBeLessThan(10);
  });

  it('show a gap where the process did not run, and nothing is lost or added when counters begin anew', async () => {
    const first = life();
    await first.step(() => first.recorder.published(['memory.working.created', 'memory.working.created']));
    first.db.close();
    clock.advance({ ms: 30_000 });
    const second = life();
    await second.step(() => second.recorder.published(['memory.working.created']));
    const { lines } = await second.history.series({ names: ['events'], from: at(0), to: at(50), max_points: 10 });
    expect(valuesOf(lines).published).toEqual([12, null, null, null, 6]);
  });

  it('hold rates of the time that was measured when the computer slept', async () => {
    const { recorder, sampler, history } = life();
    recorder.published(['memory.working.created']);
    // Awake for ten seconds of the hour.
    clock.advance({ minutes: 60 });
    unseen_ms = 3_590_000;
    await sampler.sample();
    const { lines } = await history.series({ names: ['events'], from: at(0), to: at(3600), max_points: 1000 });
    expect(valuesOf(lines).published).toEqual([...Array(359).fill(null), 6]);
  });

  it('hold no rates near 0 where the clock of the process goes on while the computer sleeps', async () => {
    const { recorder, sampler, history } = life();
    recorder.published(['memory.working.created']);
    clock.advance({ minutes: 60 });
    await sampler.sample();
    const { lines } = await history.series({ names: ['events'], from: at(0), to: at(3600), max_points: 1000 });
    expect(valuesOf(lines).published).toEqual([...Array(359).fill(null), 2]);
  });

  it('tell of gauges the last, the lowest and the highest reading of a step', async () => {
    const { metrics, step, history } = life();
    for (const events of [3, 9, 1, 5, 2, 4]) {
      await step(() => metrics.set('archon_session_outbox_events', {}, events));
    }
    const { lines } = await history.series({ names: ['session_outbox'], from: at(0), to: at(600), max_points: 10 });
    expect(lines).toEqual([
      {
        series: 'session_outbox',
        line: 'waiting',
        unit: 'count',
        values: [4, ...Array(9).fill(null)],
        min: [1, ...Array(9).fill(null)],
        max: [9, ...Array(9).fill(null)],
      },
    ]);
  });

  it('are put together to 5 minutes: counts add up, percentiles are of all calls, also after a restart in between', async () => {
    const first = life();
    for (let i = 0; i < 20; i += 1) await first.step(() => first.recorder.called('search.query', 'success', 0.1));
    first.db.close();
    const { recorder, metrics, step, history, db } = life();
    for (let i = 20; i < 61; i += 1) {
      await step(() => {
        recorder.called('search.query', 'success', 1);
        metrics.set('archon_session_outbox_events', {}, i);
      });
    }
    expect(db.prepare('SELECT count(*) FROM metric_rollups').pluck().get()).toBe(2);
    const names = ['api_requests', 'api_latency', 'session_outbox'] as const;
    const coarse = await history.series({ names: [...names], from: at(0), to: at(900), max_points: 10 });
    // 90 s would be finer than what was asked for; 120 s are made of the samples.
    expect(coarse).toMatchObject({ step_seconds: 120, resolution_seconds: 10 });
    const rolled = await history.series({ names: [...names], from: at(0), to: at(3000), max_points: 10 });
    expect(rolled).toMatchObject({ step_seconds: 300, resolution_seconds: 300, points: 10 });
    const lines = valuesOf(rolled.lines);
    // 600 s are put together, 10 s more are in the samples alone.
    expect(lines.success?.slice(0, 3)).toEqual([6, 6, 6]);
    expect(lines.p50?.[0]).toBeCloseTo(0.1, 2);
    expect(Math.abs((lines.p95?.[0] ?? 0) - 1)).toBeLessThan(0.05);
    expect(lines.waiting?.slice(0, 4)).toEqual([29, 59, 60, null]);
    expect(rolled.lines.find(({ line }) => line === 'waiting')?.min?.slice(0, 2)).toEqual([20, 30]);
  });

  it('are told of a whole period at once, with percentiles of all its calls, also after a restart in it', async () => {
    const first = life();
    // Many fast calls, then few slow ones: a mean of the percentiles of the parts would be far off.
    for (let i = 0; i < 60; i += 1) {
      await first.step(() => {
        for (let n = 0; n < 40; n += 1) first.recorder.called('search.query', 'success', 0.01);
      });
    }
    first.db.close();
    const { recorder, step, history } = life();
    for (let i = 0; i < 70; i += 1) {
      await step(() => recorder.called('search.query', i < 10 ? 'server_error' : 'success', 1));
    }
    recorder.published(['memory.working.created']);
    await step();
    const told = await history.period({ from_ms: Date.parse(at(0)), to_ms: Date.parse(at(2000)) });
    expect(told).toMatchObject({ covered_seconds: 1310, requests: 2470, failed_requests: 10, events: 1 });
    expect(told.latency_p95_ms).toBeCloseTo(10, 0);
    expect(Math.abs((told.latency_mean_ms ?? 0) - (2400 * 10 + 70 * 1000) / 2470)).toBeLessThan(38 * 0.05);
    expect(await history.period({ from_ms: Date.parse(at(-2000)), to_ms: Date.parse(at(0)) })).toEqual({
      covered_seconds: 0,
      requests: 0,
      failed_requests: 0,
      latency_mean_ms: null,
      latency_p95_ms: null,
      memory_requests: 0,
      memory_latency_p95_ms: null,
      events: 0,
      event_loop_lag_ms: null,
      cpu_percent: null,
      resident_bytes: null,
    });
  });

  it('are the same after a restart', async () => {
    const first = life();
    for (let i = 0; i < 40; i += 1) await first.step(() => first.recorder.called('search.query', 'success', 0.02));
    const ask = { names: ['api_latency' as const], from: at(0), to: at(400), max_points: 100 };
    const before = await first.history.series(ask);
    first.db.close();
    expect(await life().history.series(ask)).toEqual(before);
  });

  it('name what is wrong with a range that cannot be', async () => {
    const { history } = life();
    const ask = (from: string, to?: string) => history.series({ names: ['cpu'], from, to, max_points: 100 });
    await expect(ask(at(20), at(10))).rejects.toThrow('from must lie before `to`');
    await expect(ask(at(20))).rejects.toThrow('from must lie before now');
    await expect(ask(at(-40 * 86_400), at(0))).rejects.toThrow('at most 30 days before');
  });

  it('never are more points than asked for, whatever the range', async () => {
    const { history } = life();
    for (const seconds of [1, 15, 3600, 86_400, 30 * 86_400, 31 * 86_400]) {
      for (const max_points of [10, 33, 300, 1000]) {
        const asked = await history.series({ names: ['cpu'], from: at(-seconds), to: at(0), max_points });
        expect(asked.points).toBeLessThanOrEqual(max_points);
        expect(asked.lines[0]?.values).toHaveLength(asked.points);
        expect(asked.resolution_seconds).toBeLessThanOrEqual(asked.step_seconds);
      }
    }
  });

  it('of so long up to now are of the clock of the engine, which is told', async () => {
    const { history, step } = life();
    await step();
    const ask = async (range: { from?: string; to?: string; last_seconds?: number }) =>
      await history.series({ names: ['cpu'], max_points: 10, ...range });
    expect(await ask({ last_seconds: 60 })).toMatchObject({ from: at(-50), to: at(10), at: at(10) });
    await expect(ask({})).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(ask({ from: at(-50), last_seconds: 60 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    await expect(ask({ to: at(5), last_seconds: 60 })).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('of the last day are made from samples, though the question took its time', async () => {
    const { history } = life();
    const ask = async (seconds: number) =>
      await history.series({ names: ['cpu'], from: at(-seconds), max_points: 1000 });
    expect(await ask(86_405)).toMatchObject({ step_seconds: 120, resolution_seconds: 10 });
    expect(await ask(86_400 + 600)).toMatchObject({ step_seconds: 300, resolution_seconds: 300 });
  });

  it('say what was measured last', async () => {
    const { metrics, recorder, step, history } = life();
    expect(history.current()).toMatchObject({ at: null, seconds: null });
    await step(() => {
      recorder.called('search.query', 'success', 0.5);
      metrics.setState('archon_breaker_state', 'state', { service: 'redis', state: 'open' });
    });
    const { at: taken, seconds, lines } = history.current();
    expect([taken, seconds]).toEqual([at(10), 10]);
    const value = (series: string, line: string) =>
      lines.find((each) => each.series === series && each.line === line)?.value;
    expect(value('api_requests', 'success')).toBe(6);
    expect(value('breaker_state', 'redis')).toBe(2);
    expect(value('breaker_state', 'smtp')).toBeNull();
  });
});

describe('the file', () => {
  const rows = (db: Database) => ({
    samples: db.prepare<[], number>('SELECT count(*) FROM metric_samples').pluck().get() ?? 0,
    rollups: db.prepare<[], number>('SELECT count(*) FROM metric_rollups').pluck().get() ?? 0,
  });
  const bytesOf = (db: Database) => Number(db.pragma('page_count', { simple: true })) * 4096;

  /** A sample in which everything happened. */
  function busy(): Span {
    const span = new Span();
    for (let bucket = 0; bucket < 40; bucket += 1) {
      for (const name of ['api', 'context']) span.addBucket(name, bucket, 3);
    }
    return span;
  }

  it('does not grow in 30 days of samples, nor after: a day of fine ones, 30 days of coarse ones', {
    timeout: 180_000,
  }, () => {
    const { db } = life();
    const store = new SampleStore(db);
    const begin = Date.parse(START) / 1000;
    const span = busy();
    // A whole day of every sample, then one of each 5 minutes for 33 days: each bound is passed.
    let now = begin;
    for (let i = 0; i < 8640; i += 1, now += 10) store.add(now, span);
    expect(rows(db)).toEqual({ samples: 8640, rollups: 288 });
    const sizes: number[] = [];
    for (let day = 0; day < 33; day += 1) {
      for (let i = 0; i < 288; i += 1, now += 300) store.add(now, span);
      sizes.push(bytesOf(db));
      const { samples, rollups } = rows(db);
      expect(samples).toBeLessThanOrEqual(8640 + 30);
      expect(rollups).toBeLessThanOrEqual(30 * 288 + 1);
    }
    expect(rows(db).rollups).toBeGreaterThan(30 * 288 - 2);
    expect(Math.max(...sizes)).toBeLessThan(32 * 1024 ** 2);
    // Full since the 30th day.
    expect(sizes.at(-1)).toBe(sizes[31]);
  });

  it('that is full makes a gap and a count, is told of once, and is written again by itself', async () => {
    const { db, metrics, step, history, logged } = life();
    await step();
    const pages = Number(db.pragma('page_count', { simple: true }));
    db.pragma(`max_page_count = ${pages}`);
    // What is free in the last pages is used up at some time.
    const fill = db.prepare("INSERT INTO settings VALUES (hex(randomblob(8)), hex(randomblob(1500)), '')");
    expect(() => {
      for (let i = 0; i < 1000; i += 1) fill.run();
    }).toThrow(/full/);
    for (let i = 0; i < 30; i += 1) await step();
    const failures = (await metrics.read('archon_metric_history_failures_total'))[0]?.value ?? 0;
    expect(failures).toBeGreaterThan(0);
    expect(logged.filter((line) => line.includes('cannot be kept'))).toHaveLength(1);
    db.pragma(`max_page_count = ${pages + 10_000}`);
    await step();
    const { lines } = await history.series({ names: ['api_requests'], from: at(0), to: at(320), max_points: 100 });
    const success = valuesOf(lines).success ?? [];
    expect(success.at(-1)).toBe(0);
    expect(success.filter((value) => value === null)).toHaveLength(failures);
    expect(logged.some((line) => line.includes('kept again'))).toBe(true);
  });

  it('that another program keeps locked holds nothing up', async () => {
    const { step, metrics, logged } = life();
    await step();
    const other = new BetterSqlite3(file);
    other.exec('BEGIN IMMEDIATE');
    await step();
    await step();
    expect(await metrics.read('archon_metric_history_failures_total')).toEqual([{ labels: {}, value: 2 }]);
    expect(logged.filter((line) => line.includes('cannot be kept'))).toHaveLength(1);
    other.exec('ROLLBACK');
    other.close();
    await step();
    expect(await metrics.read('archon_metric_history_failures_total')).toEqual([{ labels: {}, value: 2 }]);
  });

  it('goes on after the clock was wrong, in either direction', async () => {
    const { step, history, db, recorder } = life();
    for (let i = 0; i < 31; i += 1) await step();
    const jump = (days: number) => {
      clock.advance({ days });
      unseen_ms += days * 86_400_000;
    };
    jump(400);
    await step();
    jump(-400);
    for (let i = 0; i < 60; i += 1) await step(() => recorder.called('search.query', 'success', 0.1));
    const asked = await history.series({ names: ['api_requests'], from: at(310), to: at(920), max_points: 100 });
    expect(valuesOf(asked.lines).success?.slice(1, 60)).toEqual(Array(59).fill(6));
    // Rows that are ahead of the clock are gone.
    expect(
      db
        .prepare('SELECT count(*) FROM metric_samples WHERE at > ?')
        .pluck()
        .get(clock.now() / 1000),
    ).toBe(0);
    const rolled = await history.series({ names: ['api_requests'], from: at(0), to: at(3000), max_points: 10 });
    expect(valuesOf(rolled.lines).success?.[2]).toBeGreaterThan(0);
  });
});
