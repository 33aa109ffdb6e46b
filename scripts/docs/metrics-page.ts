import { METRIC_SERIES } from '../../src-contract/index.ts';
import { METRICS, type MetricDefinition, OTHER } from '../../src-main/observability/metrics/metric-definitions.ts';
import { code, GENERATED, page, table } from './markdown.ts';

/** Longer lists of values are counted, not shown. */
const SHOWN_VALUES = 12;

export function metricsPage(): string {
  const definitions = Object.entries<MetricDefinition>(METRICS);
  const counted = definitions.filter(([, { collector }]) => collector === undefined);
  const collected = definitions.filter(([, { collector }]) => collector !== undefined);
  return page(
    GENERATED,
    '# Metrics',
    `A server tells them at ${code('GET /metrics')} as Prometheus reads them, to those with a token; [monitoring](../operations/monitoring.md) says how to set that up. They are of the process and everything it works for, not of one organisation, and hold no content.`,
    `Every label has a closed set of values; anything else is counted as ${code(OTHER)}. So there are never more series than this page has room for: no user, no session and no webhook is a label.`,
    '## As things happen',
    table(['metric', 'type', 'labels', 'what it is'], counted.map(row)),
    '## When they are asked for',
    `These are asked for when somebody wants them, at most every 5 seconds, for a second at most. When a collector fails or is late its figures are left out, ${code('archon_collector_up')} says so, and everything else is told all the same. Circuit breakers are told of as soon as there are some.`,
    table(
      ['metric', 'type', 'labels', 'what it is', 'collector'],
      collected.map((each) => [...row(each), code(each[1].collector ?? '')]),
    ),
    '## For charts',
    `${code('GET /api/metrics/series')} answers these over time, ${code('GET /api/metrics/current')} as they are now. [How exact they are](../operations/monitoring.md#history).`,
    table(
      ['series', 'unit', 'lines', 'what it is'],
      Object.entries(METRIC_SERIES).map(([name, { unit, lines, description }]) => [
        code(name),
        unit,
        lines.map(code).join(' '),
        description,
      ]),
    ),
  );
}

function row([name, { type, labels, help, buckets }]: [string, MetricDefinition]): string[] {
  const told = Object.entries(labels).map(([label, values]) => `${code(label)}: ${shown(label, values)}`);
  const bounds = buckets === undefined ? '' : ` Buckets up to ${buckets.join(', ')}.`;
  return [code(name), type, told.join('<br>'), `${help}${bounds}`];
}

function shown(label: string, values: readonly string[]): string {
  if (values.length === 0) return 'of the app';
  if (values.length <= SHOWN_VALUES) return values.map(code).join(' ');
  const pages: Readonly<Record<string, string>> = { route: '[routes](routes.md)', type: '[events](events.md)' };
  return `one of the ${values.length} ${pages[label] ?? 'values'}`;
}
