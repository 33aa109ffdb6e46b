/**
 * A report as one HTML document: nothing is loaded, nothing runs, and it prints on A4. Whatever came from outside is text.
 *
 * It is read in mail as well, so it is made of tables, and of little bars that may be missing.
 */
import type { OpsReport, OpsReportData, OpsReportFigure } from '../../../src-contract/index.ts';
import {
  changeOf,
  countText,
  figureText,
  msText,
  percentText,
  secondsText,
  shortTimeText,
  timeText,
  words,
} from './format.ts';
import { REPORT_STYLE } from './report-style.ts';

/** Text that is put into the document as it is. */
class Markup {
  readonly html: string;
  constructor(html: string) {
    this.html = html;
  }
}

type Part = string | number | Markup | readonly Part[];

/** A template whose values are escaped, unless they are markup already. */
function html(strings: TemplateStringsArray, ...parts: Part[]): Markup {
  return new Markup(
    strings.map((string, index) => string + (index < parts.length ? rendered(parts[index] ?? '') : '')).join(''),
  );
}

function rendered(part: Part): string {
  if (part instanceof Markup) return part.html;
  if (Array.isArray(part)) return part.map(rendered).join('');
  return String(part).replaceAll(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

export function renderHtml({ data, created_at, trigger, created_by }: OpsReport): string {
  const time = (iso: string) => timeText(iso, data.time_zone);
  const short = (iso: string) => shortTimeText(iso, data.time_zone);
  const title = `Archon report, ${time(data.to)}`;
  const made = trigger === 'schedule' ? 'Made by itself' : `Made by ${created_by ?? 'a person'}`;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(REPORT_STYLE)}</style>
</head>
<body>
<main>
<header>
<p class="mark">Archon</p>
<h1>Report</h1>
<p class="period">${time(data.from)} – ${time(data.to)} <span class="quiet">${data.time_zone}</span></p>
</header>
<p class="summary">${data.summary}</p>
${figuresTable(data)}
${section('Components', components(data))}
${section('Circuit breakers', breakers(data))}
${section('Workers', workers(data))}
${section('Alerts', alerts(data, short), 'None fired.')}
${section('What the agent did', actions(data, short), 'Nothing.')}
${section('Errors that came most often', errors(data, short), 'None in the log.')}
${section('Recommendations', recommendations(data))}
<footer>
<p>${made}, ${time(created_at)}. The agent looked for ${percentText(data.recorded_percent)} of the time; of the rest nothing is known. A dash is a figure that was not recorded. “Seven days” is the mean of the same hours of the seven days before; of answers, it is of all requests of these days.</p>
</footer>
</main>
</body>
</html>
`.html;
}

function section(title: string, content: Markup | null, empty?: string): Part {
  if (content === null && empty === undefined) return '';
  return html`<section><h2>${title}</h2>${content ?? html`<p class="quiet">${empty ?? ''}</p>`}</section>`;
}

interface Column {
  title: string;
  kind?: 'number' | 'name' | 'time' | 'wide' | 'bar';
}

function table(columns: readonly Column[], rows: readonly (readonly Part[])[]): Markup | null {
  if (rows.length === 0) return null;
  const cell = (tag: 'th' | 'td', column: Column | undefined, part: Part) => {
    const named = column?.kind === undefined ? '' : html` class="${column.kind}"`;
    const scope = tag === 'th' ? new Markup(' scope="col"') : '';
    return html`<${new Markup(tag)}${named}${scope}>${part}</${new Markup(tag)}>`;
  };
  return html`<table><thead><tr>${columns.map((column) => cell('th', column, column.title))}</tr></thead><tbody>${rows.map(
    (row) => html`<tr>${row.map((part, index) => cell('td', columns[index], part))}</tr>`,
  )}</tbody></table>`;
}

function figuresTable({ figures }: OpsReportData): Markup {
  const columns: Column[] = [
    { title: 'Figure', kind: 'name' },
    { title: 'Value', kind: 'number' },
    { title: 'Day before', kind: 'number' },
    { title: 'Change', kind: 'number' },
    { title: 'Seven days', kind: 'number' },
    { title: 'Now, before, week', kind: 'bar' },
  ];
  const rows = figures.map((figure) => {
    const { title, unit, value, day_before, week } = figure;
    return [
      title,
      html`<strong>${figureText(value, unit)}</strong>`,
      figureText(day_before, unit),
      changeCell(figure),
      figureText(week, unit),
      bars([value, day_before, week]),
    ];
  });
  return html`<section class="figures">${table(columns, rows) ?? ''}</section>`;
}

function changeCell(figure: OpsReportFigure): Part {
  const change = changeOf(figure, figure.day_before);
  if (change === null) return '–';
  const note = { better: ', better', worse: ', worse', same: '' }[change.verdict];
  return html`<span class="${change.verdict}">${change.text}<span class="aside">${note}</span></span>`;
}

const BAR_WIDTH = 90;

/** The value, that of the day before and that of the week, by the largest of them. */
function bars(values: readonly (number | null)[]): Part {
  const known = values.filter((value) => value !== null);
  const most = Math.max(...known, 0);
  if (known.length < 2 || most <= 0) return '';
  const bar = (value: number | null, index: number) => {
    const width = Math.max(0, ((value ?? 0) / most) * BAR_WIDTH).toFixed(1);
    return html`<rect class="bar${index}" x="0" y="${index * 5}" width="${width}" height="4" rx="1"/>`;
  };
  return html`<svg width="${BAR_WIDTH}" height="14" viewBox="0 0 ${BAR_WIDTH} 14" aria-hidden="true">${values.map(bar)}</svg>`;
}

/** A part of 100, on what is left of it. */
function share(percent: number | null): Part {
  if (percent === null) return '';
  const width = ((percent / 100) * BAR_WIDTH).toFixed(1);
  return html`<svg width="${BAR_WIDTH}" height="8" viewBox="0 0 ${BAR_WIDTH} 8" aria-hidden="true"><rect class="rest" width="${BAR_WIDTH}" height="8" rx="2"/><rect class="share" width="${width}" height="8" rx="2"/></svg>`;
}

const components = (data: OpsReportData): Markup | null =>
  table(
    [
      { title: 'Component', kind: 'name' },
      { title: 'Uptime', kind: 'number' },
      { title: '', kind: 'bar' },
      { title: 'Outages', kind: 'number' },
      { title: 'Longest', kind: 'number' },
      { title: 'Mean time to mend', kind: 'number' },
    ],
    data.components.map(({ component, uptime_percent, outages, longest_outage_seconds, mttr_seconds }) => [
      words(component),
      percentText(uptime_percent),
      share(uptime_percent),
      countText(outages),
      outages === 0 ? '–' : secondsText(longest_outage_seconds),
      secondsText(mttr_seconds),
    ]),
  );

const breakers = (data: OpsReportData): Markup | null =>
  table(
    [
      { title: 'Breaker', kind: 'name' },
      { title: 'Opened', kind: 'number' },
      { title: 'Open for', kind: 'number' },
      { title: 'Last error', kind: 'wide' },
    ],
    data.breakers.map(({ breaker, openings, open_seconds, last_error }) => [
      breaker,
      countText(openings),
      secondsText(open_seconds),
      last_error ?? '–',
    ]),
  );

const workers = (data: OpsReportData): Markup | null =>
  table(
    [
      { title: 'Worker', kind: 'name' },
      { title: 'Runs', kind: 'number' },
      { title: 'Failures', kind: 'number' },
      { title: 'Restarts', kind: 'number' },
      { title: 'On average', kind: 'number' },
      { title: 'Runs that succeeded', kind: 'bar' },
    ],
    data.workers.map(({ worker, runs, failures, restarts, mean_ms }) => [
      worker,
      countText(runs),
      countText(failures),
      countText(restarts),
      mean_ms === null ? '–' : msText(mean_ms),
      share(runs === 0 ? null : (100 * (runs - failures)) / runs),
    ]),
  );

type Time = (iso: string) => string;

const alerts = (data: OpsReportData, time: Time): Markup | null =>
  table(
    [
      { title: 'Severity' },
      { title: 'Rule', kind: 'name' },
      { title: 'What', kind: 'wide' },
      { title: 'From', kind: 'time' },
      { title: 'To', kind: 'time' },
    ],
    data.alerts.map(({ severity, rule_name, summary, started_at, ended_at }) => [
      html`<span class="severity ${severity}">${severity}</span>`,
      rule_name,
      summary,
      time(started_at),
      ended_at === null ? html`<strong>still there</strong>` : time(ended_at),
    ]),
  );

const actions = (data: OpsReportData, time: Time): Markup | null =>
  table(
    [
      { title: 'When', kind: 'time' },
      { title: 'Action', kind: 'name' },
      { title: 'Why, and what came of it', kind: 'wide' },
      { title: 'Ended', kind: 'name' },
      { title: 'Took', kind: 'number' },
    ],
    data.actions.map(({ at, remediator, cause, state, outcome, duration_ms }) => [
      time(at),
      remediator,
      outcome === null ? cause : html`${cause}<br><span class="quiet">${outcome}</span>`,
      words(state),
      duration_ms === null ? '–' : msText(duration_ms),
    ]),
  );

const errors = (data: OpsReportData, time: Time): Markup | null =>
  table(
    [
      { title: 'Count', kind: 'number' },
      { title: 'Component', kind: 'name' },
      { title: 'Message', kind: 'wide' },
      { title: 'Last', kind: 'time' },
    ],
    data.errors.map(({ count, component, message, last_at }) => [countText(count), component, message, time(last_at)]),
  );

const recommendations = (data: OpsReportData): Markup | null =>
  data.recommendations.length === 0
    ? null
    : html`<ul>${data.recommendations.map(
        ({ title, detail, impact }) =>
          html`<li><strong>${title}</strong> <span class="quiet">${impact} impact</span><br>${detail}</li>`,
      )}</ul>`;
