/** Makes a backup of the data folder now. */

import { formatBytes } from '../../../units.ts';
import type { OpsSources } from '../../deps.ts';
import { fact, type Remediator } from '../remediator.ts';
import { operatorOnly } from './operator-only.ts';

export function backupNow({ backups }: Pick<OpsSources, 'backups'>, node: string): Remediator {
  const possible = () =>
    backups.possible ? null : 'The memory is in a PostgreSQL server: it is backed up there, with pg_dump for example.';
  return {
    name: 'backup-now',
    title: 'Make a backup',
    precondition: 'The memory is in the embedded database, and the disk has room for a copy.',
    effect:
      'Writes a backup of the data folder, and removes the oldest beyond those kept. The database waits while its files are copied.',
    risk: 'low',
    verification: 'The backup is there.',
    done_by: 'process',
    limit_ms: 30 * 60_000,
    targetOf: ({ node: of }) => ({ node: of ?? node }),
    targets: async (scope) =>
      operatorOnly(scope) === null
        ? [{ target: { node }, title: `Data folder of ${node}`, detail: newest(), blocked: possible() }]
        : [],
    look: async (scope) => ({
      what: 'Make a backup of the data folder.',
      facts: [fact('Newest backup', newest()), fact('Backups', backups.folder.list().length)],
      blocked: operatorOnly(scope) ?? possible(),
    }),
    run: async () => {
      const made = await backups.make();
      return {
        outcome: `The backup ${made.name} was made, ${formatBytes(made.bytes)}.`,
        within_ms: 0,
        check: async () => ({
          verdict: backups.folder.list().some(({ name }) => name === made.name) ? 'helped' : 'did_not_help',
        }),
      };
    },
  };

  function newest(): string {
    const [file] = backups.folder.list();
    return file ? file.name : 'none';
  }
}
