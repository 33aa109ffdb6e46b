/** What a round means for the alerts of an organisation: which begin, go on and end, and what each is kept quiet by. */
import type { Logger } from 'pino';
import type { OpsRule } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import type { AlertChange, Judge, Round } from '../parts.ts';
import { evaluate, type Verdict } from '../rules/evaluate.ts';
import type { Rules } from '../rules/rules.ts';
import { Seen } from '../rules/seen.ts';
import { AlertRound, type Judged } from './alert-round.ts';
import { advanceAlert, beginAlert, endAlert, fingerprintOf, type Outcome, type RoundTime } from './alert-steps.ts';
import { type AlertStore, MAX_ACTIVE } from './alert-store.ts';
import { repeatsOf } from './flapping.ts';
import type { KeptAlert } from './kept-alert.ts';
import { type Remark, type Remarks, withRemarks } from './remarks.ts';
import type { SilenceDocument, Silences } from './silences.ts';

/** What changes all the time, such as a value, is written so often, of so many alerts each time; the rest at once. */
const WRITTEN_EVERY_MS = 60_000;
const WRITTEN_AT_ONCE = 100;
/** A remark on an alert that is not known is waited with for so long: its alert may still come from another node. */
const REMARK_WAITS_MS = 86_400_000;

export interface JudgeDeps {
  rules: Rules;
  store: AlertStore;
  remarks: Remarks;
  silences: Silences;
  logger: Logger;
}

/** What a round is judged by. All of it is read before anything is changed. */
interface Basis {
  rules: readonly OpsRule[];
  active: ReadonlyMap<string, KeptAlert>;
  remarks: ReadonlyMap<string, readonly Remark[]>;
  silences: readonly SilenceDocument[];
}

export class AlertJudge implements Judge {
  readonly #deps: JudgeDeps;
  /** By organisation: since what changes all the time was written last, and how often it was. */
  readonly #writing = new Map<string, { unwritten_ms: number; turns: number }>();
  #isBlind = false;

  constructor(deps: JudgeDeps) {
    this.#deps = deps;
  }

  judge(round: Round): readonly AlertChange[] {
    const basis = this.#read(round.org_id);
    if (!basis) return [];
    const time = { at_ms: round.at_ms, elapsed_ms: round.elapsed_ms, several_nodes: hasSeveralNodes(round) };
    const work = new AlertRound(basis.active);
    endTwins(work, time);
    this.#applyRules(round.org_id, work, basis.rules, new Seen(round.observations, round.failed), time);
    work.remark(basis.remarks);
    work.quieten(basis.silences, isoTime(time.at_ms));
    work.escalate(basis.rules, isoTime(time.at_ms));
    this.#keep(round, work, basis.remarks);
    return work.changes();
  }

  #read(org_id: string): Basis | undefined {
    const { rules, store, remarks, silences, logger } = this.#deps;
    try {
      const basis = {
        rules: rules.all(org_id),
        active: store.active(org_id),
        remarks: remarks.open(org_id),
        silences: silences.holding(org_id),
      };
      this.#isBlind = false;
      return basis;
    } catch (error) {
      if (!this.#isBlind) logger.error({ err: error }, 'alerts cannot be judged: history.db cannot be read');
      this.#isBlind = true;
      return undefined;
    }
  }

  #applyRules(org_id: string, work: AlertRound, rules: readonly OpsRule[], seen: Seen, time: RoundTime): void {
    const byRule = Map.groupBy(work.live(), ({ alert }) => alert.rule_id);
    const enabled = new Map(rules.filter((rule) => rule.enabled).map((rule) => [rule.id, rule]));
    for (const [rule_id, alerts] of byRule) {
      if (enabled.has(rule_id)) continue;
      const why = rules.some(({ id }) => id === rule_id) ? 'Its rule was switched off' : 'Its rule was removed';
      for (const judged of alerts) work.set(judged, endAlert(judged.alert, why, time));
    }
    for (const rule of enabled.values()) {
      const begin = (verdict: Verdict) => this.#begin(org_id, rule, verdict, time);
      applyRule(work, rule, { alerts: byRule.get(rule.id) ?? [], seen, time, begin });
    }
  }

  #begin(org_id: string, rule: OpsRule, verdict: Verdict, time: RoundTime): Outcome | undefined {
    if (verdict.holds !== true) return undefined;
    const last = this.#deps.store.ended(org_id, fingerprintOf(rule.id, verdict.labels));
    return beginAlert(rule, verdict, time, repeatsOf(last, time.at_ms));
  }

  /** What cannot be written is written with the next round. */
  #keep({ org_id, at_ms, elapsed_ms }: Round, work: AlertRound, remarks: Basis['remarks']): void {
    const { store, logger } = this.#deps;
    const before = this.#writing.get(org_id) ?? { unwritten_ms: 0, turns: 0 };
    const unwritten_ms = before.unwritten_ms + elapsed_ms;
    const isDue = unwritten_ms >= WRITTEN_EVERY_MS;
    const turns = isDue ? before.turns + 1 : before.turns;
    this.#writing.set(org_id, { unwritten_ms: isDue ? 0 : unwritten_ms, turns });
    // Where there are many it is the turn of some of them.
    const share = Math.ceil(work.size / WRITTEN_AT_ONCE);
    work.keepIn(store, org_id, (place) => isDue && place % share === turns % share);
    try {
      const settled = this.#addRemarks(org_id, work, remarks, at_ms);
      store.flush(org_id, settled.length > 0 ? () => this.#deps.remarks.settle(org_id, settled) : undefined);
    } catch (error) {
      logger.warn({ err: error }, 'alerts could not be written: they are with the next round');
    }
  }

  /** Remarks that are part of their alert now, also of one that is over. */
  #addRemarks(org_id: string, work: AlertRound, remarks: Basis['remarks'], at_ms: number): Remark[] {
    const settled: Remark[] = [];
    for (const [alert_id, said] of remarks) {
      if (work.has(alert_id)) {
        settled.push(...said);
        continue;
      }
      const alert = this.#deps.store.find(org_id, alert_id);
      if (alert) this.#deps.store.keep(org_id, withRemarks(alert, said), { write: true });
      settled.push(...said.filter((remark) => alert || at_ms - remark.at_ms > REMARK_WAITS_MS));
    }
    return settled;
  }
}

interface RuleInRound {
  alerts: readonly Judged[];
  seen: Seen;
  time: RoundTime;
  begin(verdict: Verdict): Outcome | undefined;
}

function applyRule(work: AlertRound, rule: OpsRule, { alerts, seen, time, begin }: RuleInRound): void {
  const byKey = new Map(alerts.map((judged) => [judged.key, judged]));
  const known = new Map(alerts.map(({ key, alert }) => [key, alert.inner.series]));
  for (const verdict of evaluate(rule, seen, known)) {
    const judged = byKey.get(verdict.key);
    if (judged) work.set(judged, advanceAlert(judged.alert, rule, verdict, time));
    else if (work.size < MAX_ACTIVE) work.add(begin(verdict));
  }
}

/** Two nodes may each have begun one while they did not know of each other: that which fired, and began first, goes on. */
function endTwins(work: AlertRound, time: RoundTime): void {
  const firsts = new Map<string, Judged>();
  const ordered = [...work.live()].sort((one, other) => rank(one.alert) - rank(other.alert) || byAge(one, other));
  for (const judged of ordered) {
    const first = firsts.get(judged.alert.fingerprint);
    if (!first) firsts.set(judged.alert.fingerprint, judged);
    else work.set(judged, { ...endAlert(judged.alert, 'Another alert is of the same', time), what: 'dropped' });
  }
}

const rank = ({ state }: KeptAlert): number => (state.state === 'pending' ? 1 : 0);
const byAge = ({ alert: one }: Judged, { alert: other }: Judged): number =>
  `${one.started_at} ${one.id}` < `${other.started_at} ${other.id}` ? -1 : 1;

function hasSeveralNodes({ observations }: Round): boolean {
  let first: string | undefined;
  for (const { labels } of observations) {
    const node = labels.node;
    if (node === undefined) continue;
    first ??= node;
    if (node !== first) return true;
  }
  return false;
}
