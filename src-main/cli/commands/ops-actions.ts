import { Option } from 'commander';
import { OPS_ACTION_STATES, OPS_REMEDIATORS, type OpsRemediatorName } from '../../../src-contract/index.ts';
import { defineCommand, given, listOf, wholeNumber } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { actionState, knownStates, opsGroup, timeOf, withOps } from './ops-group.ts';

interface Options {
  state?: string[];
  remediator?: OpsRemediatorName;
  limit: number;
}

export const opsActionsCommand = defineCommand<Options>({
  declare: (program) =>
    opsGroup(program)
      .command('actions')
      .description('List what the agent and persons did to heal, newest first')
      .option('--state <states>', `with commas: ${OPS_ACTION_STATES.join(', ')}`, listOf)
      .addOption(new Option('--remediator <name>', 'only of this kind').choices([...OPS_REMEDIATORS]))
      .option('--limit <n>', 'how many, 1 to 500', wholeNumber, 50),

  run: (context, { state, remediator, limit }) =>
    withOps(context, async ({ client }) => {
      const { output } = context;
      const asked = given({ remediator, states: state && knownStates(state, OPS_ACTION_STATES) });
      const { items } = await client.opsActions.list({ limit, ...asked });
      output.result({ items }, () => {
        output.table(items, [
          { title: 'id', value: ({ id }) => id },
          { title: 'at', value: ({ created_at }) => timeOf(created_at) },
          { title: 'action', value: (action) => action.remediator },
          { title: 'state', value: actionState },
          { title: 'why', value: ({ cause }) => cause, flexible: true },
          { title: 'outcome', value: ({ outcome }) => outcome ?? '–', flexible: true },
        ]);
        if (items.length === 0) output.note('There are none.');
      });
      return 'ok';
    }),
});

export const opsApproveCommand = defineCommand<{ reject?: boolean; reason?: string }>({
  declare: (program) =>
    opsGroup(program)
      .command('approve <action>')
      .description('Let an action be done that waits for a person, or reject it')
      .option('--reject', 'do not do it')
      .option('--reason <text>', 'why it is rejected'),

  run: (context, { reject, reason }, id = '') => {
    if (reason !== undefined && !reject) throw new CommandError('usage', 'Give --reason with --reject only.');
    return withOps(context, async ({ client }) => {
      const { output } = context;
      const action = reject
        ? await client.opsActions.reject({ action: id, ...given({ reason }) })
        : await client.opsActions.approve({ action: id });
      output.result(action, () => {
        output.line(`${action.remediator}: ${actionState(action)}. ${safeText(action.outcome ?? action.cause)}`);
      });
      return 'ok';
    });
  },
});
