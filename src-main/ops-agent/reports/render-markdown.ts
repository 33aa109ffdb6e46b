/** A report as Markdown. Whatever came from outside is text: it makes no link, no HTML, no other cell. */
import type { OpsReport, OpsReportData } from '../../../src-contract/index.ts';
import { changeOf, countText, figureText, msText, percentText, secondsText, timeText, words } from './format.ts';

export function renderMarkdown({ data, created_at }: OpsReport): string {
  const time = (iso: string) => timeText(iso, data.time_zone);
  const parts = [
    '# Archon report',
    `**${time(data.from)} – ${time(data.to)}** (${text(data.time_zone)})`,
    text(data.summary),
    figuresTable(data),
    ...section('Components', componentsTable(data)),
    ...section('Circuit breakers', breakersTable(data)),
    ...section('Workers', workersTable(data)),
    ...section(
      'Alerts',
      table(
        ['severity', 'rule', 'what', 'from', 'to'],
        data.alerts.map((alert) => [
          alert.severity,
          text(alert.rule_name),
          text(alert.summary),
          time(alert.started_at),
          alert.ended_at === null ? 'still there' : time(alert.ended_at),
        ]),
      ),
    ),
    ...section(
      'What the agent did',
      table(
        ['when', 'action', 'why', 'ended', 'outcome', 'took'],
        data.actions.map((action) => [
          time(action.at),
          text(action.remediator),
          text(action.cause),
          words(action.state),
          text(action.outcome ?? '–'),
          action.duration_ms === null ? '–' : msText(action.duration_ms),
        ]),
      ),
    ),
    ...section(
      'Errors that came most often',
      table(
        ['count', 'component', 'message', 'last'],
        data.errors.map(({ count, component, message, last_at }) => [
          countText(count),
          text(component),
          text(message),
          time(last_at),
        ]),
      ),
    ),
    ...section(
      'Recommendations',
      data.recommendations
        .map(({ title, detail, impact }) => `- **${text(title)}** (${text(impact)}): ${text(detail)}`)
        .join('\n'),
    ),
    `Made ${time(created_at)}. The agent looked for ${percentText(data.recorded_percent)} of the time; of the rest nothing is known.`,
  ];
  return `${parts.join('\n\n')}\n`;
}

function figuresTable({ figures }: OpsReportData): string {
  return table(
    ['figure', 'value', 'day before', 'change', 'seven days'],
    figures.map((figure) => [
      figure.title,
      figureText(figure.value, figure.unit),
      figureText(figure.day_before, figure.unit),
      changeOf(figure, figure.day_before)?.text ?? '–',
      figureText(figure.week, figure.unit),
    ]),
  );
}

const componentsTable = ({ components }: OpsReportData): string =>
  table(
    ['component', 'uptime', 'outages', 'longest', 'mean time to mend'],
    components.map(({ component, uptime_percent, outages, longest_outage_seconds, mttr_seconds }) => [
      text(words(component)),
      percentText(uptime_percent),
      countText(outages),
      outages === 0 ? '–' : secondsText(longest_outage_seconds),
      secondsText(mttr_seconds),
    ]),
  );

const breakersTable = ({ breakers }: OpsReportData): string =>
  table(
    ['breaker', 'opened', 'open for', 'last error'],
    breakers.map(({ breaker, openings, open_seconds, last_error }) => [
      text(breaker),
      countText(openings),
      secondsText(open_seconds),
      text(last_error ?? '–'),
    ]),
  );

const workersTable = ({ workers }: OpsReportData): string =>
  table(
    ['worker', 'runs', 'failures', 'restarts', 'on average'],
    workers.map(({ worker, runs, failures, restarts, mean_ms }) => [
      text(worker),
      countText(runs),
      countText(failures),
      countText(restarts),
      mean_ms === null ? '–' : msText(mean_ms),
    ]),
  );

const section = (title: string, content: string): string[] => (content === '' ? [] : [`## ${title}`, content]);

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** What means something in Markdown is escaped, and everything is on one line. */
const text = (raw: string): string =>
  raw
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replaceAll(/[\\`*_[\]<>|#!~&]/g, (sign) => (sign === '<' ? '&lt;' : sign === '&' ? '&amp;' : `\\${sign}`))
    // An address becomes a link by itself.
    .replaceAll('://', ':&#8203;//')
    .replaceAll(/\bwww\./gi, (www) => `${www.slice(0, 3)}&#8203;.`);
