/** Every remediator there is; each is one file. */
import type { OpsRemediatorName } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import type { OpsSources } from '../deps.ts';
import type { Remediator } from './remediator.ts';
import { backupNow } from './remediators/backup-now.ts';
import { cacheClear } from './remediators/cache-clear.ts';
import { circuitBreakerReset } from './remediators/circuit-breaker-reset.ts';
import { cleanupRun } from './remediators/cleanup-run.ts';
import { eventReplay } from './remediators/event-replay.ts';
import { type AdviceSource, reindexAdvice } from './remediators/reindex-advice.ts';
import { tableAnalyze } from './remediators/table-analyze.ts';
import { workerRestart } from './remediators/worker-restart.ts';

export type Registry = Readonly<Record<OpsRemediatorName, Remediator>>;

export function registry(
  sources: OpsSources,
  deps: { node: string; clock: Clock; settings: SettingsReader; advice: AdviceSource },
): Registry {
  const { node, advice } = deps;
  return {
    'circuit-breaker-reset': circuitBreakerReset(sources, node),
    'worker-restart': workerRestart(sources),
    'cache-clear': cacheClear(sources, node),
    'event-replay': eventReplay(sources),
    'cleanup-run': cleanupRun(sources, deps),
    'reindex-advice': reindexAdvice(advice),
    'table-analyze': tableAnalyze(sources.database),
    'backup-now': backupNow(sources, node),
  };
}
