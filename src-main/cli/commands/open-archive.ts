import { basename, resolve } from 'node:path';
import { defineCommand, withConnection } from '../command.ts';
import { requireFile, sourceOf } from '../file-source.ts';
import { safeText } from '../output.ts';
import { followSnapshot } from '../snapshots.ts';

interface Options {
  name?: string;
}

export const openArchiveCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('open <archive>')
      .description('Make a read-only profile from an archive; no other data is touched')
      .option('--name <name>', 'name of the profile (default: that of the file)'),

  run: async (context, options, archive = '') => {
    const path = resolve(context.host.working_dir, archive);
    await requireFile(path);
    const name = options.name ?? basename(path).replace(/\.archon(\.gz)?$/, '');
    return await withConnection(context, async (connection) => {
      const source = await sourceOf(context, connection, path);
      const begun = await connection.client.offline.openArchive({ name, source });
      const done = await followSnapshot(context, connection.client, begun);
      context.output.result(done, () => {
        context.output.block([
          ['archive', safeText(done.source)],
          ['taken', done.taken_at],
          ['profile', `${safeText(done.name)} (read-only); open it with --profile`],
        ]);
      });
      return 'ok';
    });
  },
});
