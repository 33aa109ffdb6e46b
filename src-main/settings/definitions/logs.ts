/** What this computer logs. */
import { settingsOf } from './define.ts';

const { number, choice } = settingsOf('logs', 'device');

export const LOG_KEYS = {
  'log.level': choice(
    'ARCHON_LOG_LEVEL',
    'info',
    { silent: 'Silent', error: 'Error', warn: 'Warn', info: 'Info', debug: 'Debug', trace: 'Trace' },
    ['Level', 'How much is logged.'],
  ),
  'log.file_mb': number(
    'ARCHON_LOG_FILE_MB',
    10,
    { min: 1, max: 1000, unit: 'MB' },
    ['Size of a log file', 'Megabytes of a log file; then the next one begins.'],
    { restart: true },
  ),
  'log.files': number(
    'ARCHON_LOG_FILES',
    5,
    { min: 2, max: 100, unit: 'files' },
    ['Log files kept', 'Log files kept, the one that is written included.'],
    { restart: true },
  ),
};
