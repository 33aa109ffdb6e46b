/** What the API can ask the engine for. */
import type { AppStatus } from './app-status.ts';
import type { Delivery } from './events/delivery/create-delivery.ts';
import type { EventFeed } from './events/event-feed.ts';
import type { EventHistory } from './events/event-history.ts';
import type { ApiTokens } from './identity/api-tokens.ts';
import type { Scope } from './identity/scope.ts';
import type { ContextAssembler } from './memory/context-assembler.ts';
import type { LongTermMemory } from './memory/longterm-memory.ts';
import type { MemoryCatalog } from './memory/memory-catalog.ts';
import type { MemoryControlSettings } from './memory/memory-controls.ts';
import type { MemoryStats } from './memory/memory-stats.ts';
import type { SessionMemory } from './memory/session-memory.ts';
import type { WorkingMemory } from './memory/working-memory.ts';
import type { MetricsService } from './observability/create-observability.ts';
import type { HealthChecks } from './observability/health/health-checks.ts';
import type { Diagnostics } from './observability/logs/diagnostics/diagnostics.ts';
import type { Logs } from './observability/logs/logs.ts';
import type { OpsServices } from './ops-agent/services.ts';
import type { QueuedWrites } from './resilience/journal/queued-writes.ts';
import type { Resilience } from './resilience/resilience.ts';
import type { Search } from './retrieval/search.ts';
import type { Settings } from './settings/settings.ts';
import type { DataBackups } from './storage/backup/data-backups.ts';
import type { TransferJobs } from './transfer/transfer-jobs.ts';
import type { Workers } from './workers/workers.ts';

export interface Services {
  sessions: SessionMemory;
  working: WorkingMemory;
  longterm: LongTermMemory;
  memories: MemoryCatalog;
  search: Search;
  context: ContextAssembler;
  stats: MemoryStats;
  transfer: TransferJobs;
  backups: DataBackups;
  health: HealthChecks;
  metrics: MetricsService;
  events: EventFeed;
  eventHistory: EventHistory;
  delivery: Delivery;
  controls: MemoryControlSettings;
  app: AppStatus;
  tokens: ApiTokens;
  workers: Workers;
  writes: QueuedWrites;
  resilience: Resilience;
  logs: Logs;
  settings: Settings;
  ops: OpsServices;
  /** Of the process, and of what the scope may see. */
  diagnostics(scope: Scope): Diagnostics;
}
