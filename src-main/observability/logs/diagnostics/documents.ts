/** What the documents of diagnostics are, whoever asks: the engine itself, or the command line of a server. */
import { arch, availableParallelism, freemem, platform, release, totalmem } from 'node:os';
import { METRIC_SERIES_NAMES } from '../../../../src-contract/index.ts';
import type { Clock } from '../../../clock.ts';
import type { Config } from '../../../settings/config-schema.ts';
import { CONFIG_NAMES, keyDefinition, shownValue } from '../../../settings/describe-key.ts';
import type { DiagnosticsDocument } from './diagnostics.ts';

/** Questions to an engine that runs. */
export interface AskedEngine {
  health(): unknown;
  breakers(): unknown;
  transitions(): unknown;
  metrics(): unknown;
  series(input: { names: typeof METRIC_SERIES_NAMES; from: string; max_points: number }): unknown;
  journal(): unknown;
  workers(): unknown;
}

const DAY_MS = 86_400_000;
/** Every two and a half minutes of a day. */
const POINTS = 576;

export function localDocuments(config: Readonly<Config>, version: string): DiagnosticsDocument[] {
  return [
    {
      file: 'versions.json',
      what: 'Versions of Archon, Node.js, Electron and the system; memory and processors.',
      read: () => ({
        archon: version,
        ...process.versions,
        system: { platform: platform(), release: release(), arch: arch() },
        processors: availableParallelism(),
        memory: { total_bytes: totalmem(), free_bytes: freemem() },
        process: { ...process.memoryUsage(), uptime_seconds: Math.round(process.uptime()) },
      }),
    },
    {
      file: 'settings.json',
      what: 'Every setting; of secret ones only whether they are set.',
      read: () =>
        CONFIG_NAMES.map((name) => ({
          name,
          // Not its own member: names that say "secret" hide what is under them.
          value: keyDefinition(name).secret ? shownValue(name, config[name]) : config[name],
          is_default: config[name] === keyDefinition(name).default,
        })),
    },
  ];
}

export function engineDocuments(engine: AskedEngine, clock: Clock): DiagnosticsDocument[] {
  return [
    {
      file: 'health.json',
      what: 'The health of every component, with the versions of the database and of Redis.',
      read: () => engine.health(),
    },
    { file: 'breakers.json', what: 'Circuit breakers as they are.', read: () => engine.breakers() },
    { file: 'breaker-changes.json', what: 'Their last 500 changes of state.', read: () => engine.transitions() },
    { file: 'metrics-now.json', what: 'Every figure as last measured.', read: () => engine.metrics() },
    {
      file: 'metrics-24h.json',
      what: 'Every figure over the last 24 hours.',
      read: () =>
        engine.series({
          names: METRIC_SERIES_NAMES,
          from: new Date(clock.now() - DAY_MS).toISOString(),
          max_points: POINTS,
        }),
    },
    { file: 'journal.json', what: 'How many writes wait for a store; not the writes.', read: () => engine.journal() },
    { file: 'workers.json', what: 'Workers: state, schedule, counts of runs.', read: () => engine.workers() },
  ];
}
