import { OPS_SIGNALS, type OpsUnit } from '../../src-contract/index.ts';
import { code, GENERATED, page, table } from './markdown.ts';

const UNITS: Record<OpsUnit, string> = {
  level: '0 healthy, 1 degraded, 2 unhealthy',
  count: 'count',
  seconds: 'seconds',
  ms: 'milliseconds',
  percent: 'percent',
  bytes: 'bytes',
  per_minute: 'per minute',
  per_hour: 'in the last hour',
};

const WHOSE = { node: 'node', cluster: 'all nodes', organisation: 'organisation' } as const;

const MONITORS = {
  health:
    'How Archon’s components are, and what waits. All but what waits are seen also while the database or Redis is away.',
  metrics: 'What each process measured of itself.',
  dlq: 'Events that could not be delivered.',
  worker: 'What the workers do, of all nodes.',
  resources: 'What is in use of the computer, and of the database.',
} as const;

export function opsSignalsPage(): string {
  const definitions = Object.entries(OPS_SIGNALS);
  const monitors = Object.entries(MONITORS).flatMap(([monitor, what]) => [
    `## ${code(monitor)}`,
    what,
    table(
      ['signal', 'what it is', 'unit', 'labels', 'of'],
      definitions
        .filter(([, definition]) => definition.monitor === monitor)
        .map(([name, { title, description, unit, labels, of }]) => [
          code(name),
          `${title}. ${description}`,
          UNITS[unit],
          labels.map(code).join(' '),
          WHOSE[of],
        ]),
    ),
  ]);
  return page(
    GENERATED,
    '# Signals of the ops agent',
    'What the ops agent observes in every round; rules compare these with numbers. Each monitor asks its questions at once, each within a time: what fails or is late is not known in that round, and alerts on it stay as they are.',
    `A series is a signal with one value for each of its labels. ${code('node')} is the process that observed it, as its host, what it is for and a mark of its data folder (${code('db-1:server-3fa2')}): the same after a restart. Signals of a node are observed by each process of itself, those of all nodes are the same wherever they are asked for, and those of an organisation are of one alone. Organisations other than that of the person at this computer have only the last.`,
    'Nothing is told where nothing was measured or the database does not let its login see it: a rule on it does not fire.',
    ...monitors,
  );
}
