import { Option } from 'commander';
import {
  type ArchonClient,
  OPS_ALERT_STATES,
  OPS_SEVERITIES,
  type OpsAlertDetail,
  type OpsSeverity,
} from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand, given, listOf, wholeNumber } from '../command.ts';
import { CommandError, type Ending } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { alertQuiet, alertState, knownStates, opsGroup, timeOf, withOps } from './ops-group.ts';

interface Options {
  state?: string[];
  severity?: OpsSeverity;
  rule?: string;
  limit: number;
  acknowledge?: boolean;
  note?: string;
}

const NOT_RESOLVED = ['pending', 'firing', 'clearing'];

export const opsAlertsCommand = defineCommand<Options>({
  declare: (program) =>
    opsGroup(program)
      .command('alerts')
      .argument('[alert]', 'id of one, to see what happened to it')
      .description('List alerts, newest first, or show one with what happened; acknowledge it')
      .option(
        '--state <states>',
        `with commas: ${OPS_ALERT_STATES.join(', ')}; default: those that are not resolved`,
        listOf,
      )
      .addOption(new Option('--severity <severity>', 'only these').choices([...OPS_SEVERITIES]))
      .option('--rule <id>', 'only of this rule')
      .option('--limit <n>', 'how many, 1 to 500', wholeNumber, 50)
      .option('--acknowledge', 'say that you are at the alert that is named: it is not sent again')
      .option('--note <text>', 'what you say of it'),

  run: (context, options, id) =>
    withOps(context, async ({ client }) =>
      id === undefined ? await showAll(context, client, options) : await showOne(context, client, id, options),
    ),
});

async function showAll({ output }: CommandContext, client: ArchonClient, options: Options): Promise<Ending> {
  const { acknowledge, note, severity, rule, limit } = options;
  if (acknowledge || note !== undefined) {
    throw new CommandError(
      'usage',
      'Name the alert: `archon ops alerts <id> --acknowledge`; without an id they are listed.',
    );
  }
  const { items, active } = await client.opsAlerts.list({
    states: knownStates(options.state ?? NOT_RESOLVED, OPS_ALERT_STATES),
    limit,
    ...given({ rule, severities: severity && [severity] }),
  });
  output.result({ items, active }, () => {
    output.table(items, [
      { title: 'id', value: (alert) => alert.id },
      { title: 'state', value: ({ state }) => alertState(state) },
      { title: 'severity', value: (alert) => alert.severity },
      { title: 'rule', value: ({ rule_id }) => rule_id },
      { title: 'what', value: ({ summary }) => summary, flexible: true },
      { title: 'since', value: ({ started_at }) => timeOf(started_at) },
      { title: 'quiet', value: alertQuiet },
    ]);
    if (items.length === 0) output.note('There are none.');
  });
  return 'ok';
}

async function showOne(
  context: CommandContext,
  client: ArchonClient,
  alert: string,
  options: Options,
): Promise<Ending> {
  const told = await tellOf(client, alert, options);
  context.output.result(told, () => printOne(context, told));
  return 'ok';
}

async function tellOf(
  client: ArchonClient,
  alert: string,
  { acknowledge, note }: Pick<Options, 'acknowledge' | 'note'>,
): Promise<OpsAlertDetail> {
  if (acknowledge) return await client.opsAlerts.acknowledge({ alert, ...given({ note }) });
  return note === undefined
    ? await client.opsAlerts.get({ alert })
    : await client.opsAlerts.note({ alert, text: note });
}

function printOne({ output }: CommandContext, alert: OpsAlertDetail): void {
  output.block([
    ['alert', safeText(alert.summary)],
    ['rule', `${safeText(alert.rule_name)} (${alert.rule_id})`],
    ['severity', alert.severity],
    ['state', [alertState(alert.state), alertQuiet(alert)].filter((part) => part !== '').join('; ')],
    ['from', timeOf(alert.started_at)],
    ['to', timeOf(alert.ended_at)],
    ['cause', safeText(alert.cause ?? '–')],
    ['what to do', safeText(alert.advice ?? '–')],
  ]);
  output.line();
  output.table(alert.timeline, [
    { title: 'at', value: ({ at }) => timeOf(at) },
    { title: 'what', value: ({ kind }) => kind.replaceAll('_', ' ') },
    { title: 'by', value: ({ by }) => by ?? '' },
    { title: 'text', value: ({ text }) => text, flexible: true },
  ]);
}
