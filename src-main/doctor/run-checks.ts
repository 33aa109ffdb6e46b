/** Runs every check there is, and does what a finding offers: for the command line, the API, and when nothing starts. */
import type { Finding } from '../../src-contract/index.ts';
import { ArchonError } from '../errors.ts';
import { backupsCheck } from './backups.ts';
import {
  type Check,
  type CheckFinding,
  contextOf,
  type DoctorContext,
  type DoctorHost,
  failed,
  messageOf,
} from './check.ts';
import { clockCheck } from './clock.ts';
import { dataFolderCheck } from './data-folder.ts';
import { databaseCheck } from './database.ts';
import { databaseSizeCheck } from './database-size.ts';
import { filesCheck } from './files.ts';
import { leftoversCheck } from './leftovers.ts';
import { logsCheck } from './logs.ts';
import { portCheck } from './port.ts';
import { profilesCheck } from './profiles.ts';
import { redisCheck } from './redis.ts';
import { secretsCheck } from './secrets.ts';
import { settingsFileCheck } from './settings-file.ts';
import { versionsCheck } from './versions.ts';

const CHECKS: readonly Check[] = [
  versionsCheck,
  dataFolderCheck,
  filesCheck,
  leftoversCheck,
  settingsFileCheck,
  databaseCheck,
  databaseSizeCheck,
  backupsCheck,
  redisCheck,
  secretsCheck,
  profilesCheck,
  portCheck,
  logsCheck,
  clockCheck,
];

export async function runChecks(host: DoctorHost): Promise<Finding[]> {
  return await checkAll(await contextOf(host));
}

/**
 * Does what a finding offers now. Found again first, so that nothing is done for a reason that is gone.
 *
 * @param now what is looked at afterwards: a fix may have changed a setting
 * @throws ArchonError NOT_FOUND when no finding offers it (any more); what hindered it, in words
 */
export async function applyFix(
  host: DoctorHost,
  fix_id: string,
  now: () => DoctorHost = () => host,
): Promise<{ done: string; findings: Finding[] }> {
  const context = await contextOf(host);
  const check = CHECKS.find(({ key }) => fix_id.startsWith(`${key}.`));
  const findings = check ? await run(check, context) : [];
  const fix = findings.find((finding) => finding.fix?.fix_id === fix_id)?.fix;
  if (!fix) {
    throw new ArchonError(
      'NOT_FOUND',
      `Nothing that is found now is mended by ${fix_id}: look again, it may be in order.`,
    );
  }
  let done: string;
  try {
    done = await fix.apply();
  } catch (error) {
    if (error instanceof ArchonError) throw error;
    throw new ArchonError('CONFLICT', `That did not work: ${messageOf(error)}`, { cause: error });
  }
  return { done, findings: await runChecks(now()) };
}

async function checkAll(context: DoctorContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const check of CHECKS) findings.push(...(await run(check, context)).map(shown));
  return findings;
}

const shown = ({ fix, ...finding }: CheckFinding): Finding => ({
  ...finding,
  fix: fix && { fix_id: fix.fix_id, label: fix.label, confirm: fix.confirm },
});

async function run(check: Check, context: DoctorContext): Promise<CheckFinding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    return [failed(check.name, messageOf(error), 'See the message.')];
  }
}
