/** Gathers what a report tells: of its own time, and of the seven days before. */
import type { BreakerTransition, OpsReport, OpsReportData } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { LOCAL_ORG_ID, type Scope } from '../../identity/scope.ts';
import type { MetricPeriod } from '../../observability/history/period.ts';
import type { OpsDeps, OpsSources } from '../deps.ts';
import { type AgentNotes, actionsOf, alertsOf, countNotes, readNotes, recommendationsOf } from './agent-notes.ts';
import { breakerTimes, openingsIn } from './breaker-times.ts';
import { countDeadLetters, countMemories, countRuns, type MemoryCounts, type WorkerCounts } from './database-counts.ts';
import { type CallFigures, type FigureValues, figuresOf, valuesOf } from './figures.ts';
import { Patience } from './patience.ts';
import { lengthOf, overlap, type Period, periodsBefore, weekBefore } from './period.ts';
import { type RecordedTime, recordedTime } from './recorded-time.ts';
import { summaryOf } from './summary.ts';
import { topErrors } from './top-errors.ts';
import type { UpAndDown } from './uptime.ts';

/** Milliseconds for one question to a source, and for all of a report: less than a round lets it have. */
const ASK_MS = 10_000;
/** Where the agent looks every five seconds a day has very many rounds; they are on this computer. */
const ROUNDS_MS = 30_000;
const REPORT_MS = 45_000;
/** An earlier report stands for a day when it is of nearly the same hours: those of a day of 23 hours are. */
const SAME_HOURS = 0.9;
/** Pages of the history of breakers: 1,000 changes of each are kept. */
const BREAKER_PAGES = 100;
const BREAKER_PAGE = 100;

/** What is known of a period. Null: the source did not answer. */
interface Known {
  period: Period;
  recorded: RecordedTime | null;
  calls: MetricPeriod | null;
  memories: MemoryCounts | null;
  dead_letters: number | null;
  workers: WorkerCounts[] | null;
}

/** What is read once for all of the days. */
interface Common {
  notes: AgentNotes | null;
  breakers: BreakerTransition[] | null;
}

export interface MakerDeps extends OpsDeps {
  sources: OpsSources;
}

export class ReportMaker {
  readonly #deps: MakerDeps;

  constructor(deps: MakerDeps) {
    this.#deps = deps;
  }

  /**
   * Never rejects for a source that is away.
   *
   * @param earlier reports that were made, to compare with
   */
  async make(scope: Scope, period: Period, earlier: readonly OpsReport[]): Promise<OpsReportData> {
    const { logger, settings } = this.#deps;
    const time_zone = settings.of(scope.org_id)['ops.report_time_zone'];
    const patience = new Patience({ logger, limit_ms: ASK_MS, signal: AbortSignal.timeout(REPORT_MS) });
    const common = await this.#common(scope, period, patience);
    const known = await this.#ask(scope, period, patience);
    const days = await this.#daysBefore(scope, period, { earlier, common, patience });
    const week = await this.#callsOfWeek(scope, period, patience);
    const errors = isOperator(scope)
      ? await patience.ask('the log', (ends) => topErrors(this.#deps.sources.logs, period, ends))
      : null;
    const data = {
      from: isoTime(period.from_ms),
      to: isoTime(period.to_ms),
      time_zone,
      recorded_percent: recordedPercent(known),
      figures: figuresOf(values(known, common), days, week),
      components: componentsOf(known.recorded),
      breakers: this.#breakersOf(scope, period, common),
      workers: workersOf(known.workers),
      errors: errors ?? [],
      alerts: common.notes ? alertsOf(common.notes, period) : [],
      actions: common.notes ? actionsOf(common.notes, period) : [],
      recommendations: await this.#recommendations(scope, patience),
    };
    return { ...data, summary: summaryOf(data) };
  }

  async #common(scope: Scope, period: Period, patience: Patience): Promise<Common> {
    const since_ms = periodsBefore(period).at(-1)?.from_ms ?? period.from_ms;
    const [notes, breakers] = await Promise.all([
      patience.ask('the notes of the agent', () => readNotes(this.#deps.records, scope.org_id, since_ms)),
      patience.ask('the circuit breakers', () => this.#breakerHistory(scope, since_ms)),
    ]);
    return { notes, breakers };
  }

  /** What is of this process and its computer is the operator's: other organisations are not told. */
  async #ask(scope: Scope, period: Period, patience: Patience): Promise<Known> {
    const { sources, rounds, settings } = this.#deps;
    const { database, metrics } = sources;
    const runs_kept = settings.of(scope.org_id)['workers.runs_kept'];
    const [recorded, calls, memories, dead_letters, workers] = await Promise.all([
      patience.ask('the recorded rounds', (ends) => recordedTime(rounds, scope.org_id, period, ends), ROUNDS_MS),
      isOperator(scope) ? patience.ask('the metrics', () => metrics.period(period)) : null,
      patience.ask('the memories', () => countMemories(database, scope, period)),
      patience.ask('the dead letters', () => countDeadLetters(database, scope, period)),
      patience.ask('the workers', () => countRuns(database, scope, period, runs_kept)),
    ]);
    return { period, recorded, calls, memories, dead_letters, workers };
  }

  /** A day of which the agent recorded nothing, and of which there is no report, is not compared with. */
  async #daysBefore(
    scope: Scope,
    period: Period,
    { earlier, common, patience }: { earlier: readonly OpsReport[]; common: Common; patience: Patience },
  ): Promise<(FigureValues | null)[]> {
    const days: (FigureValues | null)[] = [];
    for (const day of periodsBefore(period)) {
      const report = reportOf(day, earlier);
      if (report) days.push(valuesOf(report.data.figures));
      else if (patience.signal.aborted || !this.#isRecorded(scope, day)) days.push(null);
      else days.push(values(await this.#ask(scope, day, patience), common));
    }
    return days;
  }

  #isRecorded(scope: Scope, { from_ms, to_ms }: Period): boolean {
    try {
      return this.#deps.rounds.read(scope.org_id, { from_ms, to_ms, limit: 1 }).length > 0;
    } catch {
      // That the file cannot be read was told when the period itself was.
      return false;
    }
  }

  async #callsOfWeek(scope: Scope, period: Period, patience: Patience): Promise<CallFigures> {
    const week = weekBefore(period);
    const none = { latency_mean_ms: null, latency_p95_ms: null };
    if (week === undefined || !isOperator(scope)) return none;
    return (await patience.ask('the metrics', () => this.#deps.sources.metrics.period(week))) ?? none;
  }

  async #recommendations(scope: Scope, patience: Patience): Promise<OpsReportData['recommendations']> {
    const { records } = this.#deps;
    return (await patience.ask('the recommendations', () => recommendationsOf(records, scope.org_id))) ?? [];
  }

  #breakerHistory(scope: Scope, since_ms: number): BreakerTransition[] {
    const { resilience } = this.#deps.sources;
    const found: BreakerTransition[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < BREAKER_PAGES; page += 1) {
      const asked = cursor === undefined ? {} : { cursor };
      const { items, next_cursor } = resilience.history(scope, { limit: BREAKER_PAGE, ...asked });
      found.push(...items);
      const oldest = items.at(-1);
      if (next_cursor === null || oldest === undefined || Date.parse(oldest.at) <= since_ms) break;
      cursor = next_cursor;
    }
    return found;
  }

  #breakersOf(scope: Scope, period: Period, { breakers }: Common): OpsReportData['breakers'] {
    return breakers ? breakerTimes(period, breakers, this.#deps.sources.resilience.list(scope)) : [];
  }
}

const isOperator = ({ org_id }: Scope): boolean => org_id === LOCAL_ORG_ID;

/** The report that is of the hours of that day, as near as there is one. */
function reportOf(day: Period, earlier: readonly OpsReport[]): OpsReport | undefined {
  const shared = (report: OpsReport) =>
    overlap(day, { from_ms: Date.parse(report.from), to_ms: Date.parse(report.to) });
  const similar = earlier.filter((report) => shared(report) >= SAME_HOURS);
  return similar.toSorted((a, b) => shared(b) - shared(a))[0];
}

function values({ period, recorded, calls, memories, dead_letters, workers }: Known, common: Common): FigureValues {
  const { notes, breakers } = common;
  const counted = notes ? countNotes(notes, period) : null;
  const requests = recorded?.shared ?? (calls !== null && calls.covered_seconds > 0 ? calls : null);
  const runs = workers?.every(({ complete }) => complete) ? workers : null;
  return {
    uptime_percent: recorded?.uptime.memory.uptime_percent ?? null,
    events_processed: rounded(requests?.events),
    requests: rounded(requests?.requests),
    latency_mean_ms: calls?.latency_mean_ms ?? null,
    latency_p95_ms: calls?.latency_p95_ms ?? null,
    error_percent: requests && requests.requests > 0 ? (100 * requests.failed_requests) / requests.requests : null,
    breaker_openings: breakers ? openingsIn(period, breakers) : null,
    worker_runs: sumOf(runs, 'runs'),
    worker_restarts: sumOf(runs, 'restarts'),
    worker_failures: sumOf(runs, 'failures'),
    memories_added: memories?.added ?? null,
    memory_growth_percent:
      memories && memories.before > 0 ? (100 * (memories.after - memories.before)) / memories.before : null,
    dead_letters_added: dead_letters,
    alerts_fired: counted?.alerts_fired ?? null,
    actions_taken: counted?.actions_taken ?? null,
    actions_helped: counted?.actions_helped ?? null,
    detect_to_heal_seconds: counted?.detect_to_heal_seconds ?? null,
  };
}

const rounded = (value: number | undefined): number | null => (value === undefined ? null : Math.round(value));

const sumOf = (workers: WorkerCounts[] | null, member: 'runs' | 'failures' | 'restarts'): number | null =>
  workers === null ? null : workers.reduce((sum, worker) => sum + worker[member], 0);

function recordedPercent({ period, recorded }: Known): number {
  const length_ms = lengthOf(period);
  return recorded && length_ms > 0 ? Math.min(100, (100 * recorded.uptime.recorded_ms) / length_ms) : 0;
}

function componentsOf(recorded: RecordedTime | null): OpsReportData['components'] {
  if (recorded === null) return [];
  const tell = (component: string, tally: UpAndDown) => ({
    component,
    uptime_percent: tally.uptime_percent,
    outages: tally.outages,
    longest_outage_seconds: tally.longest_ms / 1000,
    mttr_seconds: tally.mttr_seconds,
  });
  return [...recorded.uptime.components]
    .map(([component, tally]) => tell(component, tally))
    .toSorted((a, b) => (a.uptime_percent ?? 101) - (b.uptime_percent ?? 101));
}

const workersOf = (workers: WorkerCounts[] | null): OpsReportData['workers'] =>
  (workers ?? []).filter(({ runs }) => runs > 0).map(({ complete: _complete, ...counts }) => counts);
