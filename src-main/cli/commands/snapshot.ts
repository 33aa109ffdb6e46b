import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { formatBytes } from '../../units.ts';
import { defineCommand, listOf, withConnection } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { saveStream } from '../save-stream.ts';
import { followSnapshot } from '../snapshots.ts';

interface Options {
  user?: string[];
  into?: string[];
  force?: boolean;
}
type Into = { kind: 'archive'; out: string } | { kind: 'copy'; name: string };

export const snapshotCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('snapshot')
      .description('Copy the memory of the open profile, to look at it later without its database')
      .option('--user <id>', 'only these users; may be given several times', listOf)
      .option('--into <where...>', '`archive FILE`, or `copy NAME` for a read-only profile (default: copy)')
      .option('--force', 'replace the file when there is one'),

  run: async (context, options) => {
    const into = chosenPlace(options.into ?? ['copy'], context.host.working_dir);
    if (into.kind === 'archive') refuseFile(into.out, options.force === true);
    const name = into.kind === 'copy' ? into.name : 'Snapshot of the command line';
    const work = { name, users: options.user ?? null, into: into.kind };
    return await withConnection(context, async (connection) => {
      const { client } = connection;
      const { snapshot_id } = await client.offline.snapshot(work);
      const done = await followSnapshot(context, client, await client.offline.read({ snapshot_id }));
      if (into.kind === 'archive') {
        await saveStream(await connection.downloadSnapshot(snapshot_id), done.archive?.sha256 ?? null, into.out);
        await client.offline.forget({ snapshot_id });
      }
      context.output.result({ ...done, ...(into.kind === 'archive' ? { out: into.out } : {}) }, () => {
        context.output.block([
          ['of', safeText(done.source)],
          ['taken', done.taken_at],
          into.kind === 'archive'
            ? ['file', `${into.out} (${formatBytes(done.archive?.bytes ?? 0)})`]
            : ['profile', `${safeText(done.name)} (read-only); open it with --profile`],
        ]);
      });
      return 'ok';
    });
  },
});

function chosenPlace([kind, name, ...rest]: string[], working_dir: string): Into {
  if (rest.length === 0 && kind === 'archive' && name !== undefined) {
    return { kind: 'archive', out: resolve(working_dir, name) };
  }
  if (rest.length === 0 && kind === 'copy') {
    return { kind: 'copy', name: name ?? `Snapshot of ${new Date().toISOString().slice(0, 16).replace('T', ' ')}` };
  }
  throw new CommandError('usage', 'Give `--into archive FILE` or `--into copy NAME`.');
}

function refuseFile(out: string, force: boolean): void {
  if (existsSync(out) && !force) throw new CommandError('usage', `${out} is there already; --force replaces it.`);
  if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
}
