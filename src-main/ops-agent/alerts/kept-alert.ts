/** An alert as its judge keeps it: with what it counts by, beside what others are shown. */
import type { OpsAlertDetail, OpsAlertState } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { assertNever } from '../../errors.ts';
import type { AlertDocument, AlertInner } from '../records/documents.ts';
import type { LiveMachine, Machine } from './alert-machine.ts';

export type KeptAlert = OpsAlertDetail & { inner: AlertInner };

/** One that another version wrote may lack what this one counts by. */
export const keptAlert = (document: AlertDocument): KeptAlert => ({
  ...document,
  inner: document.inner ?? newInner(document.labels),
});

export const newInner = (series: AlertInner['series']): AlertInner => ({
  series,
  held_ms: 0,
  firing_ms: 0,
  clear_ms: 0,
  steps: [],
  attempts_used_up: false,
  cause_found: false,
});

/** What others are shown. */
export function shownAlert({ inner: _, ...alert }: KeptAlert): OpsAlertDetail {
  return alert;
}

export const isOver = ({ state }: Pick<OpsAlertDetail, 'state'>): boolean => state.state === 'resolved';

/** Undefined when it is over. */
export function machineOf({ state, unknown_since, inner }: KeptAlert): LiveMachine | undefined {
  const unknown = unknown_since !== null;
  const { held_ms, firing_ms, clear_ms } = inner;
  switch (state.state) {
    case 'pending':
      return { state: 'pending', since_ms: Date.parse(state.since), held_ms, unknown };
    case 'firing':
      return { state: 'firing', since_ms: Date.parse(state.since), firing_ms, unknown };
    case 'clearing': {
      const clear_since_ms = Date.parse(state.clear_since);
      return {
        state: 'clearing',
        since_ms: Date.parse(state.since),
        clear_since_ms,
        firing_ms,
        clear_ms,
        unknown,
      };
    }
    case 'resolved':
      return undefined;
    default:
      return assertNever(state);
  }
}

export function stateOf(machine: Machine): OpsAlertState {
  switch (machine.state) {
    case 'pending':
    case 'firing':
      return { state: machine.state, since: isoTime(machine.since_ms) };
    case 'clearing': {
      const { since_ms, clear_since_ms } = machine;
      return { state: 'clearing', since: isoTime(since_ms), clear_since: isoTime(clear_since_ms) };
    }
    case 'resolved':
      return { state: 'resolved', since: isoTime(machine.since_ms), at: isoTime(machine.at_ms) };
    default:
      return assertNever(machine);
  }
}

/** What of a machine has to be kept beside the state. */
export const countsOf = (machine: Machine): Pick<AlertInner, 'held_ms' | 'firing_ms' | 'clear_ms'> => ({
  held_ms: machine.state === 'pending' ? machine.held_ms : 0,
  firing_ms: machine.state === 'firing' || machine.state === 'clearing' ? machine.firing_ms : 0,
  clear_ms: machine.state === 'clearing' ? machine.clear_ms : 0,
});
