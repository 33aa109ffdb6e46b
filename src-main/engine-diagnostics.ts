import { appVersion } from './app-files.ts';
import type { Clock } from './clock.ts';
import type { Scope } from './identity/scope.ts';
import { databaseDocument } from './observability/logs/diagnostics/database-document.ts';
import { Diagnostics } from './observability/logs/diagnostics/diagnostics.ts';
import { engineDocuments, localDocuments } from './observability/logs/diagnostics/documents.ts';
import type { Logs } from './observability/logs/logs.ts';
import type { Services } from './services.ts';
import type { SettingsReader } from './settings/live-settings.ts';
import type { Database } from './storage/database.ts';

interface DiagnosticsSources extends Pick<Services, 'health' | 'metrics' | 'resilience' | 'writes' | 'workers'> {
  settings: SettingsReader;
  database: Database;
  logs: Logs;
  clock: Clock;
}

/** What a running engine puts into a bundle: of the process, and of what the scope may see. */
export function engineDiagnostics(sources: DiagnosticsSources): (scope: Scope) => Diagnostics {
  const { settings, database, health, metrics, resilience, writes, workers, logs, clock } = sources;
  return (scope) =>
    new Diagnostics({
      documents: [
        ...localDocuments(settings.of(scope.org_id), appVersion),
        databaseDocument(database),
        ...engineDocuments(
          {
            health: () => health.deep(),
            breakers: () => resilience.list(scope),
            transitions: () => resilience.history(scope, { limit: 500 }),
            metrics: () => metrics.current(),
            series: (input) => metrics.series(input),
            journal: () => writes.status(scope),
            workers: () => workers.list(scope),
          },
          clock,
        ),
      ],
      logs_folder: logs.file?.folder,
      redaction: logs.redaction,
      clock,
    });
}
