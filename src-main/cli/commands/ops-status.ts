import type { OpsAlert, OpsStatus } from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import type { Ending } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { alertQuiet, opsGroup, timeOf, withOps } from './ops-group.ts';

const MOST_ALERTS = 200;

export const opsStatusCommand = defineCommand<{ look?: boolean }>({
  declare: (program) =>
    opsGroup(program)
      .command('status')
      .description('How the ops agent is and what fires; ends with 7 when something critical fires')
      .option('--look', 'have it look now, and wait for that'),

  run: (context, options) =>
    withOps(context, async ({ client }) => {
      const status = options.look ? await client.ops.run({}) : await client.ops.status({});
      const { items } = await client.opsAlerts.list({ states: ['firing', 'clearing'], limit: MOST_ALERTS });
      context.output.result({ ...status, firing: items }, () => printStatus(context, status, items));
      return endingOf(status, items);
    }),
});

/** Also while somebody is at it: what asks is a check, and it is not well. */
function endingOf({ alerts }: OpsStatus, firing: readonly OpsAlert[]): Ending {
  const isCritical = firing.some(({ severity }) => severity === 'critical');
  return isCritical || (alerts.firing > 0 && alerts.worst === 'critical') ? 'alerting' : 'ok';
}

function printStatus({ output }: CommandContext, status: OpsStatus, firing: readonly OpsAlert[]): void {
  const { paused, last_round, alerts, storage } = status;
  output.block([
    ['agent', agentText(status)],
    ['mode', status.mode.replaceAll('_', ' ')],
    ...(paused ? ([['paused', pauseText(paused)]] as const) : []),
    ['last look', last_round === null ? '–' : `${timeOf(last_round.at)}, ${last_round.duration_ms} ms`],
    ...(last_round?.error ? ([['problem', safeText(last_round.error)]] as const) : []),
    ['alerts', `${alerts.firing} firing, ${alerts.pending} pending`],
    ['actions', `${status.actions_last_hour} of ${status.most_actions_per_hour} in the last hour`],
    ...(status.approvals > 0
      ? ([['waiting', `${status.approvals} to approve: \`archon ops actions --state waiting_approval\``]] as const)
      : []),
    ...(storage.unsaved > 0 ? ([['not shared yet', `${storage.unsaved} notes`]] as const) : []),
  ]);
  for (const { monitor, state, error } of status.monitors) {
    if (state === 'failed' || state === 'timed_out') {
      output.warning(`the monitor ${monitor} ${state.replace('_', ' ')}: ${safeText(error ?? '')}`);
    }
  }
  if (firing.length === 0) return;
  output.line();
  output.table(firing, [
    { title: 'severity', value: ({ severity }) => severity },
    { title: 'rule', value: ({ rule_name }) => rule_name },
    { title: 'what', value: ({ summary }) => summary, flexible: true },
    { title: 'since', value: ({ started_at }) => timeOf(started_at) },
    { title: 'quiet', value: alertQuiet },
  ]);
}

function agentText({ agent }: OpsStatus): string {
  switch (agent.state) {
    case 'off':
      return `off: ${safeText(agent.reason)}`;
    case 'following':
      return `observes; ${agent.leader === null ? 'another node' : safeText(agent.leader)} acts`;
    case 'waiting':
      return `looks again at ${timeOf(agent.next_round_at)}`;
    case 'working':
      return safeText(agent.doing);
  }
}

function pauseText({ by, at, reason, until }: NonNullable<OpsStatus['paused']>): string {
  const why = reason === null ? '' : ` (${safeText(reason)})`;
  return `by ${safeText(by)} at ${timeOf(at)}${why}, until ${until === null ? 'somebody resumes it' : timeOf(until)}`;
}
