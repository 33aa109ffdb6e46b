/** Runs every check there is: for `archon doctor`, and for the desktop app when it cannot start. */
import { readServerFile } from '../../server/server-file.ts';
import type { Config } from '../../settings/config-schema.ts';
import { answers } from '../connection.ts';
import { backupsCheck } from './backups.ts';
import { type Check, type DoctorContext, type Finding, fail, messageOf } from './check.ts';
import { dataFolderCheck } from './data-folder.ts';
import { databaseCheck } from './database.ts';
import { portCheck } from './port.ts';
import { redisCheck } from './redis.ts';
import { versionsCheck } from './versions.ts';

const CHECKS: readonly Check[] = [versionsCheck, dataFolderCheck, databaseCheck, backupsCheck, redisCheck, portCheck];

export async function runChecks(config: Config): Promise<Finding[]> {
  const file = readServerFile(config.data_dir);
  const server = file && (await answers(file)) ? file : undefined;
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await run(check, { config, server })));
  return findings;
}

async function run(check: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    return [fail(check.name, messageOf(error), 'See the message.')];
  }
}
