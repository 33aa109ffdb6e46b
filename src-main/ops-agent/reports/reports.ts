/** Reports: made when they are due, and when a person asks; kept, handed out and sent. */
import { v4 as uuidv4, v5 as uuidv5 } from 'uuid';
import { z } from 'zod';
import type { OpsReport, OpsReportEntry, Outputs, ParsedInputs, WorkerSchedule } from '../../../src-contract/index.ts';
import { isoTime } from '../../clock.ts';
import { ArchonError, notFound } from '../../errors.ts';
import type { Scope } from '../../identity/scope.ts';
import { decodeCursor, encodeCursor } from '../../memory/cursor.ts';
import type { Dispatcher, Reporter } from '../parts.ts';
import type { ReportsService } from '../services.ts';
import { duePeriod, nextReport, reportSchedule } from './due.ts';
import { dayText } from './format.ts';
import type { Period } from './period.ts';
import { renderHtml } from './render-html.ts';
import { renderMarkdown } from './render-markdown.ts';
import { renderText } from './render-text.ts';
import { type MakerDeps, ReportMaker } from './report-maker.ts';

export interface ReportsDeps extends MakerDeps {
  dispatcher: Pick<Dispatcher, 'sendReport'>;
}

type Inputs = ParsedInputs['opsReports'];
type Lists = Outputs['opsReports'];

const DAY_MS = 86_400_000;
/** Milliseconds until one that could not be made, or sent, is tried again; and for how long it is tried to send it. */
const AGAIN_MS = 600_000;
const SEND_MS = DAY_MS;
/** A mark so far ahead was made by a clock that was wrong. */
const AHEAD_MS = 3_600_000;
/** Reports that a new one may be compared with: those of a week, and others that persons made between. */
const EARLIER = 50;
/** Sent in one round. */
const SENT_AT_ONCE = 20;
const ACTOR = 'ops-agent';
const MARK = 'schedule';
const LIST = 'ops reports';
const place = z.strictObject({ at_ms: z.int(), id: z.uuid() });
/** Of the ids of reports that are made by themselves: two nodes that make the same one make it once. */
const NAMESPACE = '6f0c1d5e-8f6b-4f0e-9b1e-2f0d9f3f7a11';

export class Reports implements ReportsService, Reporter {
  readonly #deps: ReportsDeps;
  readonly #maker: ReportMaker;
  /** Organisations whose report is being made by itself. */
  readonly #making = new Set<string>();
  /** When what failed is tried again, by organisation. */
  readonly #again = new Map<string, number>();

  constructor(deps: ReportsDeps) {
    this.#deps = deps;
    this.#maker = new ReportMaker(deps);
  }

  async round(org_id: string, at_ms: number): Promise<void> {
    const again_ms = this.#again.get(org_id) ?? 0;
    const waits = again_ms > at_ms && again_ms - at_ms <= AGAIN_MS;
    if (waits || this.#making.has(org_id)) return;
    this.#making.add(org_id);
    try {
      await this.#makeIfDue({ org_id, actor: ACTOR }, at_ms);
      this.#sendWaiting({ org_id, actor: ACTOR }, at_ms);
      this.#again.delete(org_id);
    } catch (error) {
      this.#again.set(org_id, at_ms + AGAIN_MS);
      this.#deps.logger.error({ err: error }, 'the report could not be made or sent; it is tried again in 10 minutes');
    } finally {
      this.#making.delete(org_id);
    }
  }

  list({ org_id }: Scope, { cursor, limit }: Inputs['list']): Lists['list'] {
    const before = cursor === undefined ? undefined : decodeCursor(LIST, cursor, place);
    const found = this.#deps.records.list(org_id, 'report', { before, limit: limit + 1 });
    const page = found.slice(0, limit);
    const last = found.length > limit ? page.at(-1) : undefined;
    return {
      items: page.map(({ document }) => entryOf(document)),
      next_cursor: last ? encodeCursor(LIST, { at_ms: last.at_ms, id: last.id }) : null,
      next_at: this.#nextAt(org_id),
    };
  }

  get(scope: Scope, report_id: string): OpsReport {
    const report = this.#deps.records.get(scope.org_id, 'report', report_id);
    if (report === undefined) throw notFound('report', report_id);
    return report;
  }

  async create(scope: Scope): Promise<OpsReport> {
    const to_ms = this.#deps.clock.now();
    const made = { id: uuidv4(), trigger: 'person', created_by: scope.actor } as const;
    const report = await this.#make(scope, { from_ms: to_ms - DAY_MS, to_ms }, made);
    this.#keep(scope, report, { open: false });
    return report;
  }

  remove({ org_id }: Scope, report_id: string): Lists['remove'] {
    const { records } = this.#deps;
    if (records.get(org_id, 'report', report_id) === undefined) return { removed: false };
    records.remove(org_id, 'report', report_id);
    return { removed: true };
  }

  document(scope: Scope, { report: report_id, format }: Inputs['document']): Lists['document'] {
    const report = this.get(scope, report_id);
    const name = `archon-report-${dayText(report.to, report.data.time_zone)}`;
    switch (format) {
      case 'html':
        return { file_name: `${name}.html`, media_type: 'text/html; charset=utf-8', text: renderHtml(report) };
      case 'markdown':
        return { file_name: `${name}.md`, media_type: 'text/markdown; charset=utf-8', text: renderMarkdown(report) };
    }
  }

  /** @throws ArchonError NOT_FOUND; CONFLICT when there is nobody to send it to */
  send(scope: Scope, { report: report_id, channel }: Inputs['send']): OpsReportEntry {
    const sent = this.#handOver(scope, this.get(scope, report_id), channel);
    if (sent.length === 0) {
      throw new ArchonError('CONFLICT', 'No channel takes reports: switch reports on for a channel, or name one.');
    }
    // Read again: what was sent meanwhile by another is not forgotten.
    const report = this.get(scope, report_id);
    const told = { ...report, sent_to: [...new Set([...report.sent_to, ...sent])] };
    this.#keep(scope, told, { open: false });
    return entryOf(told);
  }

  async #makeIfDue(scope: Scope, at_ms: number): Promise<void> {
    const { org_id } = scope;
    const schedule = this.#schedule(org_id);
    const reported_ms = this.#reportedUntil(org_id, at_ms);
    const period = schedule && reported_ms !== undefined ? duePeriod(schedule, reported_ms, at_ms) : undefined;
    if (period === undefined) return;
    const id = uuidv5(`${org_id} ${period.to_ms}`, NAMESPACE);
    if (this.#deps.records.get(org_id, 'report', id) === undefined) {
      const report = await this.#make(scope, period, { id, trigger: 'schedule', created_by: null });
      // Open until it was sent, so that a process that ends before leaves it to the next round.
      this.#keep(scope, report, { open: true });
    }
    this.#mark(org_id, period.to_ms);
  }

  async #make(
    scope: Scope,
    period: Period,
    made: Pick<OpsReport, 'id' | 'trigger' | 'created_by'>,
  ): Promise<OpsReport> {
    const { records, clock } = this.#deps;
    const earlier = records.list(scope.org_id, 'report', { limit: EARLIER }).map(({ document }) => document);
    const data = await this.#maker.make(scope, period, earlier);
    const { from, to, summary } = data;
    return { ...made, from, to, created_at: isoTime(clock.now()), summary, sent_to: [], data };
  }

  /** Sends what was made by itself and is not sent yet. */
  #sendWaiting(scope: Scope, at_ms: number): void {
    const waiting = this.#deps.records.list(scope.org_id, 'report', { open: true, limit: SENT_AT_ONCE });
    for (const { at_ms: made_ms, document } of waiting) {
      const is_late = at_ms - made_ms > SEND_MS;
      const sent_to = is_late ? document.sent_to : this.#handOver(scope, document);
      this.#keep(scope, { ...document, sent_to: [...sent_to] }, { open: false });
    }
  }

  #handOver(scope: Scope, report: OpsReport, channel?: string): string[] {
    const document = { html: renderHtml(report), text: renderText(report) };
    return this.#deps.dispatcher.sendReport(scope, report, document, channel);
  }

  #keep({ org_id }: Scope, document: OpsReport, { open }: { open: boolean }): void {
    const at_ms = Date.parse(document.created_at);
    this.#deps.records.put(org_id, 'report', { id: document.id, at_ms, open, document });
  }

  #schedule(org_id: string): WorkerSchedule | undefined {
    const settings = this.#deps.settings.of(org_id);
    if (!settings['ops.report_enabled']) return undefined;
    return reportSchedule(settings['ops.report_schedule'], settings['ops.report_time_zone']);
  }

  /** Undefined while nothing was recorded: then there is nothing to report. */
  #reportedUntil(org_id: string, at_ms: number): number | undefined {
    const { records, rounds } = this.#deps;
    const mark = records.get(org_id, 'report_mark', MARK);
    if (mark === undefined) return rounds.read(org_id, { from_ms: 0, to_ms: at_ms, limit: 1 })[0]?.at_ms;
    const reported_ms = Date.parse(mark.reported_until);
    if (reported_ms <= at_ms + AHEAD_MS) return reported_ms;
    this.#mark(org_id, at_ms);
    return at_ms;
  }

  #mark(org_id: string, until_ms: number): void {
    const document = { reported_until: isoTime(until_ms) };
    this.#deps.records.put(org_id, 'report_mark', { id: MARK, at_ms: until_ms, open: false, document });
  }

  #nextAt(org_id: string): string | null {
    const now_ms = this.#deps.clock.now();
    const schedule = this.#schedule(org_id);
    const next_ms = schedule && nextReport(schedule, this.#reportedUntil(org_id, now_ms) ?? now_ms, now_ms);
    return next_ms === undefined || next_ms === null ? null : isoTime(next_ms);
  }
}

const entryOf = ({ data: _data, ...entry }: OpsReport): OpsReportEntry => entry;
