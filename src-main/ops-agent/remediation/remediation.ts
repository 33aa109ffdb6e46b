/** What is done to heal: by the agent, and by persons. */
import type { OpsAction, OpsLabels, OpsRemediator, OpsTarget } from '../../../src-contract/index.ts';
import { OPS_REMEDIATORS } from '../../../src-contract/index.ts';
import { isoTime, steadyMs } from '../../clock.ts';
import { messageOf } from '../../doctor/check.ts';
import { ArchonError, invalidField } from '../../errors.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import { Pauses } from '../agent/pauses.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import type { AlertBook, AlertChange, Healer, Round } from '../parts.ts';
import type { RecordChange } from '../records/ops-records.ts';
import type { Rules } from '../rules/rules.ts';
import type { ActionsService } from '../services.ts';
import { ActionLog, isOver } from './action-log.ts';
import { ActionNews } from './action-news.ts';
import { bounded } from './bounded.ts';
import { Execution } from './execution.ts';
import { Healing } from './healing.ts';
import { newAction } from './new-action.ts';
import { targetsThere } from './nodes.ts';
import type { Advisor } from './recommendations/advisor.ts';
import { Recommendations } from './recommendations/recommendations.ts';
import { type Registry, registry } from './registry.ts';
import type { Look, Remediator } from './remediator.ts';
import { REMEDIATOR_SIGNALS } from './remediator-signals.ts';

type Input<R extends keyof ActionsService> = Parameters<ActionsService[R]>[1];
type Answer<R extends keyof ActionsService> = Awaited<ReturnType<ActionsService[R]>>;

/** How long what can be done may take to be found out, of each remediator. */
const TARGETS_MS = 5_000;

export interface RemediationDeps extends OpsDeps {
  sources: OpsSources;
  alerts: AlertBook;
  rules: Pick<Rules, 'all'>;
}

export interface RemediationTuning {
  /** Milliseconds of a clock that only grows. */
  elapsed_ms?: () => number;
  remediators?: Registry;
  advisors?: readonly Advisor[];
}

export class Remediation implements Healer, ActionsService {
  readonly #deps: RemediationDeps;
  readonly #log: ActionLog;
  readonly #remediators: Registry;
  readonly #execution: Execution;
  readonly #healing: Healing;
  readonly #news: ActionNews;
  readonly #recommendations: Recommendations;
  readonly #stopping = new AbortController();
  /** Organisations whose actions that an ended process left were looked for. */
  readonly #cleared = new Set<string>();
  #unwatch: (() => void) | undefined;

  constructor(
    deps: RemediationDeps,
    { elapsed_ms = () => steadyMs(deps.clock), remediators, advisors }: RemediationTuning = {},
  ) {
    const { records, clock, logger, node, sources, settings, alerts } = deps;
    this.#deps = deps;
    this.#log = new ActionLog(records);
    this.#recommendations = new Recommendations(deps, advisors);
    const advice = this.#recommendations;
    this.#remediators = remediators ?? registry(sources, { node, clock, settings, advice });
    this.#execution = new Execution({
      log: this.#log,
      remediators: this.#remediators,
      isCalm: (org_id, alert_id) => alerts.get(org_id, alert_id)?.state.state !== 'firing',
      clock,
      logger,
      node,
      elapsed_ms,
    });
    const pauses = new Pauses(records, clock);
    this.#healing = new Healing({
      ...deps,
      log: this.#log,
      execution: this.#execution,
      remediators: this.#remediators,
      others: () => this.#others().map((other) => other.node),
      isPaused: (org_id) => pauses.current(org_id) !== null,
    });
    this.#news = new ActionNews({ alerts, titleOf: ({ remediator }) => this.#remediators[remediator].title });
  }

  start(): void {
    this.#clear(LOCAL_ORG_ID);
    this.#unwatch = this.#deps.records.onChange((change) => this.#quietly(() => this.#changed(change)));
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#execution.stop();
    this.#unwatch?.();
  }

  async heal(round: Round, _changes: readonly AlertChange[]): Promise<void> {
    this.#clear(round.org_id);
    this.#quietly(() => this.#healing.round(round));
    this.#recommendations.round(round, this.#stopping.signal);
    void this.lookAfter();
  }

  async assist(org_id: string): Promise<void> {
    this.#clear(org_id);
    this.#quietly(() => this.#healing.pickUp(org_id));
  }

  /** Whether what was done has helped; by itself every few seconds. Never rejects. */
  async lookAfter(): Promise<void> {
    await this.#execution.lookAfter();
  }

  /** Resolves when nothing runs and nothing is being looked at. */
  async idle(): Promise<void> {
    await this.#healing.idle();
    await this.#execution.idle();
    await this.#recommendations.idle();
  }

  async list({ org_id }: Scope, input: Input<'list'>): Promise<Answer<'list'>> {
    return this.#log.list(org_id, input);
  }

  get({ org_id }: Scope, action_id: string): OpsAction {
    return this.#log.get(org_id, action_id);
  }

  async remediators(scope: Scope): Promise<Answer<'remediators'>> {
    const items = await Promise.all(OPS_REMEDIATORS.map((name) => this.#present(scope, this.#remediators[name])));
    return { items };
  }

  async preview(scope: Scope, { remediator, target: given }: Input<'preview'>): Promise<Answer<'preview'>> {
    const target = this.#targetOf(remediator, given);
    const { risk } = this.#remediators[remediator];
    const look = await this.#look(scope, { remediator, target });
    return {
      remediator,
      target,
      risk,
      ...look,
      blocked: look.blocked ?? this.#underWay(scope, { remediator, target }),
    };
  }

  async run(scope: Scope, { remediator, target, reason }: Input<'run'>): Promise<OpsAction> {
    const origin = { kind: 'person', by: scope.actor, reason: reason ?? null } as const;
    return await this.#begin(scope, { remediator, target, origin, cause: reason ?? `${scope.actor} asked for it.` });
  }

  async approve(scope: Scope, action_id: string): Promise<OpsAction> {
    const action = this.#waiting(scope, action_id);
    const busy = this.#underWay(scope, action);
    if (busy !== null) throw new ArchonError('CONFLICT', busy);
    return this.#decide(scope, action, true, null);
  }

  reject(scope: Scope, { action: action_id, reason }: Input<'reject'>): OpsAction {
    return this.#decide(scope, this.#waiting(scope, action_id), false, reason ?? null);
  }

  recommendations(scope: Scope): Answer<'recommendations'> {
    return this.#recommendations.list(scope);
  }

  async apply(scope: Scope, recommendation_id: string): Promise<OpsAction> {
    const { apply, title } = this.#recommendations.toApply(scope, recommendation_id);
    const origin = { kind: 'recommendation', recommendation_id, by: scope.actor } as const;
    const action = await this.#begin(scope, { ...apply, origin, cause: title });
    this.#recommendations.applied(scope, recommendation_id, action.id);
    return action;
  }

  dismiss(scope: Scope, input: Input<'dismiss'>): Answer<'dismiss'> {
    return this.#recommendations.dismiss(scope, input);
  }

  async #begin(scope: Scope, given: Pick<OpsAction, 'remediator' | 'target' | 'origin' | 'cause'>): Promise<OpsAction> {
    // Also where no agent runs: what an ended process left would stand in the way for ever.
    this.#clear(scope.org_id);
    const { remediator, origin, cause } = given;
    const target = this.#targetOf(remediator, given.target);
    const look = await this.#look(scope, { remediator, target });
    const blocked = look.blocked ?? this.#underWay(scope, { remediator, target });
    if (blocked !== null) throw new ArchonError('CONFLICT', blocked);
    const at = isoTime(this.#deps.clock.now());
    const { risk } = this.#remediators[remediator];
    const state = { state: 'assigned', at } as const;
    const action = newAction({ remediator, target, origin, cause, risk, state, created_at: at });
    return this.#healing.begin(scope.org_id, action, look);
  }

  async #look(scope: Scope, { remediator, target }: Pick<OpsAction, 'remediator' | 'target'>): Promise<Look> {
    if (!this.#healing.isHere({ target })) {
      const node = target.node ?? '';
      const isKnown = this.#others().some((other) => other.node === node);
      const what = `${this.#remediators[remediator].title}, by the process ${node}: it looks itself whether it can.`;
      return { what, facts: [], blocked: isKnown ? null : `Nothing was heard of a process ${node}.` };
    }
    const origin = { kind: 'person', by: scope.actor, reason: null } as const;
    return await this.#execution.look(scope.org_id, { remediator, target, origin });
  }

  /** @throws ArchonError VALIDATION_FAILED when it does not say what it is to be done to */
  #targetOf(remediator: OpsAction['remediator'], given: OpsLabels): OpsLabels {
    const target = this.#healing.placed(remediator, given);
    if (!target)
      throw invalidField('target', 'does not say what it is to be done to: take one of GET /api/ops/remediators');
    return target;
  }

  /** Why not now: one thing at a time is done to a target. */
  #underWay({ org_id }: Scope, { remediator, target }: Pick<OpsAction, 'remediator' | 'target'>): string | null {
    if (this.#execution.isBusy(org_id, { remediator, target })) return 'It is being done already: wait for its end.';
    const same = JSON.stringify(target);
    const isOpen = this.#log
      .open(org_id)
      .some(
        (action) =>
          action.remediator === remediator &&
          action.state.state !== 'waiting_approval' &&
          JSON.stringify(action.target) === same,
      );
    return isOpen ? 'Another process is at it already: wait for its end.' : null;
  }

  /** @throws ArchonError NOT_FOUND; CONFLICT when nobody is asked any more */
  #waiting(scope: Scope, action_id: string): OpsAction {
    const action = this.#log.get(scope.org_id, action_id);
    const decided = this.#log.decision(scope.org_id, action_id);
    if (decided) throw new ArchonError('CONFLICT', `${decided.by} has decided about it already.`);
    if (action.state.state !== 'waiting_approval') {
      throw new ArchonError('CONFLICT', `It waits for nobody: it is ${action.state.state.replaceAll('_', ' ')}.`);
    }
    if (Date.parse(action.state.expires_at) <= this.#deps.clock.now()) {
      throw new ArchonError('CONFLICT', 'Its time is over: have it done by hand instead.');
    }
    return action;
  }

  /** What the one that leads takes note of; at once where that is this process. */
  #decide(scope: Scope, action: OpsAction, approved: boolean, reason: string | null): OpsAction {
    const at = isoTime(this.#deps.clock.now());
    this.#log.decide(scope.org_id, { action_id: action.id, approved, reason, by: scope.actor, at });
    if (this.#leads(scope.org_id))
      this.#healing.decided(scope.org_id, this.#log.find(scope.org_id, action.id) ?? action);
    return this.#log.get(scope.org_id, action.id);
  }

  async #present(scope: Scope, remediator: Remediator): Promise<OpsRemediator> {
    const { name, title, precondition, effect, risk, verification } = remediator;
    const signals = [...REMEDIATOR_SIGNALS[name]];
    const here = await this.#targets(scope, remediator);
    const there = this.#others().flatMap((other) => targetsThere(scope, remediator, other));
    const targets = [...here, ...there].map((one) => ({
      ...one,
      blocked: one.blocked ?? this.#underWay(scope, { remediator: name, target: one.target }),
    }));
    return { name, title, precondition, effect, risk, verification, signals, targets };
  }

  /** What cannot be found out now must not hide what else can be done. */
  async #targets(scope: Scope, remediator: Remediator): Promise<OpsTarget[]> {
    try {
      return await bounded(TARGETS_MS, this.#stopping.signal, () => remediator.targets(scope));
    } catch (error) {
      const blocked = `What it can be used on could not be found out: ${messageOf(error)}`;
      return [{ target: {}, title: remediator.title, detail: null, blocked }];
    }
  }

  #others() {
    return this.#deps.others?.() ?? [];
  }

  #leads(org_id: string): boolean {
    return this.#deps.leads?.(org_id) ?? true;
  }

  /** What a process that ended left running is interrupted; looked for once, before anything is begun. */
  #clear(org_id: string): void {
    if (this.#cleared.has(org_id)) return;
    this.#cleared.add(org_id);
    this.#quietly(() => this.#execution.interruptLeft(org_id));
  }

  #changed({ org_id, kind, id, own }: RecordChange): void {
    if (kind === 'decision' && !own && this.#leads(org_id)) {
      const action = this.#log.find(org_id, id);
      if (action) this.#healing.decided(org_id, action);
      return;
    }
    if (kind !== 'action') return;
    const action = this.#log.find(org_id, id);
    if (!action) return;
    this.#healing.attempts.changed(action);
    if (!own && action.state.state === 'assigned' && !isOver(action)) this.#healing.pickUp(org_id);
    if (this.#leads(org_id)) this.#news.tell(org_id, action);
  }

  /** No part of the agent may end its round, nor what only told it of something. */
  #quietly(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#deps.logger.error({ err: error }, 'healing failed');
    }
  }
}
