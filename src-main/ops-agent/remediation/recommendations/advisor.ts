/** What finds recommendations of a kind: one file each beside this, all of them in `advisors.ts`. */
import type { OpsFact, OpsRecommendation, OpsSignalName } from '../../../../src-contract/index.ts';
import type { Clock } from '../../../clock.ts';
import type { Scope } from '../../../identity/scope.ts';
import type { SettingsReader } from '../../../settings/live-settings.ts';
import type { OpsSources } from '../../deps.ts';
import type { DatabaseInsight } from '../../monitors/database-insight.ts';
import type { RoundLog } from '../../records/round-log.ts';

/** What is recommended. The id stays the same as long as it is the same thing. */
export type Found = Pick<OpsRecommendation, 'id' | 'title' | 'detail' | 'impact' | 'evidence' | 'statement' | 'apply'>;

export interface Advised {
  scope: Scope;
  sources: OpsSources;
  settings: SettingsReader;
  clock: Clock;
  rounds: RoundLog;
  node: string;
  /** What the database says of itself; asked once for all. */
  insight(): Promise<DatabaseInsight>;
}

export interface Advisor {
  name: string;
  /** `operator`: of what all organisations share, and so for whoever runs the whole. */
  of: 'operator' | 'organisation';
  look(about: Advised): Promise<Found[]> | Found[];
}

export const facts = (values: Record<string, string | number>): OpsFact[] =>
  Object.entries(values).map(([label, value]) => ({ label, value: String(value) }));

export const percent = (value: number): string => `${Math.round(value * 10) / 10} %`;

/** As the counts of PostgreSQL are of some time. */
export const sinceOf = ({ statistics_since }: DatabaseInsight): string =>
  statistics_since ?? 'the database was made, or last crashed';

/** Of what is told; what the login may not see gives no advice. */
export const told = <T>(answer: { told: true; items: readonly T[] } | { told: false; reason: string }): readonly T[] =>
  answer.told ? answer.items : [];

export interface Sample {
  at_ms: number;
  labels: Readonly<Record<string, string>>;
  value: number;
}

/** Values of a signal, from one round of each step of a time: rounds of days would be too many to look at. */
export function samples(
  { rounds, scope, clock }: Pick<Advised, 'rounds' | 'scope' | 'clock'>,
  signal: OpsSignalName,
  { hours, step_minutes }: { hours: number; step_minutes: number },
): Sample[] {
  const to_ms = clock.now();
  const step_ms = step_minutes * 60_000;
  const found: Sample[] = [];
  for (let from_ms = to_ms - hours * 3_600_000; from_ms < to_ms; from_ms += step_ms) {
    const [round] = rounds.read(scope.org_id, { from_ms, to_ms: from_ms + step_ms, limit: 1 });
    for (const one of round?.observations ?? []) {
      if (one.signal === signal && round) found.push({ at_ms: round.at_ms, labels: one.labels, value: one.value });
    }
  }
  return found;
}

/** By one of their labels. */
export function byLabel(all: readonly Sample[], label: string): Map<string, Sample[]> {
  const groups = new Map<string, Sample[]>();
  for (const sample of all) {
    const value = sample.labels[label] ?? '';
    groups.set(value, [...(groups.get(value) ?? []), sample]);
  }
  return groups;
}
