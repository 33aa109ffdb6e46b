/** The contract: everything the engine and its users both know. */
import type {
  AnyContractProcedure,
  ContractRouterClient,
  InferContractRouterInputs,
  InferContractRouterOutputs,
  InferSchemaOutput,
} from '@orpc/contract';
import { appContract } from './app.ts';
import { backupsContract } from './backups.ts';
import { controlsContract } from './controls.ts';
import { deadLettersContract } from './dead-letters.ts';
import { doctorContract } from './doctor.ts';
import { eventsContract } from './events.ts';
import { healthContract } from './health.ts';
import { journalContract } from './journal.ts';
import { logsContract } from './logs.ts';
import { longTermContract, memoriesContract, workingContract } from './memories.ts';
import { metricsContract } from './metrics.ts';
import { offlineContract } from './offline.ts';
import { opsContract } from './ops.ts';
import { opsActionsContract } from './ops-actions.ts';
import { opsAlertsContract } from './ops-alerts.ts';
import { opsChannelsContract } from './ops-channels.ts';
import { opsReportsContract } from './ops-reports.ts';
import { opsRulesContract } from './ops-rules.ts';
import { profilesContract } from './profiles.ts';
import { resilienceContract } from './resilience.ts';
import { contextContract, searchContract, statsContract } from './retrieval.ts';
import { secretsContract } from './secrets.ts';
import { sessionsContract } from './sessions.ts';
import { settingsContract } from './settings.ts';
import { subscribersContract } from './subscribers.ts';
import { transferContract } from './transfer.ts';
import { webhooksContract } from './webhooks.ts';
import { workersContract } from './workers.ts';

export const contract = {
  sessions: sessionsContract,
  working: workingContract,
  longterm: longTermContract,
  memories: memoriesContract,
  search: searchContract,
  context: contextContract,
  stats: statsContract,
  transfer: transferContract,
  backups: backupsContract,
  health: healthContract,
  metrics: metricsContract,
  events: eventsContract,
  subscribers: subscribersContract,
  deadLetters: deadLettersContract,
  webhooks: webhooksContract,
  controls: controlsContract,
  app: appContract,
  workers: workersContract,
  journal: journalContract,
  resilience: resilienceContract,
  logs: logsContract,
  doctor: doctorContract,
  offline: offlineContract,
  ops: opsContract,
  opsRules: opsRulesContract,
  opsAlerts: opsAlertsContract,
  opsActions: opsActionsContract,
  opsChannels: opsChannelsContract,
  opsReports: opsReportsContract,
  profiles: profilesContract,
  secrets: secretsContract,
  settings: settingsContract,
};

export type ArchonClient = ContractRouterClient<typeof contract>;
/** What a caller sends. */
export type Inputs = InferContractRouterInputs<typeof contract>;
/** What a caller gets. */
export type Outputs = InferContractRouterOutputs<typeof contract>;

type ParsedRouter<T> = {
  [K in keyof T]: T[K] extends AnyContractProcedure
    ? InferSchemaOutput<NonNullable<T[K]['~orpc']['inputSchema']>>
    : ParsedRouter<T[K]>;
};
/** What the engine gets: inputs as the schemas leave them, defaults filled in. */
export type ParsedInputs = ParsedRouter<typeof contract>;

export * from './app.ts';
export * from './backups.ts';
export * from './browser-host.ts';
export * from './controls.ts';
export * from './dead-letters.ts';
export * from './desktop-bridge.ts';
export * from './doctor.ts';
export * from './entities.ts';
export * from './errors.ts';
export * from './events.ts';
export * from './health.ts';
export * from './journal.ts';
export * from './logs.ts';
export * from './memories.ts';
export * from './metrics.ts';
export * from './migration-preview.ts';
export * from './offline.ts';
export * from './ops.ts';
export * from './ops-actions.ts';
export * from './ops-alerts.ts';
export * from './ops-channels.ts';
export * from './ops-reports.ts';
export * from './ops-rules.ts';
export * from './ops-signals.ts';
export * from './primitives.ts';
export * from './profiles.ts';
export * from './resilience.ts';
export * from './retrieval.ts';
export * from './secrets.ts';
export * from './sessions.ts';
export * from './setting-values.ts';
export * from './settings.ts';
export * from './subscribers.ts';
export * from './transfer.ts';
export * from './webhooks.ts';
export * from './workers.ts';
