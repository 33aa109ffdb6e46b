/** What this computer does while a service is away. */
import { type ConfigKey, settingsOf } from './define.ts';

const { toggle, number } = settingsOf('resilience', 'device');

interface BreakerDefaults {
  threshold: number;
  reset_seconds: number;
}
type BreakerKeys<S extends string> = {
  [K in `resilience.${S}.enabled`]: ConfigKey<boolean>;
} & { [K in `resilience.${S}.${keyof BreakerDefaults}`]: ConfigKey<number> };

/** When the breaker of a service opens, and for how long. */
function breakerKeys<S extends string>(
  service: S,
  name: string,
  what: string,
  defaults: BreakerDefaults,
): BreakerKeys<S> {
  const env = `ARCHON_RESILIENCE_${service.toUpperCase()}`;
  const keys = {
    [`resilience.${service}.enabled`]: toggle(
      `${env}_ENABLED`,
      true,
      [`${name}: circuit breaker`, `Stop asking ${what} for a while when it is away.`],
      { risk: 'Without it every call waits for a service that is away.' },
    ),
    [`resilience.${service}.threshold`]: number(
      `${env}_THRESHOLD`,
      defaults.threshold,
      { min: 1, max: 10, unit: 'failures', step: 1 },
      [`${name}: opens after`, `Failures of ${what} in a row after which it is not asked for a while.`],
    ),
    [`resilience.${service}.reset_seconds`]: number(
      `${env}_RESET_SECONDS`,
      defaults.reset_seconds,
      { min: 1, max: 3600, unit: 'seconds' },
      [`${name}: tried again after`, `Seconds after which ${what} is tried again.`],
    ),
  };
  return keys as unknown as BreakerKeys<S>;
}

export const RESILIENCE_KEYS = {
  'resilience.deadline_seconds': number(
    'ARCHON_RESILIENCE_DEADLINE_SECONDS',
    30,
    { min: 1, max: 3600, unit: 'seconds' },
    [
      'Time limit of a request',
      'Seconds within which a request is answered, whatever is away; work that may take long, such as a backup, is left its time.',
    ],
  ),
  'resilience.journal_max_mb': number('ARCHON_RESILIENCE_JOURNAL_MAX_MB', 256, { min: 1, max: 100_000, unit: 'MB' }, [
    'Writes that wait on the disk',
    'Most megabytes of writes that wait on the disk of this node while their store is away; further ones are refused.',
  ]),
  ...breakerKeys('postgres', 'PostgreSQL', 'a PostgreSQL server (the embedded database has no breaker)', {
    threshold: 5,
    reset_seconds: 10,
  }),
  ...breakerKeys('redis', 'Redis', 'Redis', { threshold: 5, reset_seconds: 5 }),
  ...breakerKeys('embedding', 'Embeddings', 'the embedding service', { threshold: 5, reset_seconds: 30 }),
  ...breakerKeys('llm', 'Language model', 'the language model', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('smtp', 'Mail', 'the mail server', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('slack', 'Slack', 'Slack', { threshold: 3, reset_seconds: 60 }),
  ...breakerKeys('webhook', 'Webhooks', 'the receiver of a webhook (each has a breaker of its own)', {
    threshold: 5,
    reset_seconds: 60,
  }),
};
