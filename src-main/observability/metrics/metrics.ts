/** The instruments of one engine, made from the definitions, on a registry of its own. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  type LabelsOf,
  METRICS,
  type MetricDefinition,
  type MetricName,
  type MetricOfType,
  OTHER,
} from './metric-definitions.ts';

type Labels = Readonly<Record<string, string>>;

/** A series as it is now. */
export interface Reading {
  labels: Labels;
  value: number;
}

export class Metrics {
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  /** Values that a label may have, by metric and label. */
  readonly #values = new Map<string, Map<string, ReadonlySet<string>>>();
  readonly #beforeReading: (() => void)[] = [];

  /** @param version of the app, the only label whose value is not known before */
  constructor(version: string) {
    for (const [name, definition] of Object.entries<MetricDefinition>(METRICS)) this.#add(name, definition);
    this.#values.get('archon_build_info')?.set('version', new Set([version]));
    this.set('archon_build_info', { version }, 1);
  }

  count<N extends MetricOfType<'counter'>>(name: N, labels: LabelsOf<N>, by = 1): void {
    this.#counters.get(name)?.inc(this.#known(name, labels), by);
  }

  observe<N extends MetricOfType<'histogram'>>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#histograms.get(name)?.observe(this.#known(name, labels), value);
  }

  set<N extends MetricOfType<'gauge'>>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#gauges.get(name)?.set(this.#known(name, labels), value);
  }

  /** Sets the gauge of one of the values of a label to 1, of the others to 0. */
  setState<N extends MetricOfType<'gauge'>>(name: N, label: keyof LabelsOf<N> & string, labels: LabelsOf<N>): void {
    const definition: MetricDefinition = METRICS[name];
    for (const value of definition.labels[label] ?? []) {
      this.set(name, { ...labels, [label]: value }, value === labels[label] ? 1 : 0);
    }
  }

  /** Takes every series of a gauge out, so that nothing old is taken for new. */
  forget(name: MetricOfType<'gauge'>): void {
    const gauge = this.#gauges.get(name);
    if (gauge === undefined) return;
    gauge.reset();
    // A gauge without labels is 0 after a reset, which would be a figure.
    if (Object.keys(METRICS[name].labels).length === 0) gauge.remove();
  }

  /** Calls the listener before anything is read, so that it counts what it has put off. */
  beforeReading(count: () => void): void {
    this.#beforeReading.push(count);
  }

  /** Every series of a counter or gauge. */
  async read(name: MetricOfType<'counter' | 'gauge'>): Promise<Reading[]> {
    for (const count of this.#beforeReading) count();
    const metric = this.#counters.get(name) ?? this.#gauges.get(name);
    if (metric === undefined) return [];
    const { values } = await metric.get();
    return values.map(({ labels, value }) => ({ labels: labels as Labels, value }));
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The exposition format of Prometheus. */
  async text(): Promise<string> {
    for (const count of this.#beforeReading) count();
    return await this.#registry.metrics();
  }

  #add(name: string, { type, help, labels, buckets }: MetricDefinition): void {
    const common = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
    const values = Object.entries(labels).map(([label, known]): [string, ReadonlySet<string>] => [
      label,
      new Set(known),
    ]);
    this.#values.set(name, new Map(values));
    switch (type) {
      case 'counter': {
        const counter = new Counter(common);
        // A series that is born at 1 has no increase: whoever alerts on one would miss the first.
        for (const one of combinations(Object.entries(labels))) counter.inc(one, 0);
        this.#counters.set(name, counter);
        return;
      }
      case 'gauge': {
        const gauge = new Gauge(common);
        // One that nothing was read for is not 0.
        if (common.labelNames.length === 0) gauge.remove();
        this.#gauges.set(name, gauge);
        return;
      }
      case 'histogram':
        this.#histograms.set(name, new Histogram({ ...common, ...(buckets ? { buckets: [...buckets] } : {}) }));
        return;
    }
  }

  #known(name: MetricName, labels: Labels): Record<string, string> {
    const known = this.#values.get(name);
    const safe: Record<string, string> = {};
    for (const label in labels) {
      const value = labels[label] ?? OTHER;
      safe[label] = known?.get(label)?.has(value) ? value : OTHER;
    }
    return safe;
  }
}

/** Every set of values that labels may have. */
function combinations(labels: readonly [string, readonly string[]][]): Record<string, string>[] {
  const [first, ...rest] = labels;
  if (first === undefined) return [{}];
  const [label, values] = first;
  return values.flatMap((value) => combinations(rest).map((others) => ({ [label]: value, ...others })));
}
