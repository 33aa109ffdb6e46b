import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ExportScope } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';
import { defineCommand, withConnection } from '../command.ts';
import type { Connection } from '../connection.ts';
import { CommandError } from '../exit-codes.ts';
import { followJob, requireSuccess } from '../jobs.ts';

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
      await save(connection, job.job_id, job.sha256, out);
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

/** Writes beside the target and renames, so that a file of that name is always whole. */
async function save(connection: Connection, job_id: string, sha256: string | null, out: string): Promise<void> {
  const partial = `${out}.part`;
  const hash = createHash('sha256');
  const hashing = new Transform({
    transform(chunk, _encoding, done) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  try {
    const bytes = Readable.fromWeb((await connection.download(job_id)) as Parameters<typeof Readable.fromWeb>[0]);
    await pipeline(bytes, hashing, createWriteStream(partial, { mode: 0o600 }));
    if (sha256 !== null && hash.digest('hex') !== sha256) {
      throw new CommandError('failed', 'The archive was damaged on its way; run the command again.');
    }
    await rename(partial, out);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
