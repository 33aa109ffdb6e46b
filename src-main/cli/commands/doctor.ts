import type { Finding } from '../../../src-contract/index.ts';
import { applyFix, runChecks } from '../../doctor/run-checks.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { doctorHost } from '../doctor-host.ts';
import { CommandError } from '../exit-codes.ts';
import { type Output, safeText } from '../output.ts';

/** `--fix` alone is everything that asks no question; with an id it is that one, and naming it is the answer. */
interface Options {
  fix?: string | true;
}

export const doctorCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('doctor')
      .description('Check that everything is there and say what to do; works beside a running server')
      .option('--fix [id]', 'do what the findings offer and nothing can be lost by; or the one fix that is named'),

  run: async (context, { fix }) => {
    const host = doctorHost(context);
    const { findings, done } =
      fix === undefined ? { findings: await runChecks(host), done: [] } : await mend(context, fix);
    const isFailed = findings.some(({ status }) => status === 'failed');
    context.output.result({ ok: !isFailed, ...(fix === undefined ? {} : { done }), findings }, () => {
      print(context.output, findings);
      for (const sentence of done) context.output.line(`\n${safeText(sentence)}`);
      if (fix === true && done.length === 0)
        context.output.line('\nThere is nothing that can be mended without a question.');
    });
    return isFailed ? 'failed' : 'ok';
  },
});

async function mend(context: CommandContext, fix: string | true): Promise<{ findings: Finding[]; done: string[] }> {
  const host = doctorHost(context);
  if (fix !== true) {
    const { done, findings } = await applyFix(host, fix);
    return { done: [done], findings };
  }
  let findings = await runChecks(host);
  const done: string[] = [];
  const problems: string[] = [];
  for (const { fix: offered } of findings) {
    if (offered === null || offered.confirm !== null) continue;
    try {
      const mended = await applyFix(host, offered.fix_id);
      done.push(mended.done);
      findings = mended.findings;
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new CommandError('failed', [...done, ...problems].join('\n'));
  return { findings, done };
}

const WORDS = { ok: 'ok', warning: 'warn', failed: 'fail' } as const;
const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red' } as const;

function print(output: Output, findings: readonly Finding[]): void {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const indent = ' '.repeat(width + 8);
  for (const { status, check, detail, advice, fix } of findings) {
    output.line(
      `${output.style(COLOURS[status], WORDS[status].padEnd(4))}  ${check.padEnd(width)}  ${safeText(detail)}`,
    );
    if (advice) output.line(`${indent}→ ${safeText(advice)}`);
    if (fix) output.line(`${indent}→ ${fix.label}: archon doctor --fix ${fix.fix_id}`);
  }
}
