/** The actions of an organisation as they are kept, with what persons decided of them. */
import { z } from 'zod';
import type { OpsAction, Outputs, ParsedInputs } from '../../../src-contract/index.ts';
import { notFound } from '../../errors.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { DecisionDocument } from '../records/documents.ts';
import type { OpsRecords, RecordPlace } from '../records/ops-records.ts';

const CURSOR = 'ops actions';
const position = z.strictObject({ at_ms: z.int(), id: z.string() });
/** Read at a time while filters are looked for. */
const PAGE = 500;
const HOUR_MS = 3_600_000;
/** More than can be open at a time: each target has one. */
const MOST_OPEN = 1000;

const OVER: ReadonlySet<OpsAction['state']['state']> = new Set([
  'helped',
  'did_not_help',
  'failed',
  'interrupted',
  'skipped',
  'rejected',
  'expired',
  'dry_run',
]);
export const isOver = ({ state }: OpsAction): boolean => OVER.has(state.state);

/** Every method may throw a `SqliteFileError`. */
export class ActionLog {
  readonly #records: OpsRecords;

  constructor(records: OpsRecords) {
    this.#records = records;
  }

  put(org_id: string, action: OpsAction): OpsAction {
    const { id, created_at } = action;
    this.#records.put(org_id, 'action', { id, at_ms: Date.parse(created_at), open: !isOver(action), document: action });
    return action;
  }

  find(org_id: string, id: string): OpsAction | undefined {
    return this.#records.get(org_id, 'action', id);
  }

  /** As a person sees it. @throws ArchonError NOT_FOUND */
  get(org_id: string, id: string): OpsAction {
    const action = this.find(org_id, id);
    if (!action) throw notFound('action', id);
    return this.#withDecision(org_id, action);
  }

  decision(org_id: string, action_id: string): DecisionDocument | undefined {
    return this.#records.get(org_id, 'decision', action_id);
  }

  decide(org_id: string, decision: DecisionDocument): void {
    const { action_id, at } = decision;
    this.#records.put(org_id, 'decision', { id: action_id, at_ms: Date.parse(at), open: false, document: decision });
  }

  /** Those that are not over. */
  open(org_id: string): OpsAction[] {
    return this.#records.list(org_id, 'action', { open: true, limit: MOST_OPEN }).map(({ document }) => document);
  }

  /** Those made since, newest first. */
  *since(org_id: string, from_ms: number): Generator<OpsAction> {
    let before: RecordPlace | undefined;
    for (;;) {
      const page = this.#records.list(org_id, 'action', { before, limit: PAGE });
      for (const { at_ms, document } of page) {
        if (at_ms < from_ms) return;
        yield document;
      }
      if (page.length < PAGE) return;
      before = page.at(-1);
    }
  }

  /** Those of rules that began in the last hour, by rule. One that a clock gone wrong put far ahead is none of them. */
  lastHour(org_id: string, now_ms: number): Map<string, number> {
    const counts = new Map<string, number>();
    // One may have waited for a person before it began.
    for (const action of this.since(org_id, now_ms - 25 * HOUR_MS)) {
      const { origin, state } = action;
      const began_at = action.started_at ?? (state.state === 'assigned' ? state.at : null);
      if (origin.kind !== 'rule' || began_at === null) continue;
      if (Math.abs(now_ms - Date.parse(began_at)) >= HOUR_MS) continue;
      counts.set(origin.rule_id, (counts.get(origin.rule_id) ?? 0) + 1);
    }
    return counts;
  }

  list(org_id: string, input: ParsedInputs['opsActions']['list']): Outputs['opsActions']['list'] {
    const { remediator, states, origin, alert, cursor, limit } = input;
    const wanted = (action: OpsAction) =>
      (remediator === undefined || action.remediator === remediator) &&
      (states === undefined || states.includes(action.state.state)) &&
      (origin === undefined || action.origin.kind === origin) &&
      (alert === undefined || (action.origin.kind === 'rule' && action.origin.alert_id === alert));
    let before: RecordPlace | undefined = cursor === undefined ? undefined : decodeCursor(CURSOR, cursor, position);
    const found: { place: RecordPlace; action: OpsAction }[] = [];
    for (;;) {
      const page = this.#records.list(org_id, 'action', { before, limit: PAGE });
      for (const { at_ms, id, document } of page) {
        const action = this.#withDecision(org_id, document);
        if (!wanted(action)) continue;
        if (found.length === limit) {
          const last = found.at(-1)?.place;
          const next_cursor = last ? encodeCursor(CURSOR, { at_ms: last.at_ms, id: last.id }) : null;
          return { items: found.map((one) => one.action), next_cursor };
        }
        found.push({ place: { at_ms, id }, action });
      }
      if (page.length < PAGE) return { items: found.map((one) => one.action), next_cursor: null };
      before = page.at(-1);
    }
  }

  /** The node that leads takes note of a decision a moment later; whoever made it sees it at once. */
  #withDecision(org_id: string, action: OpsAction): OpsAction {
    if (action.state.state !== 'waiting_approval') return action;
    const decision = this.decision(org_id, action.id);
    if (!decision) return action;
    if (decision.approved) return { ...action, approved_by: decision.by };
    return rejected(action, decision);
  }
}

export const rejected = (action: OpsAction, { by, at, reason }: DecisionDocument): OpsAction => ({
  ...action,
  state: { state: 'rejected', at, by, reason },
  outcome: `${by} does not want it${reason === null ? '' : `: ${reason}`}.`,
  ended_at: at,
});
