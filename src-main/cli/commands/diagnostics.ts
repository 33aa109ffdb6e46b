import { createWriteStream, existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { appVersion } from '../../app-files.ts';
import { systemClock } from '../../clock.ts';
import { runChecks } from '../../doctor/run-checks.ts';
import { LogRedaction } from '../../observability/log-redaction.ts';
import { logsFolder, secretsOf } from '../../observability/logs/create-logs.ts';
import { Diagnostics, type DiagnosticsDocument } from '../../observability/logs/diagnostics/diagnostics.ts';
import { type AskedEngine, engineDocuments, localDocuments } from '../../observability/logs/diagnostics/documents.ts';
import { answers, readServerFile } from '../../server/server-file.ts';
import { formatBytes } from '../../units.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { serverClient } from '../connection.ts';
import { doctorHost } from '../doctor-host.ts';
import { CommandError } from '../exit-codes.ts';

interface Options {
  output?: string;
  force?: boolean;
}

/** Milliseconds for the checks of `archon doctor`: each waits some seconds for a service that does not answer. */
const LIMIT_MS = 60_000;

export const diagnosticsCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('diagnostics')
      .description(
        'Write logs, versions, health and settings into one ZIP file for whoever helps, without memories and secrets; works also when nothing else does',
      )
      .option('-o, --output <file>', 'file to write; default: archon-diagnostics-<time>.zip in this folder')
      .option('--force', 'replace the file when there is one'),

  run: async (context, options) => {
    const { output, host } = context;
    const diagnostics = await diagnosticsOf(context);
    const contents = diagnostics.contents();
    const out = resolve(host.working_dir, options.output ?? contents.file_name);
    if (existsSync(out) && !options.force) {
      throw new CommandError('usage', `${out} is there already; --force replaces it.`);
    }
    if (!existsSync(dirname(out))) throw new CommandError('not_found', `There is no folder ${dirname(out)}.`);
    const { bytes, missing } = await save(diagnostics, out, host.signal);
    output.result({ out, bytes, files: contents.files, left_out: contents.left_out, missing }, () => {
      output.block([
        ['file', `${out} (${formatBytes(bytes)})`],
        ['in it', contents.files.map(({ file }) => file).join(', ')],
        ...missing.map(({ file, why }): [string, string] => ['missing', `${file}: ${why}`]),
        ...contents.left_out.map((what): [string, string] => ['left out', what]),
      ]);
    });
    return 'ok';
  },
});

/** Of the server that has the data folder, as far as it answers, and of what lies in the folder. */
async function diagnosticsOf(context: CommandContext): Promise<Diagnostics> {
  const { config } = context.loaded;
  const file = readServerFile(config.data_dir);
  const server = file && (await answers(file)) ? file : undefined;
  const engine = server ? askedOver(serverClient(server)) : NOBODY;
  const doctor: DiagnosticsDocument = {
    file: 'doctor.json',
    what: 'What `archon doctor` finds: database, Redis, data folder, port, backups.',
    read: () => runChecks(doctorHost(context)),
  };
  return new Diagnostics({
    documents: [...localDocuments(config, appVersion), doctor, ...engineDocuments(engine, systemClock)],
    logs_folder: logsFolder(config.data_dir),
    redaction: new LogRedaction(secretsOf(config)),
    clock: systemClock,
    limit_ms: LIMIT_MS,
  });
}

function askedOver(client: ReturnType<typeof serverClient>): AskedEngine {
  return {
    health: () => client.health.deep(),
    breakers: () => client.resilience.list(),
    transitions: () => client.resilience.history({ limit: 500 }),
    metrics: () => client.metrics.current(),
    series: (input) => client.metrics.series(input),
    journal: () => client.journal.status(),
    workers: () => client.workers.list(),
  };
}

const nobody = () => {
  throw new Error('no server runs on this data folder');
};
const NOBODY: AskedEngine = {
  health: nobody,
  breakers: nobody,
  transitions: nobody,
  metrics: nobody,
  series: nobody,
  journal: nobody,
  workers: nobody,
};

type Missing = { file: string; why: string }[];

/** Writes beside the target and renames, so that a file of that name is always whole. */
async function save(
  diagnostics: Diagnostics,
  out: string,
  signal: AbortSignal,
): Promise<{ bytes: number; missing: Missing }> {
  const partial = `${out}.part`;
  let bytes = 0;
  let missing: Missing = [];
  async function* content(): AsyncGenerator<Buffer, void> {
    for await (const piece of diagnostics.pieces(signal)) {
      if (piece.kind === 'end') missing = piece.missing;
      if (piece.kind !== 'bytes') continue;
      const part = Buffer.from(piece.base64, 'base64');
      bytes += part.length;
      yield part;
    }
  }
  try {
    await pipeline(Readable.from(content()), createWriteStream(partial, { mode: 0o600 }));
    await rename(partial, out);
    return { bytes, missing };
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
}
