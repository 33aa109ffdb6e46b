/**
 * The ops agent of this process: rounds for every organisation while it is switched on, and what persons ask and command.
 *
 * The organisation of this computer has a loop of its own, so that others, however many and slow, do not hold it up.
 */
import type { OpsAgentState, OpsObservation, OpsStatus } from '../../../src-contract/index.ts';
import { isoTime, steadyMs } from '../../clock.ts';
import { ArchonError } from '../../errors.ts';
import { Bell } from '../../events/bell.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import type { OpsDeps } from '../deps.ts';
import type { AlertBook, Dispatcher, Healer, Judge, Observer, OpsObserver, Reporter } from '../parts.ts';
import type { NodeDocument } from '../records/documents.ts';
import { KeepingTime } from '../records/keeping-time.ts';
import type { RecordChange } from '../records/ops-records.ts';
import type { RecordSharing } from '../records/record-sharing.ts';
import { pruneRecords, pruneShared, removeOldSilences } from '../records/retention.ts';
import type { SharedTable } from '../records/shared-table.ts';
import type { AgentService } from '../services.ts';
import { countActions, countAlerts } from './agent-counts.ts';
import type { Leadership } from './leadership.ts';
import { NodeReports } from './node-reports.ts';
import { OneRound, type RoundLimits, type RoundResult } from './one-round.ts';
import { Pauses } from './pauses.ts';
import { RoundLoop, type RoundTrigger } from './round-loop.ts';
import { RoundTime } from './round-time.ts';

export interface AgentDeps extends OpsDeps {
  observer: Observer;
  judge: Judge & Pick<AlertBook, 'active'>;
  healer: Healer;
  dispatcher: Dispatcher;
  reporter: Reporter;
  /** Never fails. */
  organisations(): Iterable<string>;
  leadership: Leadership;
  /** Undefined where nobody shares the database. */
  sharing: { records: RecordSharing; table: SharedTable } | undefined;
  /** Why no agent runs in this process, whatever is set; null where one may. */
  unavailable: string | null;
  /** It is what this process is for: no setting switches it off. */
  always: boolean;
  figures?: OpsObserver;
  /** Milliseconds of a clock that only grows. */
  monotonic_ms?: () => number;
  /** Milliseconds, for tests. */
  limits?: Partial<RoundLimits>;
  gap_ms?: number;
}

/**
 * What this process does. `observer`: it is switched off, but shares the database with others. Nobody else sees its side,
 * nor can do what only it can: it goes on with both, and never leads.
 */
type Role = 'off' | 'observer' | 'agent';

interface LastRound extends RoundResult {
  trigger: RoundTrigger;
  duration_ms: number;
}

const SWITCHED_OFF = 'It is switched off on this computer (ops.enabled).';
const ONLY_OBSERVES =
  'It is switched off on this computer (ops.enabled): it only observes this process, and does what the agent of another assigns to it.';
/** How long a round waits to hear whether this node still leads. */
const CONTACT_WITHIN_MS = 2000;
const PRUNE_EVERY_MS = 3_600_000;
/** How long a stop waits for what is under way. */
const STOP_WITHIN_MS = 5000;
/** Notes of others that an agent should look at without waiting for its next round. */
const MATTERS: ReadonlySet<RecordChange['kind']> = new Set(['pause', 'decision', 'remark', 'silence', 'rule']);

export class OpsAgent implements AgentService {
  readonly #deps: AgentDeps;
  readonly #monotonic_ms: () => number;
  readonly #pauses: Pauses;
  readonly #reports: NodeReports;
  readonly #round: OneRound;
  readonly #time: RoundTime;
  readonly #loops: { home: RoundLoop; others: RoundLoop };
  readonly #last = new Map<string, LastRound>();
  readonly #working = new Map<string, { since_ms: number; doing: string }>();
  readonly #pruned_ms = new Map<string, number>();
  /** Undefined while it is not known when something was noted last. */
  #keeping: KeepingTime | undefined;
  readonly #unwatch: (() => void)[] = [];
  #isStarted = false;
  #role: Role = 'off';
  /** One switching on or off after the other. */
  #turn: Promise<void> = Promise.resolve();

  constructor(deps: AgentDeps) {
    this.#deps = deps;
    this.#monotonic_ms = deps.monotonic_ms ?? (() => steadyMs(deps.clock));
    this.#pauses = new Pauses(deps.records, deps.clock);
    this.#time = new RoundTime(this.#monotonic_ms);
    this.#reports = new NodeReports({ records: deps.records, node: deps.node, monotonic_ms: this.#monotonic_ms });
    this.#round = this.#makeRound();
    this.#loops = {
      home: this.#makeLoop(() => [...deps.organisations()].filter((org_id) => org_id === LOCAL_ORG_ID)),
      others: this.#makeLoop(() => [...deps.organisations()].filter((org_id) => org_id !== LOCAL_ORG_ID)),
    };
  }

  /** Whether this process acts for an organisation now. */
  leads(org_id: string): boolean {
    return this.#role === 'agent' && this.#deps.leadership.leads(org_id);
  }

  /** Other nodes whose reports are fresh, with what they saw of themselves. */
  others(org_id: string): readonly NodeDocument[] {
    const { clock, sharing } = this.#deps;
    return this.#reports.others(org_id, {
      now_ms: clock.now(),
      interval_ms: this.#interval_ms(org_id),
      frozen: sharing?.records.away_since_ms !== undefined,
    });
  }

  start(): void {
    const { unavailable, settings, records, leadership, sharing, healer, dispatcher } = this.#deps;
    if (unavailable !== null || this.#isStarted) return;
    this.#isStarted = true;
    this.#unwatch.push(
      settings.onChange(({ keys }) => {
        if (keys.has('ops.enabled')) this.#adjust();
        if (keys.has('ops.interval_seconds') || keys.has('ops.mode')) this.#replan();
      }),
      records.onChange((change) => this.#noteChanged(change)),
    );
    leadership.onChange((org_id, leads) => {
      if (leads) this.ring(org_id);
    });
    sharing?.records.start();
    healer.start();
    dispatcher.start();
    this.#adjust();
  }

  /** Something happened that matters: a round begins now. */
  ring(org_id: string): void {
    if (this.#role !== 'off') this.#loopOf(org_id).ring(org_id);
  }

  /** Organisations have come or gone. */
  #replan(): void {
    this.#loops.home.replan();
    this.#loops.others.replan();
  }

  async stop(): Promise<void> {
    if (!this.#isStarted) return;
    this.#isStarted = false;
    for (const unwatch of this.#unwatch.splice(0)) unwatch();
    this.#adjust();
    await this.#turn;
    await this.#deps.healer.stop();
    await this.#deps.dispatcher.stop();
    await this.#deps.sharing?.records.stop();
  }

  status({ org_id }: Scope): OpsStatus {
    const { settings, node, observer, records, judge, clock, sharing } = this.#deps;
    const config = settings.of(org_id);
    const away_since_ms = sharing?.records.away_since_ms;
    return {
      agent: this.#state(org_id),
      mode: config['ops.mode'],
      paused: this.#pauses.current(org_id),
      interval_seconds: config['ops.interval_seconds'],
      node,
      last_round: this.#lastRound(org_id),
      monitors: observer.monitors(),
      alerts: countAlerts(judge.active(org_id)),
      ...countActions(records, org_id, clock.now()),
      most_actions_per_hour: config['ops.max_actions_per_hour'],
      nodes: this.#nodes(org_id),
      storage: {
        shared: sharing !== undefined,
        unsaved: sharing === undefined ? 0 : records.unsavedCount(org_id),
        away_since: away_since_ms === undefined ? null : isoTime(away_since_ms),
      },
    };
  }

  signals({ org_id }: Scope): { at: string | null; items: OpsObservation[] } {
    const last = this.#last.get(org_id);
    return { at: last ? isoTime(last.at_ms) : null, items: [...(last?.observations ?? [])] };
  }

  async run(scope: Scope): Promise<OpsStatus> {
    const off = this.#offReason();
    if (off !== null) throw new ArchonError('CONFLICT', `No ops agent runs here. ${off}`);
    await this.#loopOf(scope.org_id).run(scope.org_id);
    return this.status(scope);
  }

  pause(scope: Scope, input: { reason?: string | undefined; until?: string | undefined }): OpsStatus {
    const { until } = input;
    if (until !== undefined && Date.parse(until) <= this.#deps.clock.now()) {
      throw new ArchonError('VALIDATION_FAILED', 'until: must be in the future; leave it out to pause until resumed.');
    }
    this.#pauses.begin(scope, input);
    return this.status(scope);
  }

  resume(scope: Scope): OpsStatus {
    this.#pauses.end(scope);
    return this.status(scope);
  }

  #makeRound(): OneRound {
    const { settings, clock, figures, sharing } = this.#deps;
    return new OneRound({
      ...this.#deps,
      reports: this.#reports,
      time: this.#time,
      now_ms: () => clock.now(),
      monotonic_ms: this.#monotonic_ms,
      leads: (org_id) => this.leads(org_id),
      sync: async (org_id, within_ms) => sharing?.records.sync(org_id, within_ms),
      isAway: () => sharing?.records.away_since_ms !== undefined,
      isShared: sharing !== undefined,
      interval_ms: (org_id) => this.#interval_ms(org_id),
      mode: (org_id) => settings.of(org_id)['ops.mode'],
      isPaused: (org_id) => this.#pauses.current(org_id) !== null,
      onAlerts: (changes) => {
        for (const change of changes) figures?.alerted(change);
      },
    });
  }

  #makeLoop(organisations: () => string[]): RoundLoop {
    return new RoundLoop({
      organisations,
      interval_ms: (org_id) => this.#interval_ms(org_id),
      round: (org_id, trigger) => this.#makeOne(org_id, trigger),
      onError: (error) => this.#deps.logger.error({ err: error }, 'a round of the ops agent failed'),
      monotonic_ms: this.#monotonic_ms,
      ...(this.#deps.gap_ms === undefined ? {} : { gap_ms: this.#deps.gap_ms }),
    });
  }

  async #makeOne(org_id: string, trigger: RoundTrigger): Promise<void> {
    const { clock, figures, sharing } = this.#deps;
    const began_ms = this.#monotonic_ms();
    const since_ms = clock.now();
    if (this.#role === 'agent') await this.#askWhoLeads(org_id);
    this.#keeping ??= this.#keepingTime();
    const onStep = (doing: string) => this.#working.set(org_id, { since_ms, doing });
    try {
      const result = await this.#round.make(org_id, onStep);
      const duration_ms = Math.round(this.#monotonic_ms() - began_ms);
      this.#last.set(org_id, { ...result, trigger, duration_ms });
      figures?.rounded({ trigger, isWhole: result.error === null, seconds: duration_ms / 1000 });
      // What happened here is seen by whoever acts only when it looks.
      if (trigger !== 'interval' && !this.leads(org_id)) await sharing?.records.ringOthers(org_id);
      await this.#tidy(org_id);
    } finally {
      this.#working.delete(org_id);
    }
  }

  /** Before each round: a process that stood still for a while, or a computer that slept, may have lost its lease. */
  async #askWhoLeads(org_id: string): Promise<void> {
    const late = new Bell();
    await Promise.race([this.#deps.leadership.contact(org_id), late.wait(CONTACT_WITHIN_MS)]);
    late.ring();
  }

  /** Before the first round is written down. */
  #keepingTime(): KeepingTime | undefined {
    const { clock, rounds, logger } = this.#deps;
    try {
      const newest_ms = rounds.newest_ms(LOCAL_ORG_ID);
      return new KeepingTime({ now_ms: () => clock.now(), monotonic_ms: this.#monotonic_ms, newest_ms });
    } catch (error) {
      logger.warn(
        { err: error },
        'the rounds of the ops agent could not be read; nothing old is removed until they can',
      );
      return undefined;
    }
  }

  /** Removes what is old: rounds as they grow old, the rest every hour. */
  async #tidy(org_id: string): Promise<void> {
    const { rounds, logger } = this.#deps;
    const now_ms = this.#keeping?.now_ms();
    if (now_ms === undefined) return;
    try {
      rounds.tidy(org_id, now_ms);
      await this.#pruneNowAndThen(org_id, now_ms);
    } catch (error) {
      logger.warn({ err: error }, 'old notes of the ops agent were not removed; tried again later');
    }
  }

  async #pruneNowAndThen(org_id: string, now_ms: number): Promise<void> {
    const { records, sharing } = this.#deps;
    const since_ms = this.#monotonic_ms();
    if (since_ms - (this.#pruned_ms.get(org_id) ?? Number.NEGATIVE_INFINITY) < PRUNE_EVERY_MS) return;
    this.#pruned_ms.set(org_id, since_ms);
    pruneRecords(records, org_id, now_ms);
    if (!this.leads(org_id)) return;
    removeOldSilences(records, org_id, now_ms);
    if (sharing) await pruneShared(sharing.table, org_id, now_ms);
  }

  #noteChanged({ org_id, kind, own }: RecordChange): void {
    // An action that another node wrote is one that it did for this one, or that this one is to do.
    if (MATTERS.has(kind) || (kind === 'action' && !own)) this.ring(org_id);
  }

  #adjust(): void {
    this.#turn = this.#turn
      .then(() => this.#toWhatIsWanted())
      .catch((error: unknown) => this.#deps.logger.error({ err: error }, 'the ops agent could not be switched'));
  }

  async #toWhatIsWanted(): Promise<void> {
    const before = this.#role;
    const wanted = this.#wantedRole();
    if (wanted === before) return;
    this.#role = wanted;
    if (wanted === 'off') {
      await this.#endRounds();
      this.#leave();
    }
    if (before === 'agent') await this.#deps.leadership.stop();
    if (before === 'off') this.#time.forget();
    if (wanted === 'agent') this.#deps.leadership.start();
    if (before === 'off') {
      this.#loops.home.start();
      this.#loops.others.start();
    }
  }

  #wantedRole(): Role {
    if (this.#offReason() === null) return 'agent';
    return this.#isStarted && this.#deps.unavailable === null && this.#deps.sharing ? 'observer' : 'off';
  }

  async #endRounds(): Promise<void> {
    const late = new Bell();
    const ended = Promise.all([this.#loops.home.stop(), this.#loops.others.stop()]);
    await Promise.race([ended, late.wait(STOP_WITHIN_MS)]);
    late.ring();
  }

  #leave(): void {
    const { sharing, organisations, logger } = this.#deps;
    if (sharing === undefined) return;
    try {
      for (const org_id of organisations()) this.#reports.leave(org_id);
    } catch (error) {
      logger.warn({ err: error }, 'the other nodes are not told that this one ends; they notice');
    }
  }

  #offReason(): string | null {
    const { unavailable, settings, always, sharing } = this.#deps;
    if (unavailable !== null) return unavailable;
    if (!always && !settings.device['ops.enabled']) return sharing ? ONLY_OBSERVES : SWITCHED_OFF;
    return this.#isStarted ? null : 'It is not running.';
  }

  #state(org_id: string): OpsAgentState {
    const { leadership, clock } = this.#deps;
    const reason = this.#offReason();
    if (reason !== null) return { state: 'off', reason };
    if (!leadership.leads(org_id)) return { state: 'following', leader: leadership.leader(org_id) };
    const working = this.#working.get(org_id);
    if (working) return { state: 'working', since: isoTime(working.since_ms), doing: working.doing };
    const due_in_ms = Math.max(0, this.#loopOf(org_id).due_in_ms(org_id));
    return { state: 'waiting', next_round_at: isoTime(Math.round(clock.now() + due_in_ms)) };
  }

  #lastRound(org_id: string): OpsStatus['last_round'] {
    const last = this.#last.get(org_id);
    if (!last) return null;
    const { at_ms, duration_ms, trigger, observations, error } = last;
    return { at: isoTime(at_ms), duration_ms, trigger, observations: observations.length, error };
  }

  #nodes(org_id: string): OpsStatus['nodes'] {
    const { leadership, clock, node, sharing } = this.#deps;
    if (this.#offReason() !== null && sharing === undefined) return [];
    const others = this.others(org_id).map((report) => ({ node: report.node, at_ms: report.at_ms }));
    const last = this.#last.get(org_id);
    const own = this.#role !== 'off' ? [{ node, at_ms: last?.at_ms ?? clock.now() }] : [];
    const leader = leadership.leader(org_id);
    return [...own, ...others].map((one) => ({
      node: one.node,
      seen_at: isoTime(one.at_ms),
      leads: one.node === leader,
    }));
  }

  #interval_ms(org_id: string): number {
    return this.#deps.settings.of(org_id)['ops.interval_seconds'] * 1000;
  }

  #loopOf(org_id: string): RoundLoop {
    return org_id === LOCAL_ORG_ID ? this.#loops.home : this.#loops.others;
  }
}
