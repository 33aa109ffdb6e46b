/** What is done about an alert that fires. Pure: everything it goes by is given. */
import type { OpsActionState, OpsMode, OpsRemediation } from '../../../src-contract/index.ts';

/** A pause between two attempts is never longer. */
export const LONGEST_PAUSE_MS = 7 * 86_400_000;

/** What was done about this alert before. */
export interface Attempt {
  state: OpsActionState['state'];
  /** It helped, and the alert has fired again since. */
  fired_since: boolean;
}

export interface Sight {
  mode: OpsMode;
  /** The kill switch. */
  paused: boolean;
  remediation: OpsRemediation;
  /** Quiet by a silence that holds actions too. */
  held: boolean;
  /** It is the consequence of another alert. */
  inhibited: boolean;
  /** Of this alert, oldest first. */
  attempts: readonly Attempt[];
  /** Milliseconds since the last of them that counts was over; `Infinity` when there was none. */
  waited_ms: number;
  /** Something is being done to the target. */
  busy: boolean;
  /** Actions of the rule, for all of its alerts, and of the agent as a whole that began in the last hour. */
  last_hour: { rule: number; all: number };
  /** `ops.max_actions_per_hour`. */
  most_per_hour: number;
}

export type Decision =
  /** `attempt`: which one it would be, from 1 on. */
  | { do: 'act' | 'ask' | 'tell'; attempt: number }
  /** Attempts are used up: it is escalated. */
  | { do: 'give_up' }
  | {
      do: 'nothing';
      why:
        | 'held'
        | 'inhibited'
        | 'paused'
        | 'under_way'
        | 'told'
        | 'rejected'
        | 'cool_down'
        | 'busy'
        | 'rule_limit'
        | 'limit';
    };

const nothing = (why: Extract<Decision, { do: 'nothing' }>['why']): Decision => ({ do: 'nothing', why });

const UNDER_WAY: readonly Attempt['state'][] = ['waiting_approval', 'assigned', 'running', 'verifying'];
/** A person who did not answer is as little help as what did not help: it must not be asked for ever. */
const NO_HELP: readonly Attempt['state'][] = ['did_not_help', 'failed', 'interrupted', 'expired'];

/** Attempts that did not mend it. One that helped and left the alert firing did not either. */
export const unhelpful = (attempts: readonly Attempt[]): number =>
  attempts.filter(({ state, fired_since }) => NO_HELP.includes(state) || (state === 'helped' && !fired_since)).length;

/** Milliseconds between two attempts, after so many that did not help. */
export const pauseMs = ({ cool_down_seconds }: OpsRemediation, unhelpful: number): number =>
  Math.min(LONGEST_PAUSE_MS, cool_down_seconds * 1000 * 2 ** Math.max(0, unhelpful - 1));

export function decide(sight: Sight): Decision {
  const { attempts, remediation, mode } = sight;
  const tried = unhelpful(attempts);
  if (sight.held) return nothing('held');
  if (sight.inhibited) return nothing('inhibited');
  if (attempts.some(({ state }) => UNDER_WAY.includes(state))) return nothing('under_way');
  if (attempts.some(({ state }) => state === 'rejected')) return nothing('rejected');
  // Also while it is paused: people are to hear of it, whatever the agent may do.
  if (tried >= remediation.max_attempts) return { do: 'give_up' };
  if (sight.paused) return nothing('paused');
  const attempt = tried + 1;
  if (mode === 'dry_run') {
    return attempts.some(({ state }) => state === 'dry_run') ? nothing('told') : { do: 'tell', attempt };
  }
  if (sight.waited_ms < pauseMs(remediation, tried)) return nothing('cool_down');
  if (sight.busy) return nothing('busy');
  if (sight.last_hour.rule >= remediation.max_per_hour) return nothing('rule_limit');
  if (sight.last_hour.all >= sight.most_per_hour) return nothing('limit');
  return { do: mode === 'approval' || remediation.ask ? 'ask' : 'act', attempt };
}
