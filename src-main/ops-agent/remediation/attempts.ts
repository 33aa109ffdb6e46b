/** What was done about the alerts that fire, and how long ago. */
import type { OpsAction, OpsAlertDetail } from '../../../src-contract/index.ts';
import type { ActionLog } from './action-log.ts';
import type { Attempt } from './decide.ts';

interface Known {
  org_id: string;
  actions: Map<string, OpsAction>;
}

interface Wait {
  /** The attempt that it is counted from. */
  of: string | undefined;
  ms: number;
}

export class Attempts {
  readonly #log: Pick<ActionLog, 'since'>;
  /** By alert: what is in the log of each is looked for once. */
  readonly #known = new Map<string, Known>();
  /** Counted by rounds, so that a clock that jumps ends no pause. */
  readonly #waits = new Map<string, Wait>();

  constructor(log: Pick<ActionLog, 'since'>) {
    this.#log = log;
  }

  /** Oldest first. */
  of(org_id: string, alert: OpsAlertDetail): OpsAction[] {
    const { actions } = this.#known.get(alert.id) ?? this.#read(org_id, alert);
    return [...actions.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  }

  changed(action: OpsAction): void {
    if (action.origin.kind === 'rule') this.#known.get(action.origin.alert_id)?.actions.set(action.id, action);
  }

  /** A round of the organisation passed; those of its alerts that are not active any more are forgotten. */
  round(org_id: string, elapsed_ms: number, active: ReadonlySet<string>): void {
    for (const [alert_id, known] of this.#known) {
      if (known.org_id !== org_id) continue;
      const wait = this.#waits.get(alert_id);
      if (wait) wait.ms += elapsed_ms;
      if (active.has(alert_id)) continue;
      this.#known.delete(alert_id);
      this.#waits.delete(alert_id);
    }
  }

  /** Milliseconds since the last attempt, or look, was over. */
  waited(alert_id: string, attempts: readonly OpsAction[], now_ms: number): number {
    const last = lastOver(attempts);
    const wait = this.#waits.get(alert_id);
    if (wait && wait.of === last?.id) return wait.ms;
    if (!last) return Number.POSITIVE_INFINITY;
    // Of one whose end was not seen by this process the times that were written are all there is.
    const ms = Math.max(0, now_ms - Date.parse(last.ended_at));
    this.#waits.set(alert_id, { of: last.id, ms });
    return ms;
  }

  /** It was looked at, and nothing could be done: it is looked at again after the pause. */
  looked(alert_id: string, attempts: readonly OpsAction[]): void {
    this.#waits.set(alert_id, { of: lastOver(attempts)?.id, ms: 0 });
  }

  #read(org_id: string, alert: OpsAlertDetail): Known {
    const actions = new Map<string, OpsAction>();
    for (const action of this.#log.since(org_id, Date.parse(alert.started_at) - SLACK_MS)) {
      if (action.origin.kind === 'rule' && action.origin.alert_id === alert.id) actions.set(action.id, action);
    }
    const known = { org_id, actions };
    this.#known.set(alert.id, known);
    return known;
  }
}

type Over = OpsAction & { ended_at: string };

/** What a dry run said is no attempt. */
const lastOver = (attempts: readonly OpsAction[]): Over | undefined =>
  attempts.findLast((one): one is Over => one.ended_at !== null && one.state.state !== 'dry_run');

/** Clocks of nodes may differ by so much. */
const SLACK_MS = 3_600_000;

export const attemptsOf = (actions: readonly OpsAction[], { timeline }: OpsAlertDetail): Attempt[] =>
  actions.map(({ state, ended_at }) => ({
    state: state.state,
    fired_since: timeline.some(({ kind, at }) => kind === 'fired_again' && ended_at !== null && at > ended_at),
  }));
