/** Every advisor there is; each is one file. */
import type { Advisor } from './advisor.ts';
import { backupsOff } from './backups-off.ts';
import { breakerFlapping } from './breaker-flapping.ts';
import { databaseMemory } from './database-memory.ts';
import { diskForecast } from './disk-forecast.ts';
import { failingSubscriber } from './failing-subscriber.ts';
import { lateWorkers } from './late-workers.ts';
import { missingIndex } from './missing-index.ts';
import { poolWaiting } from './pool-waiting.ts';
import { slowContexts } from './slow-contexts.ts';
import { slowStatements } from './slow-statements.ts';
import { tableUpkeep } from './table-upkeep.ts';
import { unusedIndex } from './unused-index.ts';

export const ADVISORS: readonly Advisor[] = [
  backupsOff,
  breakerFlapping,
  databaseMemory,
  diskForecast,
  failingSubscriber,
  lateWorkers,
  missingIndex,
  poolWaiting,
  slowContexts,
  slowStatements,
  tableUpkeep,
  unusedIndex,
];
