/**
 * How an alert goes: pending → firing → clearing → resolved. Pure.
 *
 * What lasts is added up from rounds between which it was seen to last: neither the clock of the computer nor a time in
 * which its monitor told nothing counts. One that clears and holds again is the same alert, however often.
 */
import { assertNever } from '../../errors.ts';
import type { Holds } from '../rules/evaluate.ts';

export type Machine =
  | { state: 'pending'; since_ms: number; held_ms: number; unknown: boolean }
  | { state: 'firing'; since_ms: number; firing_ms: number; unknown: boolean }
  | {
      state: 'clearing';
      since_ms: number;
      clear_since_ms: number;
      firing_ms: number;
      clear_ms: number;
      unknown: boolean;
    }
  | { state: 'resolved'; since_ms: number; at_ms: number };

/** One that is not over. `unknown`: the last round told nothing of it. */
export type LiveMachine = Exclude<Machine, { state: 'resolved' }>;

export interface Look {
  /** `over`: there is nothing any more that could hold, since its rule was removed or switched off. */
  holds: Holds | 'over';
  at_ms: number;
  /** Since the look before. */
  elapsed_ms: number;
  for_ms: number;
  resolve_after_ms: number;
}

export type Step =
  | { what: 'pending' | 'fired' | 'fired_again' | 'clearing'; machine: LiveMachine }
  | { what: 'resolved'; machine: Extract<Machine, { state: 'resolved' }> }
  | { what: 'dropped'; machine: undefined }
  | { what: null; machine: LiveMachine | undefined };

const NOTHING: Step = { what: null, machine: undefined };

/** @param machine as it was; undefined where there is no alert */
export function step(machine: LiveMachine | undefined, look: Look): Step {
  if (!machine) return look.holds === true ? begin(look) : NOTHING;
  if (look.holds === 'over') return end(machine, look);
  if (look.holds === 'unknown') return { what: null, machine: { ...machine, unknown: true } };
  switch (machine.state) {
    case 'pending':
      return look.holds ? wait(machine, look) : { what: 'dropped', machine: undefined };
    case 'firing':
      return look.holds ? burn(machine, look) : clear(machine, look);
    case 'clearing':
      return look.holds ? again(machine) : calm(machine, look);
    default:
      return assertNever(machine);
  }
}

function begin({ at_ms, for_ms }: Look): Step {
  if (for_ms > 0)
    return { what: 'pending', machine: { state: 'pending', since_ms: at_ms, held_ms: 0, unknown: false } };
  return fire(at_ms);
}

const fire = (at_ms: number): Step => ({
  what: 'fired',
  machine: { state: 'firing', since_ms: at_ms, firing_ms: 0, unknown: false },
});

function wait(machine: Extract<Machine, { state: 'pending' }>, look: Look): Step {
  const held_ms = machine.held_ms + countable(machine, look);
  if (held_ms >= look.for_ms) return fire(Math.max(look.at_ms, machine.since_ms));
  return { what: null, machine: { ...machine, held_ms, unknown: false } };
}

function burn(machine: Extract<Machine, { state: 'firing' }>, look: Look): Step {
  const firing_ms = machine.firing_ms + countable(machine, look);
  return { what: null, machine: { ...machine, firing_ms, unknown: false } };
}

function clear(machine: Extract<Machine, { state: 'firing' }>, look: Look): Step {
  if (look.resolve_after_ms === 0) return end(machine, look);
  const { since_ms, firing_ms } = machine;
  const clear_since_ms = Math.max(look.at_ms, since_ms);
  return {
    what: 'clearing',
    machine: { state: 'clearing', since_ms, clear_since_ms, firing_ms, clear_ms: 0, unknown: false },
  };
}

const again = ({ since_ms, firing_ms }: Extract<Machine, { state: 'clearing' }>): Step => ({
  what: 'fired_again',
  machine: { state: 'firing', since_ms, firing_ms, unknown: false },
});

function calm(machine: Extract<Machine, { state: 'clearing' }>, look: Look): Step {
  const clear_ms = machine.clear_ms + countable(machine, look);
  if (clear_ms >= look.resolve_after_ms) return end(machine, look);
  return { what: null, machine: { ...machine, clear_ms, unknown: false } };
}

function end(machine: LiveMachine, { at_ms }: Look): Step {
  if (machine.state === 'pending') return { what: 'dropped', machine: undefined };
  const last_ms = machine.state === 'clearing' ? machine.clear_since_ms : machine.since_ms;
  return {
    what: 'resolved',
    machine: { state: 'resolved', since_ms: machine.since_ms, at_ms: Math.max(at_ms, last_ms) },
  };
}

/** Of a time at whose beginning nothing was known nobody can say what was. */
const countable = ({ unknown }: LiveMachine, { elapsed_ms }: Look): number => (unknown ? 0 : Math.max(0, elapsed_ms));
