/** Which workers run on this computer, and what those of an organisation do. */
import { z } from 'zod';
import { parseSchedule } from '../../workers/schedule.ts';
import { settingsOf, uuids } from './define.ts';

const { number, words } = settingsOf('workers', 'org');
const device = settingsOf('workers', 'device');

const SCHEDULE =
  'manual, an interval such as 15m, 1h or 1d, or a cron expression such as "0 3 * * *", in UTC or with CRON_TZ=Europe/Berlin before it';
const schema = z
  .string()
  .refine((value) => parseSchedule(value) !== undefined)
  .describe(SCHEDULE);
const schedule = (env: string, fallback: string, texts: readonly [string, string]) =>
  words(env, fallback, texts, { format: 'schedule', schema });

export const WORKER_KEYS = {
  'workers.enabled': device.toggle(
    'ARCHON_WORKERS_ENABLED',
    true,
    ['Run workers here', 'Run workers in the server and the desktop app; false leaves them to `archon worker`.'],
    { risk: 'Without workers anywhere nothing is consolidated or cleaned up.' },
  ),
  'workers.organisations': device.list(
    'ARCHON_WORKERS_ORGANISATIONS',
    'UUID of an organisation',
    ['Further organisations', 'Organisations this process works for besides those its data folder has tokens of.'],
    { schema: uuids },
  ),
  'workers.concurrency': device.number('ARCHON_WORKERS_CONCURRENCY', 2, { min: 1, max: 64, unit: 'runs' }, [
    'Runs at a time',
    'Runs a process is at, at a time.',
  ]),
  'workers.lease_seconds': device.number('ARCHON_WORKERS_LEASE_SECONDS', 15, { min: 1, max: 600, unit: 'seconds' }, [
    'A process counts as lost after',
    'Seconds after which a process that was not heard of counts as lost; others take over what it was at.',
  ]),
  'workers.consolidation_schedule': schedule('ARCHON_WORKERS_CONSOLIDATION_SCHEDULE', '15m', [
    'Consolidation',
    'When working memories are promoted to long-term memory.',
  ]),
  'workers.consolidation_min_score': number(
    'ARCHON_WORKERS_CONSOLIDATION_MIN_SCORE',
    0.45,
    { min: 0, max: 1, step: 0.05, fractions: true },
    ['Score for promotion', 'Score of relevance, repetition and access from which a working memory is promoted.'],
  ),
  'workers.cleanup_schedule': schedule('ARCHON_WORKERS_CLEANUP_SCHEDULE', '1h', [
    'Cleanup',
    'When what has run out is removed from the database.',
  ]),
  'workers.session_cleanup_schedule': schedule('ARCHON_WORKERS_SESSION_CLEANUP_SCHEDULE', '1h', [
    'Cleanup of sessions',
    'When expired sessions are removed from the session store.',
  ]),
  'workers.event_retry_schedule': schedule('ARCHON_WORKERS_EVENT_RETRY_SCHEDULE', '1m', [
    'Retry of dead letters',
    'When dead letters are looked through for those to be tried again.',
  ]),
  'workers.retention_schedule': schedule('ARCHON_WORKERS_RETENTION_SCHEDULE', '1d', [
    'Retention',
    'When the logs of workers are shortened.',
  ]),
  'workers.expired_days': number(
    'ARCHON_WORKERS_EXPIRED_DAYS',
    30,
    { min: 0, max: 3650, unit: 'days' },
    ['Expired memories are kept', 'Days an expired working memory is kept for lists that ask for it.'],
    { risk: 'A shorter time removes expired memories that are older at the next cleanup.' },
  ),
  'workers.tombstone_days': number(
    'ARCHON_WORKERS_TOMBSTONE_DAYS',
    30,
    { min: 0, max: 3650, unit: 'days' },
    ['Deleted memories are kept', 'Days a deleted memory can be restored; then it is removed with its history.'],
    { risk: 'A shorter time removes deleted memories that are older at the next cleanup: they cannot be restored.' },
  ),
  'workers.events_days': number(
    'ARCHON_WORKERS_EVENTS_DAYS',
    90,
    { min: 1, max: 3650, unit: 'days' },
    ['Events are kept', 'Days events are kept.'],
    { risk: 'A shorter time removes events that are older at the next cleanup.' },
  ),
  'workers.runs_kept': number('ARCHON_WORKERS_RUNS_KEPT', 500, { min: 30, max: 100_000, unit: 'runs' }, [
    'Runs kept',
    'Runs kept in the log of each worker.',
  ]),
};
