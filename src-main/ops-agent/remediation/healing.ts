/** What the agent does by itself about alerts that fire, round by round. Nothing here waits for what is done. */
import type { Logger } from 'pino';
import type {
  OpsAction,
  OpsAlertDetail,
  OpsLabels,
  OpsRemediation,
  OpsRemediatorName,
  OpsRule,
} from '../../../src-contract/index.ts';
import { OPS_SEVERITIES } from '../../../src-contract/index.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { assertNever } from '../../errors.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import type { AlertBook, Round } from '../parts.ts';
import { type ActionLog, rejected } from './action-log.ts';
import { Attempts, attemptsOf } from './attempts.ts';
import { type Decision, decide } from './decide.ts';
import type { Execution } from './execution.ts';
import { newAction } from './new-action.ts';
import type { Registry } from './registry.ts';
import type { Look } from './remediator.ts';

/** A node that was told to do something begins within this. */
const ASSIGNED_MS = 120_000;
/** Beyond the time that something may take: clocks of nodes differ. */
const OVERDUE_MS = 120_000;

export interface HealingDeps {
  log: ActionLog;
  execution: Execution;
  remediators: Registry;
  alerts: AlertBook;
  rules: { all(org_id: string): readonly OpsRule[] };
  settings: SettingsReader;
  clock: Clock;
  logger: Logger;
  node: string;
  /** Processes that are heard of, but for this one. */
  others(): readonly string[];
  /** The kill switch as it is now: it may have been used since the round began. */
  isPaused(org_id: string): boolean;
}

/** An alert that something may be done about. */
interface Case {
  org_id: string;
  alert: OpsAlertDetail;
  remediation: OpsRemediation;
  target: OpsLabels | undefined;
  attempts: readonly OpsAction[];
}

export class Healing {
  readonly attempts: Attempts;
  readonly #deps: HealingDeps;
  /** Alerts whose precondition is being looked at. */
  readonly #looking = new Map<string, { rule_id: string; work: Promise<void> }>();
  /** Alerts whose attempts are used up, which was told. */
  readonly #givenUp = new Set<string>();

  constructor(deps: HealingDeps) {
    this.#deps = deps;
    this.attempts = new Attempts(deps.log);
  }

  round(round: Round): void {
    const { org_id, elapsed_ms } = round;
    const { alerts, rules } = this.#deps;
    const active = alerts.active(org_id);
    const ids = new Set(active.map(({ id }) => id));
    this.attempts.round(org_id, elapsed_ms, ids);
    this.#settle(org_id, ids);
    const byId = new Map(rules.all(org_id).map((rule) => [rule.id, rule]));
    const firing = active.flatMap((alert) => {
      const remediation = byId.get(alert.rule_id)?.remediation;
      return alert.state.state === 'firing' && remediation ? [{ alert, remediation }] : [];
    });
    for (const { alert, remediation } of this.#inOrder(org_id, firing)) this.#treat(round, alert, remediation);
  }

  /** Resolves when nothing is being looked at. */
  async idle(): Promise<void> {
    while (this.#looking.size > 0) await Promise.all([...this.#looking.values()].map(({ work }) => work));
  }

  /** Begins what this process is told to do. */
  pickUp(org_id: string): void {
    const { log, execution, node } = this.#deps;
    for (const action of log.open(org_id)) {
      const isOurs = action.state.state === 'assigned' && action.target.node === node;
      if (!isOurs || execution.isBusy(org_id, action)) continue;
      const isByItself = action.origin.kind === 'rule' && action.approved_by === null;
      if (isByItself && this.#deps.isPaused(org_id)) continue;
      execution.begin(org_id, action);
    }
  }

  /** Does what a person approved, or not what one rejected. */
  decided(org_id: string, action: OpsAction): OpsAction {
    const { log, execution } = this.#deps;
    const decision = log.decision(org_id, action.id);
    if (!decision || action.state.state !== 'waiting_approval') return action;
    if (!decision.approved) return log.put(org_id, rejected(action, decision));
    if (this.#isOver(org_id, action)) return this.#skip(org_id, action, 'The alert is over.');
    if (execution.isBusy(org_id, action)) return action;
    return this.begin(org_id, { ...action, approved_by: decision.by });
  }

  /** Here, or by telling the process that can do it. */
  begin(org_id: string, action: OpsAction, look?: Look): OpsAction {
    const { log, execution } = this.#deps;
    if (this.isHere(action)) return execution.begin(org_id, action, look);
    return log.put(org_id, { ...action, state: { state: 'assigned', at: this.#now() } });
  }

  /** The worst first; of those, those that least was done about, so that none takes what there is in an hour for itself. */
  #inOrder<T extends Pick<Case, 'alert'>>(org_id: string, cases: readonly T[]): T[] {
    const severity = ({ alert }: T) => OPS_SEVERITIES.indexOf(alert.severity);
    const attempts = ({ alert }: T) => this.attempts.of(org_id, alert).length;
    return [...cases].sort((a, b) => severity(b) - severity(a) || attempts(a) - attempts(b));
  }

  /** What is under way: what a person decided, what took too long, what nobody began. */
  #settle(org_id: string, active: ReadonlySet<string>): void {
    this.pickUp(org_id);
    for (const action of this.#deps.log.open(org_id)) {
      try {
        this.#settleOne(org_id, action, active);
      } catch (error) {
        this.#deps.logger.error({ err: error, action: action.id }, 'an action could not be gone on with');
      }
    }
  }

  #settleOne(org_id: string, action: OpsAction, active: ReadonlySet<string>): void {
    const { log, execution, remediators } = this.#deps;
    const { state } = action;
    switch (state.state) {
      case 'waiting_approval':
        if (log.decision(org_id, action.id)) this.decided(org_id, action);
        else if (action.origin.kind === 'rule' && !active.has(action.origin.alert_id)) {
          this.#skip(org_id, action, 'The alert is over.');
        } else if (Date.parse(state.expires_at) <= this.#deps.clock.now()) {
          const outcome = 'Nobody approved it in time.';
          const at = this.#now();
          log.put(org_id, { ...action, state: { state: 'expired', at }, ended_at: at, outcome });
        }
        return;
      case 'assigned':
        if (this.isHere(action) || !this.#isPast(state.at, ASSIGNED_MS)) return;
        this.#skip(org_id, action, `${action.target.node} did not begin it within two minutes.`);
        return;
      case 'running':
        if (execution.has(action.id)) return;
        if (!this.#isPast(state.since, remediators[action.remediator].limit_ms + OVERDUE_MS)) return;
        execution.interrupt(org_id, action);
        return;
      case 'verifying':
        if (!execution.has(action.id) && this.#isPast(state.until, OVERDUE_MS)) execution.interrupt(org_id, action);
        return;
      default:
      // Over.
    }
  }

  #treat(round: Round, alert: OpsAlertDetail, remediation: OpsRemediation): void {
    const { org_id } = round;
    if (this.#looking.has(alert.id)) return;
    const attempts = this.attempts.of(org_id, alert);
    const target = this.placed(remediation.remediator, alert.labels, attempts.length);
    const one: Case = { org_id, alert, remediation, target, attempts };
    const decision = this.#decide(round, one);
    switch (decision.do) {
      case 'nothing':
        return;
      case 'give_up':
        this.#giveUp(one);
        return;
      default:
        this.#follow(one, this.#go(one, decision));
    }
  }

  #decide({ mode, paused }: Round, { org_id, alert, remediation, target, attempts }: Case): Decision {
    const { log, execution, settings, clock, alerts } = this.#deps;
    const lastHour = log.lastHour(org_id, clock.now());
    // What is being looked at will be done in a moment.
    const looking = [...this.#looking.values()].filter(({ rule_id }) => rule_id === alert.rule_id).length;
    return decide({
      mode,
      paused,
      remediation,
      held: alerts.actionsHeld(org_id, alert.id),
      inhibited: alert.inhibited_by !== null,
      attempts: attemptsOf(attempts, alert),
      waited_ms: this.attempts.waited(alert.id, attempts, clock.now()),
      busy: target !== undefined && execution.isBusy(org_id, { remediator: remediation.remediator, target }),
      last_hour: {
        rule: (lastHour.get(alert.rule_id) ?? 0) + looking,
        all: [...lastHour.values()].reduce((sum, count) => sum + count, this.#looking.size),
      },
      most_per_hour: settings.of(org_id)['ops.max_actions_per_hour'],
    });
  }

  #giveUp({ org_id, alert, remediation, attempts }: Case): void {
    if (this.#givenUp.has(alert.id)) return;
    this.#givenUp.add(alert.id);
    const text = `${remediation.max_attempts} attempts did not help: it is not tried again.`;
    const entry = { kind: 'action', text, by: null, ref: attempts.at(-1)?.id ?? null } as const;
    // The process before this one may have told.
    const isTold = alert.timeline.some((one) => one.text === text && one.ref === entry.ref);
    if (!isTold) this.#deps.alerts.tell(org_id, alert.id, entry);
    this.#deps.alerts.attemptsUsedUp(org_id, alert.id);
  }

  #follow({ alert }: Case, work: Promise<void>): void {
    const followed = work
      .catch((error) =>
        this.#deps.logger.error({ err: error, alert: alert.id }, 'nothing could be done about an alert'),
      )
      .finally(() => this.#looking.delete(alert.id));
    this.#looking.set(alert.id, { rule_id: alert.rule_id, work: followed });
  }

  /** Looks whether it can be done, and begins it, asks, or says that it would be done. */
  async #go(one: Case, decision: Extract<Decision, { attempt: number }>): Promise<void> {
    const action = this.#draft(one, decision.attempt);
    const look = await this.#look(one, action);
    const { org_id } = one;
    if (look && look.blocked !== null) {
      this.#blocked(one, action, look);
      return;
    }
    const before = look?.facts ?? [];
    const at = this.#now();
    // While it was looked at the alert may have ended, somebody paused the agent, another begun on the target.
    if (!this.#isFiring(org_id, action)) return;
    switch (decision.do) {
      case 'act':
        if (this.#deps.execution.isBusy(org_id, action) || this.#deps.isPaused(org_id)) return;
        this.begin(org_id, action, look);
        return;
      case 'ask': {
        const minutes = this.#deps.settings.of(org_id)['ops.approval_minutes'];
        const expires_at = isoTime(this.#deps.clock.now() + minutes * 60_000);
        this.#deps.log.put(org_id, { ...action, before, state: { state: 'waiting_approval', expires_at } });
        return;
      }
      case 'tell': {
        const outcome = `${look?.what ?? 'It would be done.'} Not done: the agent only says what it would do.`;
        const state = { state: 'dry_run', at } as const;
        this.#deps.log.put(org_id, { ...action, before, state, outcome, ended_at: at });
        return;
      }
      default:
        assertNever(decision.do);
    }
  }

  /** What only another process can do, only that one can look at. */
  async #look({ org_id, target }: Case, action: OpsAction): Promise<Look | undefined> {
    if (target === undefined)
      return { what: '', facts: [], blocked: 'The alert does not say what it is to be done to.' };
    if (!this.isHere(action)) return undefined;
    try {
      return await this.#deps.execution.look(org_id, action);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { what: '', facts: [], blocked: `Whether it can be done could not be found out: ${reason}` };
    }
  }

  /** Told once for the same reason, however often it is looked at. */
  #blocked({ org_id, alert, attempts }: Case, action: OpsAction, { blocked, facts }: Look): void {
    const last = attempts.findLast(({ state }) => state.state !== 'dry_run')?.state;
    const reason = blocked ?? '';
    if (last?.state === 'skipped' && last.reason === reason) {
      this.attempts.looked(alert.id, attempts);
      return;
    }
    const at = this.#now();
    const state = { state: 'skipped', at, reason } as const;
    this.#deps.log.put(org_id, { ...action, before: facts, state, ended_at: at });
  }

  #draft({ alert, remediation: { remediator }, target }: Case, attempt: number): OpsAction {
    const { rule_id, rule_name } = alert;
    return newAction({
      remediator,
      target: target ?? {},
      origin: { kind: 'rule', rule_id, rule_name, alert_id: alert.id },
      cause: alert.summary,
      risk: this.#deps.remediators[remediator].risk,
      attempt,
      // It is put down only once it is another.
      state: { state: 'assigned', at: this.#now() },
      created_at: this.#now(),
    });
  }

  #skip(org_id: string, action: OpsAction, reason: string): OpsAction {
    const at = this.#now();
    return this.#deps.log.put(org_id, { ...action, state: { state: 'skipped', at, reason }, ended_at: at });
  }

  #isFiring(org_id: string, { origin }: OpsAction): boolean {
    return origin.kind === 'rule' && this.#deps.alerts.get(org_id, origin.alert_id)?.state.state === 'firing';
  }

  /** Whether the alert that it is for is resolved. */
  #isOver(org_id: string, { origin }: OpsAction): boolean {
    if (origin.kind !== 'rule') return false;
    return !this.#deps.alerts.active(org_id).some(({ id }) => id === origin.alert_id);
  }

  /**
   * What it is done to, with the process that is to do it where not every one can. One of the others may not be able to
   * either: each time it is another.
   */
  placed(name: OpsRemediatorName, labels: OpsLabels, tried = 0): OpsLabels | undefined {
    const remediator = this.#deps.remediators[name];
    const target = remediator.targetOf(labels);
    if (target === undefined || remediator.can_here !== false) return target;
    const others = [...this.#deps.others()].sort();
    const other = others[tried % others.length];
    return other === undefined ? target : { ...target, node: other };
  }

  isHere({ target }: Pick<OpsAction, 'target'>): boolean {
    return (target.node ?? this.#deps.node) === this.#deps.node;
  }

  #isPast(at: string, ms: number): boolean {
    return this.#deps.clock.now() - Date.parse(at) >= ms;
  }

  #now(): string {
    return isoTime(this.#deps.clock.now());
  }
}
