/** A report as plain text, for mail without HTML. */
import type { OpsReport } from '../../../src-contract/index.ts';
import { changeOf, figureText, percentText, timeText } from './format.ts';

export function renderText({ data }: OpsReport): string {
  const time = (iso: string) => timeText(iso, data.time_zone);
  const width = Math.max(...data.figures.map(({ title }) => title.length));
  const figures = data.figures.map((figure) => {
    const change = changeOf(figure, figure.day_before);
    const compared =
      change === null ? '' : `  (day before: ${figureText(figure.day_before, figure.unit)}, ${change.text})`;
    return `${figure.title.padEnd(width)}  ${figureText(figure.value, figure.unit)}${compared}`;
  });
  const alerts = data.alerts.map(
    ({ severity, rule_name, summary, started_at, ended_at }) =>
      `- [${severity}] ${oneLine(rule_name)}: ${oneLine(summary)} (${time(started_at)} to ${ended_at === null ? 'now' : time(ended_at)})`,
  );
  const actions = data.actions.map(
    ({ remediator, cause, state, outcome, at }) =>
      `- ${time(at)} ${oneLine(remediator)}, ${state.replaceAll('_', ' ')}: ${oneLine(outcome ?? cause)}`,
  );
  const errors = data.errors.map(
    ({ count, component, message }) => `- ${count} x ${oneLine(component)}: ${oneLine(message)}`,
  );
  const recommendations = data.recommendations.map(({ title, detail }) => `- ${oneLine(title)}: ${oneLine(detail)}`);
  return [
    `Archon report, ${time(data.from)} to ${time(data.to)} (${data.time_zone})`,
    '',
    oneLine(data.summary),
    '',
    ...figures,
    ...section('Alerts', alerts),
    ...section('What the agent did', actions),
    ...section('Errors that came most often', errors),
    ...section('Recommendations', recommendations),
    '',
    `The agent looked for ${percentText(data.recorded_percent)} of the time; of the rest nothing is known.`,
    '',
  ].join('\n');
}

const section = (title: string, lines: readonly string[]): string[] =>
  lines.length === 0 ? [] : ['', title, ...lines];

const oneLine = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
