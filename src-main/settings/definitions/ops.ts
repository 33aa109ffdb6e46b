/** What the ops agent does by itself, how often, and when it reports. */
import { z } from 'zod';
import { isTimeZone } from '../../time-zone.ts';
import { parseSchedule } from '../../workers/schedule.ts';
import { settingsOf } from './define.ts';

const { number, choice, words, toggle } = settingsOf('ops', 'org');
const device = settingsOf('ops', 'device');

const timeZone = z.string().refine(isTimeZone, { message: 'must be the name of a time zone, such as Europe/Berlin' });

export const OPS_KEYS = {
  'ops.enabled': device.toggle(
    'ARCHON_OPS_ENABLED',
    true,
    [
      'Run the ops agent here',
      'Run the ops agent in the server and the desktop app; false leaves it to `archon ops run`.',
    ],
    { risk: 'Without an ops agent anywhere nobody is told of what is wrong, and nothing heals by itself.' },
  ),
  'ops.mode': choice(
    'ARCHON_OPS_MODE',
    'automatic',
    { automatic: 'Acts by itself', approval: 'Asks first', dry_run: 'Only says what it would do' },
    [
      'What it may do',
      'automatic: it acts by itself; approval: it asks a person first; dry_run: it only says what it would do.',
    ],
  ),
  'ops.interval_seconds': number('ARCHON_OPS_INTERVAL_SECONDS', 60, { min: 5, max: 3600, unit: 'seconds' }, [
    'Looks every',
    'Seconds between two looks at everything; what matters is looked at at once.',
  ]),
  'ops.max_actions_per_hour': number('ARCHON_OPS_MAX_ACTIONS_PER_HOUR', 20, { min: 0, max: 1000, unit: 'actions' }, [
    'Actions an hour',
    'Actions that the agent takes by itself in an hour, at most; then it only tells.',
  ]),
  'ops.approval_minutes': number('ARCHON_OPS_APPROVAL_MINUTES', 60, { min: 1, max: 1440, unit: 'minutes' }, [
    'Waits for approval',
    'Minutes an action waits for a person to approve it.',
  ]),
  'ops.report_enabled': toggle('ARCHON_OPS_REPORT_ENABLED', true, ['Daily report', 'Make a report by itself.']),
  'ops.report_schedule': words(
    'ARCHON_OPS_REPORT_SCHEDULE',
    '0 7 * * *',
    ['When the report is made', 'When the report of the time since the one before is made.'],
    {
      format: 'schedule',
      schema: z
        .string()
        .refine((value) => parseSchedule(value) !== undefined)
        .describe('manual, an interval such as 12h or 1d, or a cron expression such as "0 7 * * *"'),
    },
  ),
  'ops.report_time_zone': words(
    'ARCHON_OPS_REPORT_TIME_ZONE',
    'UTC',
    [
      'Time zone of the report',
      'Time zone that the schedule of the report and the times in it are in, such as Europe/Berlin.',
    ],
    { schema: timeZone },
  ),
};
