/** How long the database is waited for, and backups of the data folder. */
import { settingsOf } from './define.ts';

const { number } = settingsOf('data', 'device');

export const DATA_KEYS = {
  'database.statement_timeout_ms': number(
    'ARCHON_DATABASE_STATEMENT_TIMEOUT_MS',
    30_000,
    { min: 100, max: 3_600_000, unit: 'ms' },
    ['Time limit of a statement', 'Milliseconds after which a statement of the database is given up.'],
    { restart: true },
  ),
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
