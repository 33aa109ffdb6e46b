import { constants, existsSync } from 'node:fs';
import { copyFile, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { partialName, publish } from '../../storage/backup/backup-file.ts';
import { BackupFolder } from '../../storage/backup/backup-folder.ts';
import { defineCommand, withConnection } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { profileToOpen } from '../profile-to-open.ts';
import { formatBytes } from '../progress.ts';

interface Options {
  out?: string;
  force?: boolean;
}

export const backupCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('backup')
      .description(
        'Back up the embedded database, the built-in sessions and history.db into the data folder, also while a server runs; `restore` brings them back',
      )
      .option('-o, --out <file>', 'copy the backup there too, to another disk for example')
      .option('--force', 'replace that file when there is one'),

  run: async (context, options) => {
    const { config } = profileToOpen(context.loaded.config, context.profile);
    if (config['database.url'] !== null) {
      throw new CommandError(
        'usage',
        'The memory is in a PostgreSQL server: back it up there, with pg_dump for example.',
      );
    }
    const out = options.out === undefined ? undefined : resolve(context.host.working_dir, options.out);
    if (out !== undefined) checkTarget(out, options.force ?? false);
    return await withConnection(context, async ({ client }) => {
      const made = await orInterrupted(client.backups.create({}), context.host.signal);
      const file = join(new BackupFolder(config.data_dir).path, made.name);
      if (out !== undefined) await copyTo(file, out);
      context.output.result({ ...made, file, ...(out === undefined ? {} : { out }) }, () => {
        context.output.block([
          ['file', `${file} (${formatBytes(made.bytes)})`],
          ...(out === undefined ? [] : ([['copy', out]] as const)),
          ['holds', made.parts.join(', ')],
        ]);
      });
      return 'ok';
    });
  },
});

function checkTarget(out: string, force: boolean): void {
  if (existsSync(out) && !force) throw new CommandError('usage', `${out} is there already; --force replaces it.`);
  if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
}

/** Ctrl-C ends the waiting: an engine of our own then gives the backup up, a server completes it. */
async function orInterrupted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const interrupted = Promise.withResolvers<never>();
  const stop = () => {
    work.catch(() => {}); // Nobody waits for it any more.
    interrupted.reject(new CommandError('interrupted', 'Stopped before the backup was complete.'));
  };
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop);
  try {
    return await Promise.race([work, interrupted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Writes beside the target and renames, so that a file of that name is always whole. */
async function copyTo(file: string, out: string): Promise<void> {
  const partial = partialName(out);
  try {
    await copyFile(file, partial, constants.COPYFILE_FICLONE);
    await publish(partial, out);
  } catch (error) {
    await rm(partial, { force: true });
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError('failed', `The backup is in ${file}, but could not be copied to ${out}: ${reason}`);
  }
}
