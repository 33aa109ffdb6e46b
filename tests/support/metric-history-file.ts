/** A history of figures on the disk, as an engine that ran would have left it: written by the engine's own writer. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import { BREAKER_STATES, type BreakerTransition } from '../../src-contract/index.ts';
import { sqliteMigrationsFolder } from '../../src-main/app-files.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { bucketOf } from '../../src-main/observability/history/latency-histogram.ts';
import { COUNTERS, GAUGES } from '../../src-main/observability/history/sample-columns.ts';
import { SAMPLE_SECONDS, SampleStore } from '../../src-main/observability/history/sample-store.ts';
import { Span } from '../../src-main/observability/history/span.ts';
import { LocalStore } from '../../src-main/resilience/local-store.ts';
import { HistoryStore } from '../../src-main/storage/history-store.ts';
import { randomNumbers } from './random-numbers.ts';

/** Seconds since the epoch, at the begin of a sample. */
export const sampleBegin = (seconds: number): number => Math.floor(seconds / SAMPLE_SECONDS) * SAMPLE_SECONDS;

export interface HistoryShape {
  from: number;
  to: number;
  /** No samples: the engine did not run. */
  gaps?: readonly { from: number; to: number }[];
  transitions?: readonly Pick<BreakerTransition, 'breaker' | 'service' | 'from' | 'to' | 'at' | 'error'>[];
}

/** Samples from one run of a worker to the next. */
const EVERY_RUN = 18;

/** Every line of every chart has values in it. @param data_dir of an engine that does not run */
export function writeMetricHistory(data_dir: string, { from, to, gaps = [], transitions = [] }: HistoryShape): void {
  mkdirSync(data_dir, { recursive: true });
  const history = new HistoryStore(join(data_dir, 'history.db'), sqliteMigrationsFolder);
  try {
    history.db.pragma('synchronous = OFF');
    const store = new SampleStore(history.db);
    const random = randomNumbers(7);
    for (let at = sampleBegin(from); at < to; at += SAMPLE_SECONDS) {
      if (!gaps.some((gap) => at >= gap.from && at < gap.to)) store.add(at, spanAt(at, from, random, transitions));
    }
    const local = new LocalStore(history);
    for (const given of transitions) {
      const change = { id: uuidv7(), failures: 5, reason: null, by: null, ...given };
      const { id, breaker, at } = change;
      const payload = { breaker, from: change.from, to: change.to, reason: null, since: at, failures: 5, error: null };
      local.addTransition(
        { ...change, org_id: LOCAL_ORG_ID },
        {
          source_id: `breaker/${id}`,
          org_id: LOCAL_ORG_ID,
          actor: 'archon',
          at,
          event: { type: 'system.breaker.changed', user_id: null, payload },
        },
      );
    }
  } finally {
    history.close();
  }
}

/** A sample like that of an engine with something to do: waves, with noise on them. */
function spanAt(at: number, from: number, random: () => number, transitions: HistoryShape['transitions'] = []): Span {
  const seconds = at - from;
  const span = new Span();
  span.covered_seconds = SAMPLE_SECONDS;
  COUNTERS.forEach((name, i) => {
    // A worker runs every few minutes: its times stand alone.
    if (name.startsWith('worker.') && (at / SAMPLE_SECONDS) % EVERY_RUN !== 0) return;
    span.addCounter(name, Math.round((2 + Math.sin(seconds / 900 + i) + random()) * 10) / 10);
  });
  GAUGES.forEach((name, i) => {
    const value = name.startsWith('breaker.')
      ? stateAt(name.slice('breaker.'.length), at, transitions)
      : sizeOf(name) * (2 + Math.sin(seconds / 1800 + i) + random() / 4);
    span.addGauge(name, { last: value, min: value, max: value });
  });
  for (let call = 0; call < 20; call += 1) {
    span.addBucket('api', bucketOf(0.002 + random() ** 4 * 0.3), 1);
    span.addBucket('context', bucketOf(0.02 + random() ** 4), 1);
  }
  return span;
}

/** Of a breaker at the end of a sample. */
function stateAt(service: string, at: number, transitions: NonNullable<HistoryShape['transitions']>): number {
  const last = transitions.findLast(
    (one) => one.service === service && Date.parse(one.at) / 1000 < at + SAMPLE_SECONDS,
  );
  return Math.max(0, BREAKER_STATES.indexOf(last?.to ?? 'closed'));
}

function sizeOf(gauge: string): number {
  if (['resident', 'heap'].includes(gauge)) return 1e8;
  if (gauge === 'disk_free') return 1e10;
  if (gauge.startsWith('lag.')) return 0.01;
  return 5;
}
