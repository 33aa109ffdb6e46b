/** The `ops` group, and what its commands print alike. */
import type { Command } from 'commander';
import type { OpsAction, OpsAlert, OpsAlertState } from '../../../src-contract/index.ts';
import { type CommandContext, withConnection } from '../command.ts';
import type { Connection } from '../connection.ts';
import { CommandError, type Ending } from '../exit-codes.ts';

/** Made by the first of its commands. */
export function opsGroup(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'ops');
  return existing ?? program.command('ops').description('The ops agent: what it sees, does and tells');
}

/** With what other nodes wrote; what is written here they hear of before the command ends. */
export async function withOps(
  context: CommandContext,
  work: (connection: Connection) => Promise<Ending>,
): Promise<Ending> {
  return await withConnection(context, async (connection) => {
    await connection.shareOpsNotes();
    const ending = await work(connection);
    const unshared = await connection.shareOpsNotes();
    if (unshared > 0) {
      context.output.warning(
        'The database did not take it: other nodes, such as `archon ops run`, hear of it once a server runs on this data folder, or the next `archon ops` command can reach it.',
      );
    }
    return ending;
  });
}

export const timeOf = (iso: string | null): string => (iso === null ? '–' : iso.slice(0, 19).replace('T', ' '));

/** An alert in a few words; `clearing` is still firing. */
export function alertState(state: OpsAlertState): string {
  return state.state === 'clearing' ? 'firing, clearing' : state.state;
}

/** What keeps somebody from hearing of it. */
export function alertQuiet(alert: OpsAlert): string {
  const reasons = [
    alert.acknowledged ? `acknowledged by ${alert.acknowledged.by}` : null,
    alert.silenced_by ? 'silenced' : null,
    alert.inhibited_by ? 'consequence of another' : null,
    alert.unknown_since ? 'not known since its monitor failed' : null,
  ];
  return reasons.filter((reason) => reason !== null).join(', ');
}

export const actionState = ({ state }: OpsAction): string => state.state.replaceAll('_', ' ');

/** @throws CommandError for a state that there is not */
export function knownStates<State extends string>(states: readonly string[], known: readonly State[]): State[] {
  return states.map((state) => {
    const found = known.find((one) => one === state);
    if (found === undefined) {
      throw new CommandError('usage', `There is no state ${state}. There are: ${known.join(', ')}.`);
    }
    return found;
  });
}
