/** What it costs to measure: on a read of a memory, for a scrape of every series there can be, and for a sample. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import pino from 'pino';
import { METRIC_SERIES_NAMES } from '../src-contract/index.ts';
import { type ApiContext, router } from '../src-main/api/router.ts';
import { sqliteMigrationsFolder } from '../src-main/app-files.ts';
import { Engine } from '../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../src-main/identity/scope.ts';
import { MetricHistory } from '../src-main/observability/history/metric-history.ts';
import { SampleStore } from '../src-main/observability/history/sample-store.ts';
import { Sampler } from '../src-main/observability/history/sampler.ts';
import { METRICS, type MetricDefinition, OTHER } from '../src-main/observability/metrics/metric-definitions.ts';
import { Metrics } from '../src-main/observability/metrics/metrics.ts';
import { Recorder } from '../src-main/observability/recorder.ts';
import { defaultConfig } from '../src-main/settings/config-schema.ts';
import { openSqliteFile } from '../src-main/storage/sqlite-file.ts';
import { TestClock } from '../tests/support/test-clock.ts';
import { measure, measureAgainst, type Row } from './measure.ts';

const DAY_OF_SAMPLES = 8640;
const SAMPLE_MS = 10_000;

export async function benchMetrics(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'archon-bench-'));
  try {
    return [await benchRead(join(folder, 'data')), ...(await benchScrape()), ...(await benchHistory(folder))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The same route on the same engine; the floor is not counted. */
async function benchRead(data_dir: string): Promise<Row> {
  const logger = pino({ level: 'silent' });
  const engine = new Engine({ config: defaultConfig(data_dir), logger });
  await engine.start();
  try {
    const { services } = engine;
    const scope = { org_id: LOCAL_ORG_ID, actor: 'bench' };
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const clientOn = (context: Pick<ApiContext, 'services'>) =>
      createRouterClient(router, { context: { ...context, scope, logger, host, local: true, interactive: true } });
    const counted = clientOn({ services });
    const silent = { ...services.metrics, recorder: { called: () => {} } };
    const uncounted = clientOn({ services: { ...services, metrics: silent } });
    const { id } = await counted.longterm.create({ user_id: 'mira', memory_type: 'fact', content: { text: 'apples' } });
    const result = await measureAgainst(
      400,
      () => counted.longterm.get({ id }),
      () => uncounted.longterm.get({ id }),
    );
    return {
      measure: 'read a memory, measured (floor: not measured)',
      store: 'embedded',
      p50: result.work.p50_ms,
      p95: result.work.p95_ms,
      floor_p50: result.floor.p50_ms,
      ratio: result.ratio,
      unit: 'ms',
    };
  } finally {
    await engine.stop();
  }
}

const SCRAPES = 30;

async function benchScrape(): Promise<Row[]> {
  const metrics = everySeries();
  const what = '/metrics with every series there can be';
  const { p50_ms, p95_ms } = await measure(SCRAPES, () => metrics.text());
  const before = process.cpuUsage();
  for (let scrape = 0; scrape < SCRAPES; scrape += 1) await metrics.text();
  const { user, system } = process.cpuUsage(before);
  return [
    { measure: what, store: '', p50: p50_ms, p95: p95_ms, unit: 'ms' },
    { measure: `${what}, processor time`, store: '', p50: (user + system) / 1000 / SCRAPES, unit: 'ms' },
  ];
}

/** A day of samples on the disk: processor time of taking one, and time to draw all charts of the day. */
async function benchHistory(folder: string): Promise<Row[]> {
  const db = openSqliteFile(join(folder, 'history.db'), sqliteMigrationsFolder);
  try {
    const clock = new TestClock();
    const metrics = everySeries();
    const recorder = new Recorder(metrics);
    const store = new SampleStore(db);
    const collectors = { refresh: async () => {}, states: () => [] };
    const logger = pino({ level: 'silent' });
    const sampler = new Sampler({ metrics, collectors, recorder, store, clock, logger });
    const before = process.cpuUsage();
    for (let i = 0; i < DAY_OF_SAMPLES; i += 1) {
      for (let call = 0; call < 20; call += 1) recorder.called('search.query', 'success', 0.001 * (call + 1));
      clock.advance({ ms: SAMPLE_MS });
      await sampler.sample();
    }
    const { user, system } = process.cpuUsage(before);
    const share = (user + system) / 1000 / (DAY_OF_SAMPLES * SAMPLE_MS);
    const history = new MetricHistory({ store, sampler, collectors, clock });
    const from = new Date(clock.now() - 86_400_000 + SAMPLE_MS).toISOString();
    const names = [...METRIC_SERIES_NAMES];
    const drawn = await measure(5, () => history.series({ names, from, max_points: 300 }));
    return [
      { measure: 'processor time of samples', store: 'SQLite', p50: share, unit: 'ratio' },
      { measure: 'all charts of a day', store: 'SQLite', p50: drawn.p50_ms, p95: drawn.p95_ms, unit: 'ms' },
    ];
  } finally {
    db.close();
  }
}

function everySeries(): Metrics {
  const metrics = new Metrics('0.0.0');
  const fill: Record<MetricDefinition['type'], (name: never, labels: never, value: number) => void> = {
    counter: (name, labels, value) => metrics.count(name, labels, value),
    gauge: (name, labels, value) => metrics.set(name, labels, value),
    histogram: (name, labels, value) => metrics.observe(name, labels, value),
  };
  for (const [name, { type, labels }] of Object.entries<MetricDefinition>(METRICS)) {
    for (const values of combinations(Object.entries(labels))) fill[type](name as never, values as never, 0.0123);
  }
  return metrics;
}

function combinations(labels: readonly [string, readonly string[]][]): Record<string, string>[] {
  const [first, ...rest] = labels;
  if (first === undefined) return [{}];
  const [label, values] = first;
  return [...values, OTHER].flatMap((value) => combinations(rest).map((others) => ({ [label]: value, ...others })));
}
