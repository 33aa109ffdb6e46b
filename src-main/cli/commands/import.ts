import { resolve } from 'node:path';
import { Option } from 'commander';
import { IMPORT_KINDS, type ImportJob, type ImportKind } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';
import { defineCommand, given, withConnection } from '../command.ts';
import { requireFile, sourceOf } from '../file-source.ts';
import { followJob, requireSuccess } from '../jobs.ts';
import { type Output, safeText } from '../output.ts';

interface Options {
  user?: string;
  format: ImportKind | 'auto';
}

/** Refused records shown to people; `--json` gives all the engine keeps. */
const SHOWN_ERRORS = 20;

export const importCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('import <file>')
      .description('Import conversations of other programs, or an archive of ours; a second time adds nothing')
      .option('--user <id>', 'whose memory they become; an archive names its users itself')
      .addOption(
        new Option('--format <format>', 'what kind of file it is').choices(['auto', ...IMPORT_KINDS]).default('auto'),
      ),

  run: async (context, options, file = '') => {
    const path = resolve(context.host.working_dir, file);
    await requireFile(path);
    return await withConnection(context, async (connection) => {
      const begun = await connection.client.transfer.import({
        source: await sourceOf(context, connection, path),
        format: options.format,
        ...given({ user_id: options.user }),
      });
      const job = await followJob(context, connection.client, begun);
      context.output.result(job, () => printImport(context.output, job));
      requireSuccess(job);
      return job.error_count > 0 ? 'partly' : 'ok';
    });
  },
});

function printImport(output: Output, job: ImportJob): void {
  const { added, already_there } = job;
  const layers = Object.keys(added) as (keyof typeof added)[];
  output.block([
    ['file', `${safeText(job.name)} (${job.format ?? 'unknown format'}, ${formatBytes(job.progress.bytes_done)})`],
    ['state', job.state],
    ...(job.resumed_from_record > 0 ? ([['resumed after', `${job.resumed_from_record} records`]] as const) : []),
  ]);
  output.line();
  output.table(
    layers.filter((layer) => added[layer] > 0 || already_there[layer] > 0),
    [
      { title: 'what', value: (layer) => layer },
      { title: 'added', value: (layer) => added[layer].toLocaleString('en'), right: true },
      { title: 'already there', value: (layer) => already_there[layer].toLocaleString('en'), right: true },
    ],
  );
  if (job.error_count === 0) return;
  output.line();
  const what = job.error_count === 1 ? '1 record was refused' : `${job.error_count} records were refused`;
  output.warning(job.error_count > SHOWN_ERRORS ? `${what}; the first ${SHOWN_ERRORS}:` : `${what}:`);
  for (const error of job.errors.slice(0, SHOWN_ERRORS)) {
    const place = [error.line !== null && `line ${error.line}`, error.record !== null && `record ${error.record}`];
    output.note(`  ${place.filter(Boolean).join(', ')}: ${safeText(error.message)}`);
  }
}
