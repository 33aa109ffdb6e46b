import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Option } from 'commander';
import type { ArchonClient, OpsReport } from '../../../src-contract/index.ts';
import { defineCommand, given } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { safeText } from '../output.ts';
import { opsGroup, withOps } from './ops-group.ts';

const FORMATS = ['markdown', 'html', 'json'] as const;

interface Options {
  format: (typeof FORMATS)[number];
  out?: string;
  force?: boolean;
  last?: boolean;
  send?: boolean;
  channel?: string;
}

export const opsReportCommand = defineCommand<Options>({
  declare: (program) =>
    opsGroup(program)
      .command('report')
      .description('Make a report of the last 24 hours, and print, write or send it')
      .addOption(new Option('--format <format>', 'as what').choices([...FORMATS]).default('markdown'))
      .option('-o, --out <file>', 'file to write; HTML is ready to print')
      .option('--force', 'replace the file when there is one')
      .option('--last', 'the newest there is instead of a new one')
      .option('--send', 'send it through the channels that take reports')
      .option('--channel <id>', 'send it through this channel'),

  run: async (context, options) => {
    const { host, output } = context;
    const out = options.out === undefined ? undefined : resolve(host.working_dir, options.out);
    if (out !== undefined) refuseFile(out, options.force ?? false);
    return await withOps(context, async ({ client }) => {
      const made = options.last ? await newest(client) : await client.opsReports.create({});
      const text = await textOf(client, made, options.format);
      // Written before it is sent: it is there whatever becomes of that.
      if (out !== undefined) await writeFile(out, text);
      const wants_sending = options.send || options.channel !== undefined;
      const sent_to = wants_sending ? await send(client, made, options.channel) : made.sent_to;
      output.result({ ...made, sent_to, ...(out === undefined ? {} : { out }) }, () => {
        if (out === undefined) output.line(options.format === 'markdown' ? safeText(text.trimEnd()) : text.trimEnd());
        else output.line(`${safeText(made.summary)}\nWritten to ${out}.`);
      });
      if (wants_sending && !output.json) output.note(`Handed to ${safeText(sent_to.join(', '))}.`);
      return 'ok';
    });
  },
});

async function send(client: ArchonClient, { id }: OpsReport, channel: string | undefined): Promise<string[]> {
  const { sent_to } = await client.opsReports.send({ report: id, ...given({ channel }) });
  return sent_to;
}

async function newest(client: ArchonClient): Promise<OpsReport> {
  const { items } = await client.opsReports.list({ limit: 1 });
  const [entry] = items;
  if (entry === undefined) {
    throw new CommandError('not_found', 'There is no report yet; without --last one is made.');
  }
  return await client.opsReports.get({ report: entry.id });
}

async function textOf(client: ArchonClient, report: OpsReport, format: Options['format']): Promise<string> {
  if (format === 'json') return `${JSON.stringify(report, null, 2)}\n`;
  return (await client.opsReports.document({ report: report.id, format })).text;
}

function refuseFile(out: string, force: boolean): void {
  if (existsSync(out) && !force) throw new CommandError('usage', `${out} is there already; --force replaces it.`);
  if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
}
