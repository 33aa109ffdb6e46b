import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemClock } from '../../clock.ts';
import type { BackupContents, RestoreReport } from '../../storage/backup/restore.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { type Output, safeText } from '../output.ts';
import { profileToOpen } from '../profile-to-open.ts';

export const restoreCommand = defineCommand<{ yes?: boolean }>({
  declare: (program) =>
    program
      .command('restore <file>')
      .description(
        'Load a backup into the data folder, once it has proved to be good; stop the server first. What was there before is kept beside it',
      )
      .option('--yes', 'do not ask; needed where nobody can be asked and there is something to replace'),

  run: async (context, options, name = '') => {
    const { config } = profileToOpen(context.loaded.config, context.profile);
    if (config['database.url'] !== null) {
      throw new CommandError(
        'usage',
        'The memory is in a PostgreSQL server, and a backup holds an embedded database: say --profile local (and unset database.url), or restore with the tools of the server.',
      );
    }
    const file = resolve(context.host.working_dir, name);
    const found = await stat(file).catch(() => undefined);
    if (!found) throw new CommandError('not_found', `There is no file ${file}.`);
    if (!found.isFile()) throw new CommandError('usage', `${file} is not a file.`);
    const { restoreBackup } = await import('../../storage/backup/restore.ts');
    context.output.note('Unpacking and checking the backup …');
    const report = await restoreBackup({
      data_dir: config.data_dir,
      file,
      confirm: async (contents, replaces) => !replaces || options.yes || (await ask(context, contents)),
      signal: context.host.signal,
      clock: systemClock,
      logger: context.logger,
    }).catch((error: unknown) => {
      if (!context.host.signal.aborted) throw error;
      throw new CommandError('interrupted', 'Stopped; nothing was changed.');
    });
    if (!report) throw new CommandError('interrupted', 'Nothing was changed.');
    context.output.result(report, () => print(context.output, report));
    return 'ok';
  },
});

async function ask({ host, loaded }: CommandContext, contents: BackupContents): Promise<boolean> {
  if (!host.ask) {
    throw new CommandError(
      'usage',
      `The backup is good, but ${loaded.config.data_dir} holds data already. Say --yes to replace it (it is kept beside).`,
    );
  }
  const answer = await host.ask(
    `Replace what is in ${loaded.config.data_dir} by the backup of ${contents.created_at} (${memories(contents)})? [y/N] `,
  );
  return /^y(es)?$/i.test(answer.trim());
}

const memories = (contents: BackupContents): string =>
  `${contents.working_memories} working and ${contents.longterm_memories} long-term memories`;

function print(output: Output, report: RestoreReport): void {
  output.block([
    ['restored', `${report.parts.join(', ')} of ${safeText(report.created_at)}`],
    ['database', memories(report)],
    ['kept', report.replaced ?? 'nothing was there before'],
    ...(report.tokens_revoked > 0 ? ([['tokens', `${report.tokens_revoked} stay revoked`]] as const) : []),
  ]);
  if (report.replaced !== null) output.note(`Remove ${report.replaced} once you do not need it any more.`);
}
