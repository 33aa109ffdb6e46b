/** What was seen in a round, arranged so that many rules can be asked about it. */
import {
  OPS_SIGNALS,
  type OpsLabels,
  type OpsMonitor,
  type OpsObservation,
  type OpsSignalName,
} from '../../../src-contract/index.ts';

/** Of each set of labels one text, whatever their order. */
export function labelsKey(labels: OpsLabels): string {
  const names = Object.keys(labels);
  if (names.length > 1) names.sort();
  return JSON.stringify(names.flatMap((name) => [name, labels[name]]));
}

/** Observations as they were recorded, or as they were made. */
type Told = Omit<OpsObservation, 'detail'> & { detail?: string | null };

/** One series of a signal, as it was seen. */
export class Series {
  readonly labels: OpsLabels;
  readonly value: number;
  readonly detail: string | null;
  #key: string | undefined;

  constructor({ labels, value, detail = null }: Told) {
    this.labels = labels;
    this.value = value;
    this.detail = detail;
  }

  /** Most are never asked for it. */
  get key(): string {
    this.#key ??= labelsKey(this.labels);
    return this.#key;
  }
}

const NONE: readonly Series[] = [];

export class Seen {
  readonly #series = new Map<OpsSignalName, Series[]>();
  readonly #byKey = new Map<OpsSignalName, Map<string, Series>>();
  readonly #byShared = new Map<string, Map<string, Series[]>>();
  readonly #failed: ReadonlySet<OpsMonitor>;
  /** `monitor node` of those that failed at another node. */
  readonly #failedAt = new Set<string>();

  constructor(observations: readonly Told[], failed: readonly OpsMonitor[]) {
    this.#failed = new Set(failed);
    for (const told of observations) this.#add(told);
  }

  #add(told: Told): void {
    if (!Number.isFinite(told.value)) return;
    const known = this.#series.get(told.signal);
    if (known) known.push(new Series(told));
    else this.#series.set(told.signal, [new Series(told)]);
    if (told.signal !== 'monitor_failed' || told.value < 1) return;
    this.#failedAt.add(`${told.labels.monitor} ${told.labels.node}`);
  }

  of(signal: OpsSignalName): readonly Series[] {
    return this.#series.get(signal) ?? NONE;
  }

  /** The series with exactly these labels. */
  find(signal: OpsSignalName, key: string): Series | undefined {
    let byKey = this.#byKey.get(signal);
    if (!byKey) {
      byKey = new Map(this.of(signal).map((series) => [series.key, series]));
      this.#byKey.set(signal, byKey);
    }
    return byKey.get(key);
  }

  /** Series whose labels say nothing else than these, as far as both have them. */
  agreeing(signal: OpsSignalName, labels: OpsLabels): readonly Series[] {
    const shared = OPS_SIGNALS[signal].labels.filter((name) => labels[name] !== undefined);
    if (shared.length === 0) return this.of(signal);
    const place = `${signal} ${shared.join(' ')}`;
    let groups = this.#byShared.get(place);
    if (!groups) {
      groups = Map.groupBy(this.of(signal), (series) => valuesOf(series.labels, shared));
      this.#byShared.set(place, groups);
    }
    return groups.get(valuesOf(labels, shared)) ?? NONE;
  }

  /** Whether nothing is known of a series that is not there: its monitor told nothing, here or where it was seen. */
  isBlind(signal: OpsSignalName, labels: OpsLabels): boolean {
    // Whoever asks the monitors tells which of them failed, and that cannot fail.
    if (signal === 'monitor_failed') return false;
    const { monitor } = OPS_SIGNALS[signal];
    return this.#failed.has(monitor) || this.#failedAt.has(`${monitor} ${labels.node}`);
  }
}

const valuesOf = (labels: OpsLabels, names: readonly string[]): string =>
  JSON.stringify(names.map((name) => labels[name] ?? null));
