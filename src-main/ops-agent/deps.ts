/** What the parts of the ops agent are made with. */
import type { Logger } from 'pino';
import type { Clock } from '../clock.ts';
import type { Delivery } from '../events/delivery/create-delivery.ts';
import type { MetricsService } from '../observability/create-observability.ts';
import type { HealthChecks } from '../observability/health/health-checks.ts';
import type { Logs } from '../observability/logs/logs.ts';
import type { QueuedWrites } from '../resilience/journal/queued-writes.ts';
import type { Resilience } from '../resilience/resilience.ts';
import type { SecretBox } from '../secrets/secret-box.ts';
import type { SettingsReader } from '../settings/live-settings.ts';
import type { DataBackups } from '../storage/backup/data-backups.ts';
import type { Database } from '../storage/database.ts';
import type { SessionOutbox } from '../storage/sessions/session-outbox.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';
import type { Workers } from '../workers/workers.ts';
import type { NodeDocument } from './records/documents.ts';
import type { OpsRecords } from './records/ops-records.ts';
import type { RoundLog } from './records/round-log.ts';

/** What every part has. */
export interface OpsDeps {
  records: OpsRecords;
  rounds: RoundLog;
  settings: SettingsReader;
  clock: Clock;
  logger: Logger;
  secrets: SecretBox;
  /** Name of this process, the same after each start (`nodeName`). */
  node: string;
  /**
   * Whether this process acts for an organisation now: of the nodes that share a database one does. What is sent, and what
   * was begun, goes on where it does. Without it this process is the only one.
   */
  leads?: (org_id: string) => boolean;
  /** Other processes whose reports of themselves are fresh. Without it there are none. */
  others?: () => readonly NodeDocument[];
}

/** What is kept in memory to be fast, and may be forgotten. */
export interface OpsCache {
  name: string;
  title: string;
  entries(): number;
  /** @returns how many it forgot */
  clear(): number;
}

/** What is observed and healed. */
export interface OpsSources {
  database: Database;
  sessions: SessionStore & { readonly outbox: SessionOutbox };
  health: HealthChecks;
  metrics: MetricsService;
  resilience: Resilience;
  workers: Workers;
  /** Whether workers are to run for this deployment from this process. */
  has_workers: boolean;
  delivery: Delivery;
  writes: QueuedWrites;
  backups: DataBackups;
  logs: Logs;
  caches: readonly OpsCache[];
  /** Removes uploads that nobody imported in their time. */
  sweepUploads(): Promise<void>;
  data_dir: string;
  embedded: boolean;
}
