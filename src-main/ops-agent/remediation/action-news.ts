/** Tells the alert what is done about it: in its timeline, and its root cause where that was found. */
import type { OpsAction } from '../../../src-contract/index.ts';
import { assertNever } from '../../errors.ts';
import type { AlertBook } from '../parts.ts';
import { isOver } from './action-log.ts';
import { ROOT_CAUSE } from './execution.ts';
import { targetInWords } from './target.ts';

/** Actions that are not over whose state is remembered. */
const REMEMBERED = 1000;

export class ActionNews {
  readonly #deps: { alerts: AlertBook; titleOf(action: OpsAction): string };
  readonly #told = new Map<string, OpsAction['state']['state']>();

  constructor(deps: { alerts: AlertBook; titleOf(action: OpsAction): string }) {
    this.#deps = deps;
  }

  tell(org_id: string, action: OpsAction): void {
    const { origin, state, id, after } = action;
    if (origin.kind !== 'rule' || this.#told.get(id) === state.state) return;
    this.#remember(id, state.state);
    const { alerts, titleOf } = this.#deps;
    const cause = after.find(({ label }) => label === ROOT_CAUSE);
    if (cause && isOver(action)) alerts.setCause(org_id, origin.alert_id, cause.value);
    const text = inWords(action);
    if (text === undefined) return;
    const by = action.approved_by;
    const title = `${titleOf(action)} (${targetInWords(action.target)})`;
    alerts.tell(org_id, origin.alert_id, { kind: 'action', text: `${title}: ${text}`, by, ref: id });
  }

  #remember(id: string, state: OpsAction['state']['state']): void {
    this.#told.delete(id);
    this.#told.set(id, state);
    const [oldest] = this.#told.keys();
    if (this.#told.size > REMEMBERED && oldest !== undefined) this.#told.delete(oldest);
  }
}

/** Undefined for what is between two things that are told. */
function inWords({ state, outcome, target, attempt }: OpsAction): string | undefined {
  const said = outcome === null ? '' : ` ${outcome}`;
  switch (state.state) {
    case 'waiting_approval':
      return `waits for a person to approve it, until ${state.expires_at}.`;
    case 'assigned':
      return `${target.node} is told to do it.`;
    case 'running':
      return `attempt ${attempt} has begun.`;
    case 'verifying':
      return undefined;
    case 'helped':
      return `helped.${said}`;
    case 'did_not_help':
      return `did not help.${said}`;
    case 'failed':
      return `failed: ${state.error}`;
    case 'interrupted':
      return `was interrupted.${said}`;
    case 'skipped':
      return `was not done: ${state.reason}`;
    case 'rejected':
      return `was rejected by ${state.by}${state.reason === null ? '' : `: ${state.reason}`}.`;
    case 'expired':
      return 'nobody approved it in time.';
    case 'dry_run':
      return `was not done, since the agent only says what it would do.${said}`;
    default:
      return assertNever(state);
  }
}
