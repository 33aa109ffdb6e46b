/** The contract, implemented on the engine. Served over HTTP, called in-process by the command line and by tests. */
import { appRouter } from './app.ts';
import { backupsRouter } from './backups.ts';
import { os } from './base.ts';
import { controlsRouter } from './controls.ts';
import { deadLettersRouter } from './dead-letters.ts';
import { doctorRouter } from './doctor.ts';
import { eventsRouter } from './events.ts';
import { healthRouter } from './health.ts';
import { journalRouter } from './journal.ts';
import { logsRouter } from './logs.ts';
import { longTermRouter, memoriesRouter, workingRouter } from './memories.ts';
import { metricsRouter } from './metrics.ts';
import { offlineRouter } from './offline.ts';
import { opsRouter } from './ops.ts';
import { opsActionsRouter } from './ops-actions.ts';
import { opsAlertsRouter } from './ops-alerts.ts';
import { opsChannelsRouter } from './ops-channels.ts';
import { opsReportsRouter } from './ops-reports.ts';
import { opsRulesRouter } from './ops-rules.ts';
import { profilesRouter } from './profiles.ts';
import { resilienceRouter } from './resilience.ts';
import { contextRouter, searchRouter, statsRouter } from './retrieval.ts';
import { secretsRouter } from './secrets.ts';
import { sessionsRouter } from './sessions.ts';
import { settingsRouter } from './settings.ts';
import { subscribersRouter } from './subscribers.ts';
import { transferRouter } from './transfer.ts';
import { webhooksRouter } from './webhooks.ts';
import { workersRouter } from './workers.ts';

export type { ApiContext } from './base.ts';

export const router = os.router({
  sessions: sessionsRouter,
  working: workingRouter,
  longterm: longTermRouter,
  memories: memoriesRouter,
  search: searchRouter,
  context: contextRouter,
  stats: statsRouter,
  transfer: transferRouter,
  backups: backupsRouter,
  health: healthRouter,
  metrics: metricsRouter,
  events: eventsRouter,
  subscribers: subscribersRouter,
  deadLetters: deadLettersRouter,
  webhooks: webhooksRouter,
  controls: controlsRouter,
  app: appRouter,
  workers: workersRouter,
  journal: journalRouter,
  resilience: resilienceRouter,
  logs: logsRouter,
  settings: settingsRouter,
  secrets: secretsRouter,
  profiles: profilesRouter,
  offline: offlineRouter,
  doctor: doctorRouter,
  ops: opsRouter,
  opsRules: opsRulesRouter,
  opsAlerts: opsAlertsRouter,
  opsActions: opsActionsRouter,
  opsChannels: opsChannelsRouter,
  opsReports: opsReportsRouter,
});
