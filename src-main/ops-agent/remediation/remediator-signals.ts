/** Which signals a remediator can help with: rules offer it for these, and it looks at them to know whether it did. */
import type { OpsRemediatorName, OpsSignalName } from '../../../src-contract/index.ts';

export const REMEDIATOR_SIGNALS: Readonly<Record<OpsRemediatorName, readonly OpsSignalName[]>> = {
  'circuit-breaker-reset': ['breaker_open_seconds', 'component_status'],
  'worker-restart': ['worker_crashes_per_hour', 'worker_failures_in_a_row', 'worker_overdue_seconds'],
  'cache-clear': ['api_latency_p95_ms', 'memory_percent', 'process_memory_bytes'],
  'event-replay': ['dead_letters', 'dead_letters_of_subscriber', 'dead_letters_age_seconds'],
  'cleanup-run': ['disk_percent', 'data_folder_bytes', 'database_bytes'],
  'reindex-advice': ['api_latency_p95_ms', 'sequential_scan_percent', 'table_bloat_percent'],
  'table-analyze': ['sequential_scan_percent', 'api_latency_p95_ms'],
  'backup-now': ['backup_age_seconds'],
};

/** Those that can help where a rule looks at these signals. */
export const remediatorsFor = (signals: readonly OpsSignalName[]): OpsRemediatorName[] =>
  (Object.keys(REMEDIATOR_SIGNALS) as OpsRemediatorName[]).filter((name) =>
    REMEDIATOR_SIGNALS[name].some((signal) => signals.includes(signal)),
  );
