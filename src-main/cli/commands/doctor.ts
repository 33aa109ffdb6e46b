import { defineCommand } from '../command.ts';
import type { Finding } from '../doctor/check.ts';
import { runChecks } from '../doctor/run-checks.ts';
import { type Output, safeText } from '../output.ts';
import { configToCheck } from '../profile-to-open.ts';

export const doctorCommand = defineCommand({
  declare: (program) =>
    program
      .command('doctor')
      .description('Check that everything is there and say what to do; works beside a running server'),

  run: async ({ loaded, profile, output }) => {
    const findings = await runChecks(configToCheck(loaded.config, profile));
    const failed = findings.some(({ status }) => status === 'fail');
    output.result({ ok: !failed, findings }, () => print(output, findings));
    return failed ? 'failed' : 'ok';
  },
});

function print(output: Output, findings: readonly Finding[]): void {
  const colours = { ok: 'green', warn: 'yellow', fail: 'red' } as const;
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const { status, name, detail, advice } of findings) {
    output.line(`${output.style(colours[status], status.padEnd(4))}  ${name.padEnd(width)}  ${safeText(detail)}`);
    if (advice) output.line(`${' '.repeat(width + 8)}→ ${advice}`);
  }
}
