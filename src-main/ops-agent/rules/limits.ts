/** Limits of conditions: a number, or what a setting says, in the unit of the signal. */
import { OPS_SIGNALS, type OpsCondition, type OpsSignalName, type OpsUnit } from '../../../src-contract/index.ts';
import type { Config } from '../../settings/config-schema.ts';

type LimitSetting = Extract<OpsCondition['limit'], { kind: 'setting' }>['key'];

/** What one of a setting is in each unit that it can be told in. */
const FACTORS: Record<LimitSetting, Partial<Record<OpsUnit, number>>> = {
  'alerts.dead_letters_above': { count: 1 },
  'alerts.dead_letters_critical_above': { count: 1 },
  'alerts.breaker_open_minutes': { seconds: 60, ms: 60_000 },
  'alerts.worker_crashes_above': { per_hour: 1, count: 1 },
  'alerts.latency_p95_ms': { ms: 1, seconds: 0.001 },
  'alerts.disk_percent': { percent: 1 },
  'alerts.memory_percent': { percent: 1 },
  'backup.interval_hours': { seconds: 3600, ms: 3_600_000 },
};

/** Undefined where the setting says nothing in the unit of the signal. */
export const factorOf = (key: LimitSetting, signal: OpsSignalName): number | undefined =>
  FACTORS[key][OPS_SIGNALS[signal].unit];

/** NaN, with which nothing holds, where the setting says nothing in the unit of the signal. */
export function limitOf({ signal, limit }: Pick<OpsCondition, 'signal' | 'limit'>, config: Readonly<Config>): number {
  if (limit.kind === 'number') return limit.value;
  return config[limit.key] * (factorOf(limit.key, signal) ?? Number.NaN);
}
