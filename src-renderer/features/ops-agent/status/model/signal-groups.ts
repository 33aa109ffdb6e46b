/** What the agent observed, by monitor, and what of it somebody looks for. Pure. */
import type { OpsMonitor, OpsObservation } from '../../../../../src-contract/index.ts';
import { OPS_MONITORS, OPS_SIGNALS } from '../../../../../src-contract/ops-signals.ts';
import { labelWords } from '../../words/labels.ts';
import { signalValue } from '../../words/signal-value.ts';

export interface SignalGroup {
  monitor: OpsMonitor;
  observations: readonly OpsObservation[];
}

/** In the order of the monitors; those of one by their titles, then by labels. Groups without any are left out. */
export function signalGroups(observations: readonly OpsObservation[], find: string): SignalGroup[] {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const found = observations.filter((one) => {
    const text = textOf(one);
    return words.every((word) => text.includes(word));
  });
  return OPS_MONITORS.map((monitor) => ({
    monitor,
    observations: found.filter(({ signal }) => OPS_SIGNALS[signal].monitor === monitor).toSorted(byName),
  })).filter((group) => group.observations.length > 0);
}

function textOf({ signal, labels, value, detail }: OpsObservation): string {
  const { title, monitor } = OPS_SIGNALS[signal];
  return [signal, title, monitor, labelWords(labels), signalValue(signal, value), detail ?? ''].join(' ').toLowerCase();
}

const byName = (one: OpsObservation, other: OpsObservation): number =>
  OPS_SIGNALS[one.signal].title.localeCompare(OPS_SIGNALS[other.signal].title, 'en') ||
  labelWords(one.labels).localeCompare(labelWords(other.labels), 'en', { numeric: true });
