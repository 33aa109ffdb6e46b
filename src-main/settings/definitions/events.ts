/** How events are brought to subscribers, and what becomes of those that cannot be. */
import { settingsOf } from './define.ts';

const { toggle, number } = settingsOf('events', 'org');

export const EVENT_KEYS = {
  'events.retry_first_seconds': number(
    'ARCHON_EVENTS_RETRY_FIRST_SECONDS',
    300,
    { min: 1, max: 86_400, unit: 'seconds' },
    ['First wait', 'Seconds before an event that a subscriber failed on is given to it again.'],
  ),
  'events.retry_factor': number('ARCHON_EVENTS_RETRY_FACTOR', 6, { min: 1, max: 100, unit: 'times', fractions: true }, [
    'Growth of the wait',
    'How many times longer each further wait is.',
  ]),
  'events.retry_max_seconds': number(
    'ARCHON_EVENTS_RETRY_MAX_SECONDS',
    7200,
    { min: 1, max: 604_800, unit: 'seconds' },
    ['Longest wait', 'Seconds of the longest wait between attempts.'],
  ),
  'events.retry_attempts': number('ARCHON_EVENTS_RETRY_ATTEMPTS', 3, { min: 1, max: 100, unit: 'attempts' }, [
    'Attempts',
    'Attempts altogether; after the last an event is a dead letter.',
  ]),
  'events.handler_timeout_seconds': number(
    'ARCHON_EVENTS_HANDLER_TIMEOUT_SECONDS',
    60,
    { min: 1, max: 3600, unit: 'seconds' },
    ['Time limit of a subscriber', 'Seconds a subscriber may take for one event.'],
  ),
  'events.dead_letter_retention_days': number(
    'ARCHON_EVENTS_DEAD_LETTER_RETENTION_DAYS',
    30,
    { min: 1, max: 3650, unit: 'days' },
    ['Dead letters are kept', 'Days a dead letter is kept after it was resolved or discarded.'],
    { risk: 'A shorter time removes dead letters that are older at the next run of the worker.' },
  ),
  'events.dead_letter_retry_hours': number(
    'ARCHON_EVENTS_DEAD_LETTER_RETRY_HOURS',
    0,
    { min: 0, max: 8760, unit: 'hours' },
    ['Replay dead letters after', 'Hours after which a dead letter is replayed by itself; 0 for never.'],
  ),
  'events.dead_letter_retries': number('ARCHON_EVENTS_DEAD_LETTER_RETRIES', 3, { min: 1, max: 100, unit: 'times' }, [
    'Replays of a dead letter',
    'Times a dead letter is replayed by itself at most.',
  ]),
  'events.webhook_timeout_seconds': number(
    'ARCHON_EVENTS_WEBHOOK_TIMEOUT_SECONDS',
    10,
    { min: 1, max: 300, unit: 'seconds' },
    ['Time limit of a webhook', 'Seconds a webhook may take to answer.'],
  ),
  'events.webhooks_allow_private': toggle(
    'ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE',
    false,
    [
      'Webhooks to private addresses',
      'Let webhooks lead to private and local addresses, such as a service on this computer.',
    ],
    { risk: 'Whoever may make a webhook can have Archon send requests into its own network.' },
  ),
};
