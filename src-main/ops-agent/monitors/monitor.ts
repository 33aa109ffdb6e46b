/** What a monitor is: adding one is one file here and one line in `monitors.ts`. */
import type { OpsMonitor, OpsObservation, OpsSignalName } from '../../../src-contract/index.ts';
import type { Scope } from '../../identity/scope.ts';

/** One question of a monitor. Each fails and is late for itself: what the others found is told all the same. */
export interface Look {
  /** Everything it may tell of: when it fails, nothing is known of these. */
  signals: readonly OpsSignalName[];
  /** It is asked for each organisation; another than the operator's only when what it tells is of organisations. */
  ask(scope: Scope): Promise<OpsObservation[]> | OpsObservation[];
}

export interface Monitor {
  readonly monitor: OpsMonitor;
  readonly title: string;
  /** How long it may take. */
  readonly timeout_ms: number;
  readonly looks: readonly Look[];
}

/** An observation, with nothing said besides unless something is. */
export function observed(
  signal: OpsSignalName,
  value: number,
  labels: Record<string, string> = {},
  detail: string | null = null,
): OpsObservation {
  return { signal, labels, value, detail };
}
