/** The settings of circuit breakers, three to a service. Pure. */

import type { Setting } from '../../../../../src-contract/index.ts';
import { RESILIENT_SERVICES, type ResilientService } from '../../../../../src-contract/resilience.ts';

export interface BreakerRow {
  service: ResilientService;
  enabled: Setting;
  threshold: Setting;
  reset_seconds: Setting;
}

/** Rows of the services all of whose settings are given, and what is left. */
export function breakerRows(settings: readonly Setting[]): { rows: BreakerRow[]; rest: Setting[] } {
  const byKey = new Map(settings.map((setting) => [setting.key, setting]));
  const rows = RESILIENT_SERVICES.flatMap((service): BreakerRow[] => {
    const enabled = byKey.get(`resilience.${service}.enabled`);
    const threshold = byKey.get(`resilience.${service}.threshold`);
    const reset_seconds = byKey.get(`resilience.${service}.reset_seconds`);
    return enabled && threshold && reset_seconds ? [{ service, enabled, threshold, reset_seconds }] : [];
  });
  const inRows = new Set(rows.flatMap((row) => [row.enabled.key, row.threshold.key, row.reset_seconds.key]));
  return { rows, rest: settings.filter(({ key }) => !inRows.has(key)) };
}
