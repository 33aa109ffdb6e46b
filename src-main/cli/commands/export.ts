import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { ExportScope } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';
import { defineCommand, withConnection } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { followJob, requireSuccess } from '../jobs.ts';
import { saveStream } from '../save-stream.ts';

interface Options {
  user?: string;
  org?: boolean;
  out: string;
  force?: boolean;
}

export const exportCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('export')
      .description('Write the memory of one user, or of everybody, to an archive')
      .option('--user <id>', 'only this user')
      .option('--org', 'everybody (the default)')
      .requiredOption('-o, --out <file>', 'file to write')
      .option('--force', 'replace the file when there is one'),

  run: async (context, options) => {
    const out = resolve(context.host.working_dir, options.out);
    const scope = chosenScope(options);
    if (existsSync(out) && !options.force)
      throw new CommandError('usage', `${out} is there already; --force replaces it.`);
    if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
    return await withConnection(context, async (connection) => {
      const begun = await connection.client.transfer.export({ scope });
      const job = await followJob(context, connection.client, begun);
      requireSuccess(job);
      await saveStream(await connection.download(job.job_id), job.sha256, out);
      context.output.result({ ...job, out }, () => {
        const { exported } = job;
        context.output.block([
          ['file', `${out} (${formatBytes(job.bytes ?? 0)})`],
          ['sha256', job.sha256 ?? '–'],
          ['sessions', `${exported.sessions} with ${exported.messages} messages`],
          ['memories', `${exported.working} working, ${exported.longterm} long-term`],
          ['history', `${exported.revisions} revisions, ${exported.links} links`],
        ]);
      });
      return 'ok';
    });
  },
});

function chosenScope(options: Options): ExportScope {
  if (options.user === undefined) return { kind: 'org' };
  if (options.org) throw new CommandError('usage', 'Give --user or --org, not both.');
  return { kind: 'user', user_id: options.user };
}
