/** The `ops` group, and what its commands print alike. */
import type { Command } from 'commander';
import type { OpsAction, OpsAlert, OpsAlertState } from '../../../src-contract/index.ts';
import { CommandError } from '../exit-codes.ts';

/** Made by the first of its commands. */
export function opsGroup(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'ops');
  return existing ?? program.command('ops').description('The ops agent: what it sees, does and tells');
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
