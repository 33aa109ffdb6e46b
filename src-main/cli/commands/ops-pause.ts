import type { OpsStatus } from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand, given } from '../command.ts';
import { duration } from '../durations.ts';
import { opsGroup, timeOf, withOps } from './ops-group.ts';

export const opsPauseCommand = defineCommand<{ for?: number; reason?: string }>({
  declare: (program) =>
    opsGroup(program)
      .command('pause')
      .description('The kill switch: no action by itself until it is resumed; alerts go on')
      .option('--for <time>', 'how long, such as 30m, 2h or 1d; without it until somebody resumes it', duration)
      .option('--reason <text>', 'why'),

  run: (context, { for: for_ms, reason }) =>
    withOps(context, async ({ client }) => {
      const until = for_ms === undefined ? undefined : new Date(Date.now() + for_ms).toISOString();
      return tell(context, await client.ops.pause(given({ reason, until })));
    }),
});

export const opsResumeCommand = defineCommand({
  declare: (program) => opsGroup(program).command('resume').description('Let the agent act again'),

  run: (context) => withOps(context, async ({ client }) => tell(context, await client.ops.resume({}))),
});

function tell({ output }: CommandContext, status: OpsStatus): 'ok' {
  const { paused, mode } = status;
  output.result(status, () => {
    if (paused === null) output.line(`The agent acts again, in mode ${mode.replaceAll('_', ' ')}.`);
    else if (paused.until === null)
      output.line('The agent does nothing until `archon ops resume`; it goes on telling.');
    else output.line(`The agent does nothing until ${timeOf(paused.until)} (UTC); it goes on telling.`);
  });
  return 'ok';
}
