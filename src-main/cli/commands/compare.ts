import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  type ArchonClient,
  COMPARED_LAYERS,
  type ComparedLayer,
  type Comparison,
  type Difference,
} from '../../../src-contract/index.ts';
import { systemClock } from '../../clock.ts';
import { type CommandContext, defineCommand, wholeNumber, withConnection } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { requireFile, sourceOf } from '../file-source.ts';
import { type Output, safeText } from '../output.ts';
import { Progress } from '../progress.ts';

interface Options {
  limit: number;
}
type Done = Extract<Comparison, { state: 'succeeded' }>;

const POLL_MS = 100;
/** Steps of a comparison, as the contract counts them. */
const STEPS = 4;
/** Differences per call. */
const PAGE = 200;
const NAMES: Readonly<Record<ComparedLayer, string>> = {
  session: 'sessions',
  message: 'messages',
  working: 'working memories',
  longterm: 'long-term memories',
};

export const compareCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('compare <before> <after>')
      .description('Compare two archives: what was added, what changed, what is gone')
      .option('--limit <number>', 'differences to list', wholeNumber, 20),

  run: async (context, options, before = '', after = '') => {
    const paths = [before, after].map((path) => resolve(context.host.working_dir, path));
    for (const path of paths) await requireFile(path);
    if (options.limit < 0) throw new CommandError('usage', '--limit must not be negative.');
    return await withConnection(context, async (connection) => {
      const { client } = connection;
      const sources = {
        before: await sourceOf(context, connection, paths[0] ?? ''),
        after: await sourceOf(context, connection, paths[1] ?? ''),
      };
      const done = await follow(context, client, await client.offline.compare(sources));
      const differences = await firstDifferences(client, done, options.limit);
      await client.offline.forgetComparison({ comparison_id: done.comparison_id });
      context.output.result({ ...done, differences }, () => print(context.output, done, differences));
      return 'ok';
    });
  },
});

async function follow(context: CommandContext, client: ArchonClient, begun: Comparison): Promise<Done> {
  const { signal, stderr } = context.host;
  const { comparison_id } = begun;
  const progress = new Progress(stderr, systemClock);
  let comparison = begun;
  try {
    while (comparison.state === 'running') {
      const { step, share, records_done } = comparison.progress;
      const label = `comparing, step ${step} of ${STEPS}, ${Math.floor(share * 100)} %`;
      progress.update({ label, done: 0, total: null, records: records_done });
      await wait(POLL_MS, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) {
        await client.offline.forgetComparison({ comparison_id });
        throw new CommandError('interrupted', 'The comparison was stopped.', 'CANCELLED');
      }
      comparison = await client.offline.comparison({ comparison_id });
    }
  } finally {
    progress.finish();
  }
  if (comparison.state === 'failed') throw new CommandError('failed', comparison.failure, 'COMPARISON_FAILED');
  return comparison;
}

async function firstDifferences(client: ArchonClient, { comparison_id }: Done, limit: number): Promise<Difference[]> {
  const found: Difference[] = [];
  let cursor: string | undefined;
  while (found.length < limit) {
    const page = { comparison_id, limit: Math.min(PAGE, limit - found.length), ...(cursor ? { cursor } : {}) };
    const { items, next_cursor } = await client.offline.differences(page);
    found.push(...items);
    if (next_cursor === null) break;
    cursor = next_cursor;
  }
  return found;
}

function print(output: Output, done: Done, differences: readonly Difference[]): void {
  output.block([
    ['before', `${safeText(done.before_name)}, ${done.before.created_at}, ${done.before.records} records`],
    ['after', `${safeText(done.after_name)}, ${done.after.created_at}, ${done.after.records} records`],
  ]);
  output.line();
  output.table(
    [...COMPARED_LAYERS],
    [
      { title: 'what', value: (layer) => NAMES[layer] },
      ...(['added', 'changed', 'gone', 'same'] as const).map((kind) => ({
        title: kind,
        value: (layer: ComparedLayer) => done.counts[layer][kind].toLocaleString('en'),
        right: true,
      })),
    ],
  );
  if (differences.length === 0) return;
  output.line();
  for (const { kind, layer, user_id, id, before, after, fields } of differences) {
    const what = fields.length > 0 ? ` (${fields.map(({ field }) => field).join(', ')})` : '';
    const text = (after ?? before)?.text.replaceAll(/\s+/g, ' ').slice(0, 80) ?? '';
    output.line(`${kind.padEnd(8)} ${layer.padEnd(9)} ${safeText(user_id)}  ${safeText(id)}${what}  ${safeText(text)}`);
  }
  if (done.listed > differences.length) output.note(`The first ${differences.length}; --limit lists more.`);
}
