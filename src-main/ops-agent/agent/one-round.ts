/**
 * One round of an organisation. Each part may fail or be late alone: the others go on, and the round says what was missing.
 *
 * A judge that fails does not keep the healer from its work, since what was begun must be looked after; but nothing new is
 * begun in such a round, for it is not known whether the alerts are still true.
 */
import type { Logger } from 'pino';
import { OPS_MONITORS, type OpsMode, type OpsObservation } from '../../../src-contract/index.ts';
import type { AlertChange, Dispatcher, Healer, Judge, Observed, Observer, Reporter, Round } from '../parts.ts';
import type { RoundLog } from '../records/round-log.ts';
import { BoundedPart, type PartEnd } from './bounded-part.ts';
import { type NodeReports, withReports } from './node-reports.ts';
import type { RoundTime } from './round-time.ts';

/** Milliseconds that each part may take before it is left alone. */
export interface RoundLimits {
  sync: number;
  observe: number;
  heal: number;
  report: number;
}

export const DEFAULT_LIMITS: RoundLimits = { sync: 5000, observe: 30_000, heal: 60_000, report: 60_000 };

export interface OneRoundDeps {
  observer: Observer;
  judge: Judge;
  healer: Healer;
  dispatcher: Dispatcher;
  reporter: Reporter;
  rounds: RoundLog;
  reports: NodeReports;
  time: RoundTime;
  logger: Logger;
  now_ms(): number;
  /** Milliseconds of a clock that only grows. */
  monotonic_ms(): number;
  /** Whether this node acts for the organisation. */
  leads(org_id: string): boolean;
  /** Has notes of other nodes here, as far as that can be had in the time. */
  sync(org_id: string, within_ms: number): Promise<void>;
  /** The database is away: of other nodes nothing can be heard. */
  isAway(): boolean;
  /** Whether anybody else is to hear of what this node saw. */
  isShared: boolean;
  interval_ms(org_id: string): number;
  mode(org_id: string): OpsMode;
  isPaused(org_id: string): boolean;
  onAlerts(changes: readonly AlertChange[]): void;
  limits?: Partial<RoundLimits>;
}

export interface RoundResult {
  observations: readonly OpsObservation[];
  at_ms: number;
  /** What was missing, in words; null when nothing was. */
  error: string | null;
}

/** What may be late, by organisation: one of them does not hold up another's. */
type Parts = Record<'observe' | 'heal' | 'report', BoundedPart>;

export class OneRound {
  readonly #deps: OneRoundDeps;
  readonly #limits: RoundLimits;
  readonly #parts = new Map<string, Parts>();

  constructor(deps: OneRoundDeps) {
    this.#deps = deps;
    this.#limits = { ...DEFAULT_LIMITS, ...deps.limits };
  }

  /** Never rejects. @param onStep hears what it is at */
  async make(org_id: string, onStep: (doing: string) => void): Promise<RoundResult> {
    const { leads, sync } = this.#deps;
    const problems: string[] = [];
    onStep('reading what other nodes wrote');
    await sync(org_id, this.#limits.sync);
    onStep('observing');
    const observed = await this.#observe(org_id, problems);
    const round = this.#roundOf(org_id, observed);
    this.#attempt('What was observed could not be written down', problems, () => this.#write(round));
    if (leads(org_id)) await this.#act(round, problems, onStep);
    else await this.#assist(org_id, problems, onStep);
    const error = problems.length === 0 ? null : problems.join(' ');
    return { observations: round.observations, at_ms: round.at_ms, error };
  }

  async #observe(org_id: string, problems: string[]): Promise<Observed> {
    const { observer, reports, isShared, now_ms, interval_ms, isAway } = this.#deps;
    const end = await this.#partsOf(org_id).observe.run(() => observer.observe(org_id));
    const own = this.#valueOf(end, 'The monitors', problems);
    // Nothing is known then: alerts stay as they are.
    if (own === undefined) return { at_ms: now_ms(), observations: [], failed: OPS_MONITORS };
    if (!isShared) return own;
    let observed = own;
    this.#attempt('Reports of nodes could not be read or written', problems, () => {
      reports.write(org_id, own);
      const given = { now_ms: now_ms(), interval_ms: interval_ms(org_id), frozen: isAway() };
      observed = withReports(own, reports.others(org_id, given));
    });
    return observed;
  }

  #roundOf(org_id: string, observed: Observed): Round {
    const { time, interval_ms, mode, isPaused } = this.#deps;
    return {
      ...observed,
      org_id,
      elapsed_ms: time.elapsed_ms(org_id, interval_ms(org_id)),
      mode: mode(org_id),
      paused: isPaused(org_id),
    };
  }

  #write({ org_id, at_ms, elapsed_ms, observations, failed }: Round): void {
    this.#deps.rounds.add(org_id, { at_ms, covered_ms: elapsed_ms, observations, failed });
  }

  async #act(round: Round, problems: string[], onStep: (doing: string) => void): Promise<void> {
    const { judge, healer, dispatcher, reporter, onAlerts } = this.#deps;
    const { org_id, at_ms } = round;
    const parts = this.#partsOf(org_id);
    onStep('judging');
    const changes = this.#attempt('Rules could not be judged', problems, () => judge.judge(round));
    if (changes) this.#attempt('Alerts could not be counted', problems, () => onAlerts(changes));
    onStep('healing');
    const sight = changes ? round : { ...round, paused: true };
    this.#valueOf(await parts.heal.run(() => healer.heal(sight, changes ?? [])), 'Healing', problems);
    onStep('telling people');
    this.#attempt('People could not be told', problems, () => dispatcher.dispatch(round, changes ?? []));
    onStep('looking whether a report is due');
    this.#valueOf(await parts.report.run(() => reporter.round(org_id, at_ms)), 'The report', problems);
  }

  async #assist(org_id: string, problems: string[], onStep: (doing: string) => void): Promise<void> {
    const { healer } = this.#deps;
    onStep('doing what the node that leads assigned');
    const end = await this.#partsOf(org_id).heal.run(async () => healer.assist?.(org_id));
    this.#valueOf(end, 'Healing', problems);
  }

  #attempt<T>(failure: string, problems: string[], work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#deps.logger.error({ err: error }, `a round of the ops agent: ${failure}`);
      problems.push(`${failure}: ${messageOf(error)}`);
      return undefined;
    }
  }

  #valueOf<T>(end: PartEnd<T>, part: string, problems: string[]): T | undefined {
    switch (end.ended) {
      case 'done':
        return end.value;
      case 'failed':
        this.#deps.logger.error({ err: end.error }, `a round of the ops agent: ${part} failed`);
        problems.push(`${part} failed: ${messageOf(end.error)}`);
        return undefined;
      case 'late':
        this.#deps.logger.warn(`a round of the ops agent: ${part} took too long; the round went on without`);
        problems.push(`${part} took too long; the round went on without.`);
        return undefined;
      case 'busy':
        problems.push(`${part} of an earlier round is not over yet.`);
        return undefined;
    }
  }

  #partsOf(org_id: string): Parts {
    const known = this.#parts.get(org_id);
    if (known) return known;
    const { observe, heal, report } = this.#limits;
    const part = (limit_ms: number) => new BoundedPart(limit_ms, this.#deps.monotonic_ms);
    const parts = { observe: part(observe), heal: part(heal), report: part(report) };
    this.#parts.set(org_id, parts);
    return parts;
  }
}

function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.endsWith('.') ? message : `${message}.`;
}
