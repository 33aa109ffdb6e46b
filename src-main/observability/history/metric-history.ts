/** What charts ask for: lines over a range of time, all with the same steps. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import {
  type CurrentMetrics,
  type MetricHistory as History,
  METRIC_DAYS,
  METRIC_SERIES,
  METRIC_SERIES_NAMES,
  type MetricSeriesName,
  type ParsedInputs,
} from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { invalidField } from '../../errors.ts';
import type { Collectors } from '../metrics/collectors.ts';
import { type MetricPeriod, periodOf } from './period.ts';
import { type LineValue, linesOf } from './sample-columns.ts';
import { ROLLUP_SECONDS, SAMPLE_SECONDS, SAMPLES_KEPT, type SampleStore } from './sample-store.ts';
import type { Sampler } from './sampler.ts';
import { Span } from './span.ts';

/** Steps that people read well, in seconds. */
const STEPS = [10, 20, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400] as const;
/** A range may be a little longer than what is kept: the time to ask takes time too. */
const LONGEST_SECONDS = (METRIC_DAYS + 1) * 86_400;
/** The same of samples: the day before now, asked for by somebody whose clock is a little late, is still a day of them. */
const LATE_SECONDS = 60;
/** Rows read before everybody else gets a turn. */
const PAGE = 500;

/** Periods that begin since then are read from the samples. */
const FINE_SECONDS = 3600;

interface Range {
  from: number;
  to: number;
  step: number;
}

export class MetricHistory {
  readonly #store: SampleStore;
  readonly #sampler: Pick<Sampler, 'latest'>;
  readonly #collectors: Pick<Collectors, 'states'>;
  readonly #clock: Clock;

  constructor(deps: {
    store: SampleStore;
    sampler: Pick<Sampler, 'latest'>;
    collectors: Pick<Collectors, 'states'>;
    clock: Clock;
  }) {
    this.#store = deps.store;
    this.#sampler = deps.sampler;
    this.#collectors = deps.collectors;
    this.#clock = deps.clock;
  }

  /** Every figure as it was last measured. */
  current(): CurrentMetrics {
    const { latest } = this.#sampler;
    const lines = METRIC_SERIES_NAMES.flatMap((series) => {
      const { unit, lines: names } = METRIC_SERIES[series];
      const values = latest === undefined ? [] : linesOf(series, latest.span);
      return names.map((line, i) => ({ series, line, unit, value: values[i]?.value ?? null }));
    });
    return {
      at: latest === undefined ? null : isoTime(latest.at_ms),
      seconds: latest === undefined ? null : latest.span.covered_seconds,
      lines,
      collectors: this.#collectors.states(),
    };
  }

  /** @throws ArchonError VALIDATION_FAILED for a range that cannot be; SqliteFileError */
  async series(input: ParsedInputs['metrics']['series']): Promise<History> {
    const now = this.#clock.now() / 1000;
    const range = rangeOf(input, now);
    const isFine = range.step < ROLLUP_SECONDS;
    const spans = isFine ? await this.#fromSamples(range) : await this.#fromRollups(range);
    const points = Math.round((range.to - range.from) / range.step);
    return {
      at: isoTime(now * 1000),
      from: isoTime(range.from * 1000),
      to: isoTime(range.to * 1000),
      step_seconds: range.step,
      points,
      resolution_seconds: isFine ? SAMPLE_SECONDS : ROLLUP_SECONDS,
      lines: [...new Set(input.names)].flatMap((name) => drawn(name, spans, points)),
    };
  }

  /**
   * All of a period as one. Of the last hour, to ten seconds; of more, from what is kept of every 5 minutes that begin in
   * it, and of the last ones, from the samples.
   *
   * @throws SqliteFileError
   */
  async period({ from_ms, to_ms }: { from_ms: number; to_ms: number }): Promise<MetricPeriod> {
    // One step is the whole of it.
    const range = { from: from_ms / 1000, to: to_ms / 1000, step: Number.POSITIVE_INFINITY };
    const isFine = range.from >= this.#clock.now() / 1000 - FINE_SECONDS;
    const spans = isFine ? await this.#fromSamples(range) : await this.#fromRollups(range);
    return periodOf(spans.get(0) ?? new Span());
  }

  async #fromSamples(range: Range): Promise<Map<number, Span>> {
    const spans = new Map<number, Span>();
    await this.#gather(spans, range, 'samples', range.from);
    return spans;
  }

  /** What was not put together yet is taken from the samples. */
  async #fromRollups(range: Range): Promise<Map<number, Span>> {
    const spans = new Map<number, Span>();
    await this.#gather(spans, range, 'rollups', range.from);
    await this.#gather(spans, range, 'samples', Math.max(range.from, this.#store.rolledUntil()));
    return spans;
  }

  async #gather(spans: Map<number, Span>, { from, to, step }: Range, kind: 'samples' | 'rollups', begin: number) {
    for (let next = begin; ; await nextTurn()) {
      const rows = this.#store.read(kind, next, to, PAGE);
      for (const row of rows) {
        const step_number = Math.floor((row.at - from) / step);
        const span = spans.get(step_number) ?? new Span();
        this.#store.addTo(span, row);
        spans.set(step_number, span);
      }
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      next = last.at + 1;
    }
  }
}

/** The range asked for, grown to whole steps: few enough of them, and no finer than what is kept. */
function rangeOf({ from, to, last_seconds, max_points }: ParsedInputs['metrics']['series'], now: number): Range {
  if ((from === undefined) === (last_seconds === undefined)) {
    throw invalidField('from', 'must be given, or `last_seconds` in its place');
  }
  if (last_seconds !== undefined && to !== undefined) {
    throw invalidField('to', 'must be left out: `last_seconds` are up to now');
  }
  const begin = from === undefined ? now - (last_seconds ?? 0) : Date.parse(from) / 1000;
  const end = to === undefined ? now : Date.parse(to) / 1000;
  if (end <= begin) {
    throw invalidField('from', to === undefined ? 'must lie before now, or give a later `to`' : 'must lie before `to`');
  }
  if (end - begin > LONGEST_SECONDS) {
    throw invalidField('from', `must lie at most ${METRIC_DAYS} days before \`to\`: figures are kept no longer`);
  }
  const finest = begin < now - SAMPLES_KEPT - LATE_SECONDS ? ROLLUP_SECONDS : SAMPLE_SECONDS;
  const grown = STEPS.filter((step) => step >= finest).map((step) => ({
    from: Math.floor(begin / step) * step,
    to: Math.ceil(end / step) * step,
    step,
  }));
  const fitting = grown.find((range) => (range.to - range.from) / range.step <= max_points);
  // A day is coarse enough for the longest range and the fewest points but one: then it is doubled.
  return fitting ?? coarsest(begin, end, max_points);
}

function coarsest(begin: number, end: number, max_points: number): Range {
  for (let step = 172_800; ; step *= 2) {
    const range = { from: Math.floor(begin / step) * step, to: Math.ceil(end / step) * step, step };
    if ((range.to - range.from) / step <= max_points) return range;
  }
}

function drawn(series: MetricSeriesName, spans: ReadonlyMap<number, Span>, points: number): History['lines'] {
  const { unit, lines } = METRIC_SERIES[series];
  const steps: (LineValue[] | undefined)[] = Array.from({ length: points }, (_, i) => {
    const span = spans.get(i);
    return span === undefined ? undefined : linesOf(series, span);
  });
  return lines.map((line, i) => {
    const values = steps.map((step) => step?.[i]);
    const isRead = values.some((value) => value?.min !== undefined);
    return {
      series,
      line,
      unit,
      values: values.map((value) => value?.value ?? null),
      min: isRead ? values.map((value) => value?.min ?? null) : null,
      max: isRead ? values.map((value) => value?.max ?? null) : null,
    };
  });
}
