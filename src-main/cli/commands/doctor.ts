import { readServerFile } from '../../server/server-file.ts';
import { defineCommand } from '../command.ts';
import { answers } from '../connection.ts';
import { backupsCheck } from '../doctor/backups.ts';
import { type Check, type DoctorContext, type Finding, fail, messageOf } from '../doctor/check.ts';
import { dataFolderCheck } from '../doctor/data-folder.ts';
import { databaseCheck } from '../doctor/database.ts';
import { portCheck } from '../doctor/port.ts';
import { redisCheck } from '../doctor/redis.ts';
import { versionsCheck } from '../doctor/versions.ts';
import { type Output, safeText } from '../output.ts';

const CHECKS: readonly Check[] = [versionsCheck, dataFolderCheck, databaseCheck, backupsCheck, redisCheck, portCheck];

export const doctorCommand = defineCommand({
  declare: (program) =>
    program
      .command('doctor')
      .description('Check that everything is there and say what to do; works beside a running server'),

  run: async ({ loaded, output }) => {
    const file = readServerFile(loaded.config.data_dir);
    const server = file && (await answers(file)) ? file : undefined;
    const findings: Finding[] = [];
    for (const check of CHECKS) findings.push(...(await run(check, { config: loaded.config, server })));
    const failed = findings.some(({ status }) => status === 'fail');
    output.result({ ok: !failed, findings }, () => print(output, findings));
    return failed ? 'failed' : 'ok';
  },
});

async function run(check: Check, context: DoctorContext): Promise<Finding[]> {
  try {
    return await check.run(context);
  } catch (error) {
    return [fail(check.name, messageOf(error), 'See the message.')];
  }
}

function print(output: Output, findings: readonly Finding[]): void {
  const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { status, name, detail, advice } of findings) {
    output.line(`${output.style(colours[status], status.padEnd(4))}  ${name.padEnd(width)}  ${safeText(detail)}`);
    if (advice) output.line(`${' '.repeat(width + 8)}→ ${advice}`);
  }
}
