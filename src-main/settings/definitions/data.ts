/** Backups of the data folder. */
import { settingsOf } from './define.ts';

const { number } = settingsOf('data', 'device');

export const DATA_KEYS = {
  'backup.interval_hours': number('ARCHON_BACKUP_INTERVAL_HOURS', 24, { min: 0, max: 8760, unit: 'hours' }, [
    'Time between backups',
    'Hours between backups that a running server makes of the embedded database; 0 for none.',
  ]),
  'backup.keep': number(
    'ARCHON_BACKUP_KEEP',
    7,
    { min: 1, max: 1000, unit: 'backups' },
    ['Backups kept', 'Backups kept in the data folder; the oldest is removed once a new one is complete.'],
    { risk: 'With fewer the oldest are removed at the next backup.' },
  ),
};
