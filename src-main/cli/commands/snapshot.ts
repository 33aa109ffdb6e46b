import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Snapshot } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';
import { type CommandContext, defineCommand, listOf, withConnection } from '../command.ts';
import type { Connection } from '../connection.ts';
import { CommandError } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { saveStream } from '../save-stream.ts';
import { followSnapshot, type Succeeded } from '../snapshots.ts';

interface Options {
  user?: string[];
  into?: string[];
  force?: boolean;
  list?: boolean;
  resume?: string;
  cancel?: string;
}
type Into = { kind: 'archive'; out: string } | { kind: 'copy'; name: string };

export const snapshotCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('snapshot')
      .description('Copy the memory of the open profile, to look at it later without its database')
      .option('--user <id>', 'only these users; may be given several times', listOf)
      .option('--into <where...>', '`archive FILE`, or `copy NAME` for a read-only profile (default: copy)')
      .option('--force', 'replace the file when there is one')
      .option('--list', 'list the snapshots and archives there are instead of taking one')
      .option('--resume <id>', 'go on with one that was paused or cut off; an archive goes `--into archive FILE`')
      .option('--cancel <id>', 'end one and remove what it wrote'),

  run: async (context, options) => {
    const { list, resume, cancel } = options;
    if ([list, resume, cancel].filter((given) => given !== undefined).length > 1) {
      throw new CommandError('usage', 'Give one of --list, --resume and --cancel.');
    }
    if (resume !== undefined && options.user !== undefined) {
      throw new CommandError('usage', 'A snapshot that goes on is of the users it was begun with: leave --user out.');
    }
    const into = options.into && chosenPlace(options.into, context.host.working_dir);
    if (into?.kind === 'archive') refuseFile(into.out, options.force === true);
    return await withConnection(context, async (connection) => {
      if (list) await showAll(context, connection);
      else if (cancel !== undefined) await end(context, connection, cancel);
      else if (resume !== undefined) await goOn(context, connection, resume, into);
      else await take(context, connection, options.user ?? null, into ?? { kind: 'copy', name: nameOfNow() });
      return 'ok';
    });
  },
});

async function take(
  context: CommandContext,
  connection: Connection,
  users: string[] | null,
  into: Into,
): Promise<void> {
  const { client } = connection;
  const name = into.kind === 'copy' ? into.name : 'Snapshot of the command line';
  const begun = await client.offline.snapshot({ name, users, into: into.kind });
  const done = await followSnapshot(context, client, begun);
  await handOut(context, connection, done, into);
}

async function goOn(
  context: CommandContext,
  connection: Connection,
  snapshot_id: string,
  into: Into | undefined,
): Promise<void> {
  const { client } = connection;
  const found = await client.offline.read({ snapshot_id });
  const isArchive = found.into === 'archive';
  if (isArchive && into?.kind !== 'archive') {
    throw new CommandError('usage', 'It becomes an archive: give `--into archive FILE`.');
  }
  if (!isArchive && into !== undefined) {
    throw new CommandError('usage', 'It becomes the copy it was begun as: leave --into out.');
  }
  // Its archive may be whole, and the process have ended before it was saved.
  const isWhole = found.state === 'succeeded' && found.archive !== null;
  const done = await followSnapshot(context, client, isWhole ? found : await client.offline.resume({ snapshot_id }));
  await handOut(context, connection, done, into ?? { kind: 'copy', name: done.name });
}

/** Saves an archive where it was asked for, after which Archon need not keep it; and says what there is. */
async function handOut({ output }: CommandContext, connection: Connection, done: Succeeded, into: Into): Promise<void> {
  const { snapshot_id } = done;
  if (into.kind === 'archive') {
    await saveStream(await connection.downloadSnapshot(snapshot_id), done.archive?.sha256 ?? null, into.out);
    await connection.client.offline.forget({ snapshot_id });
  }
  output.result({ ...done, ...(into.kind === 'archive' ? { out: into.out } : {}) }, () => {
    output.block([
      ['of', safeText(done.source)],
      ['taken', done.taken_at],
      into.kind === 'archive'
        ? ['file', `${into.out} (${formatBytes(done.archive?.bytes ?? 0)})`]
        : ['profile', `${safeText(done.name)} (read-only); open it with --profile`],
    ]);
  });
}

async function showAll({ output }: CommandContext, { client }: Connection): Promise<void> {
  const { items } = await client.offline.snapshots({});
  output.result({ items }, () => {
    output.table(items, [
      { title: 'id', value: ({ snapshot_id }) => snapshot_id },
      { title: 'state', value: ({ state }) => state },
      { title: 'into', value: ({ into }) => into },
      { title: 'name', value: ({ name }) => name, flexible: true },
      { title: 'of', value: ({ source }) => source, flexible: true },
      { title: 'why', value: whyOf, flexible: true },
    ]);
    if (items.length === 0) output.note('There are none.');
  });
}

function whyOf(snapshot: Snapshot): string {
  if (snapshot.state === 'paused') return snapshot.reason ?? '';
  return snapshot.state === 'failed' ? snapshot.failure : '';
}

async function end({ output }: CommandContext, { client }: Connection, snapshot_id: string): Promise<void> {
  const ended = await client.offline.cancel({ snapshot_id });
  if (ended.state !== 'cancelled') {
    throw new CommandError('failed', `It has ended before: it ${ended.state}.`, 'CONFLICT');
  }
  output.result(ended, () => output.line(`Cancelled ${safeText(ended.name)}; what it wrote was removed.`));
}

const nameOfNow = (): string => `Snapshot of ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`;

function chosenPlace([kind, name, ...rest]: string[], working_dir: string): Into {
  if (rest.length === 0 && kind === 'archive' && name !== undefined) {
    return { kind: 'archive', out: resolve(working_dir, name) };
  }
  if (rest.length === 0 && kind === 'copy') return { kind: 'copy', name: name ?? nameOfNow() };
  throw new CommandError('usage', 'Give `--into archive FILE` or `--into copy NAME`.');
}

function refuseFile(out: string, force: boolean): void {
  if (existsSync(out) && !force) throw new CommandError('usage', `${out} is there already; --force replaces it.`);
  if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
}
