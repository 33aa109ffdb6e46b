/** An embedded database that nobody backs up. */
import { type Advisor, facts } from './advisor.ts';

export const backupsOff: Advisor = {
  name: 'backups-off',
  of: 'operator',
  look: ({ sources, settings, node }) => {
    if (!sources.backups.possible || settings.device['backup.interval_hours'] > 0) return [];
    const files = sources.backups.folder.list();
    return [
      {
        id: 'backups-off',
        title: 'Nothing is backed up by itself',
        detail:
          'All memory is in this data folder. A backup a day keeps what a broken disk or a mistake would take; copy the files elsewhere too.',
        impact: 'high',
        evidence: facts({ Backups: files.length, 'The newest': files[0]?.name ?? 'none' }),
        statement: 'archon config set backup.interval_hours 24',
        apply: { remediator: 'backup-now', target: { node } },
      },
    ];
  },
};
