/** The command line: its commands, its global options, and what becomes of an error. */
import { Command, CommanderError } from 'commander';
import pino, { type Logger } from 'pino';
import { appVersion } from '../app-files.ts';
import { componentLogger } from '../observability/logs/component-logger.ts';
import { createLogs } from '../observability/logs/create-logs.ts';
import type { Logs } from '../observability/logs/logs.ts';
import { type LoadedConfig, loadConfig, PROFILE_VARIABLE } from '../settings/load-config.ts';
import type { CommandContext, CommandDefinition, Host } from './command.ts';
import { backupCommand } from './commands/backup.ts';
import { compareCommand } from './commands/compare.ts';
import { configCommand } from './commands/config.ts';
import {
  configExportCommand,
  configGetCommand,
  configHistoryCommand,
  configImportCommand,
  configListCommand,
  configResetCommand,
  configSchemaCommand,
  configSetCommand,
} from './commands/config-settings.ts';
import { contextCommand } from './commands/context.ts';
import { demoCommand } from './commands/demo.ts';
import { diagnosticsCommand } from './commands/diagnostics.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exportCommand } from './commands/export.ts';
import { importCommand } from './commands/import.ts';
import { loginCommand } from './commands/login.ts';
import { migrateCommand } from './commands/migrate.ts';
import { openArchiveCommand } from './commands/open-archive.ts';
import { opsActionsCommand, opsApproveCommand } from './commands/ops-actions.ts';
import { opsAlertsCommand } from './commands/ops-alerts.ts';
import { opsPauseCommand, opsResumeCommand } from './commands/ops-pause.ts';
import { opsReportCommand } from './commands/ops-report.ts';
import { opsRunCommand } from './commands/ops-run.ts';
import { opsSilenceCommand } from './commands/ops-silence.ts';
import { opsStatusCommand } from './commands/ops-status.ts';
import {
  profilesAddCommand,
  profilesListCommand,
  profilesRemoveCommand,
  profilesShowCommand,
  profilesTestCommand,
  profilesUseCommand,
} from './commands/profiles.ts';
import { restoreCommand } from './commands/restore.ts';
import { searchCommand } from './commands/search.ts';
import { secretsRotateCommand, secretsStatusCommand } from './commands/secrets.ts';
import { serveCommand } from './commands/serve.ts';
import { snapshotCommand } from './commands/snapshot.ts';
import { statsCommand } from './commands/stats.ts';
import { tokenCreateCommand, tokenListCommand, tokenRevokeCommand } from './commands/token.ts';
import { usersCommand } from './commands/users.ts';
import { workerCommand } from './commands/worker.ts';
import { addConfigOptions, configFlags } from './config-options.ts';
import { describeFailure, type Ending, EXIT_CODES } from './exit-codes.ts';
import { readableLogLine } from './log-lines.ts';
import { Output } from './output.ts';

const COMMANDS: readonly CommandDefinition[] = [
  serveCommand,
  workerCommand,
  opsRunCommand,
  opsStatusCommand,
  opsAlertsCommand,
  opsSilenceCommand,
  opsActionsCommand,
  opsApproveCommand,
  opsPauseCommand,
  opsResumeCommand,
  opsReportCommand,
  loginCommand,
  importCommand,
  exportCommand,
  snapshotCommand,
  openArchiveCommand,
  compareCommand,
  searchCommand,
  contextCommand,
  statsCommand,
  usersCommand,
  demoCommand,
  backupCommand,
  restoreCommand,
  migrateCommand,
  doctorCommand,
  diagnosticsCommand,
  tokenCreateCommand,
  tokenListCommand,
  tokenRevokeCommand,
  profilesListCommand,
  profilesAddCommand,
  profilesShowCommand,
  profilesTestCommand,
  profilesUseCommand,
  profilesRemoveCommand,
  configCommand,
  secretsStatusCommand,
  secretsRotateCommand,
  configGetCommand,
  configSetCommand,
  configListCommand,
  configResetCommand,
  configExportCommand,
  configImportCommand,
  configSchemaCommand,
  configHistoryCommand,
];

interface Chosen {
  definition: CommandDefinition;
  options: Record<string, unknown>;
  positional: string[];
}

/** Every command, declared; `onChosen` hears which one the arguments name. */
export function buildProgram(onChosen: (chosen: Chosen) => void = () => {}): Command {
  const program = new Command('archon')
    .description('Memory for AI agents: import conversations, search them, assemble context, serve an API.')
    .version(appVersion, '-V, --version')
    .option('--json', 'print one JSON document instead of text')
    .option('--profile <name>', 'connection profile to work on; default: the one that was open last')
    .option('--config <file>', 'configuration file; default: archon.config.json in the data folder')
    .helpOption('-h, --help', 'show help')
    .configureHelp({ showGlobalOptions: true })
    .addHelpText('after', '\nEvery configuration key is a flag as well: `archon config --help` lists them.');
  addConfigOptions(program, true);
  for (const definition of COMMANDS) {
    const command = definition.declare(program);
    command.action(() => {
      // Configuration flags may stand before the command or after it; the later one wins.
      const options = { ...program.opts(), ...command.opts() };
      onChosen({ definition, options, positional: command.args });
    });
  }
  return program;
}

/** Runs the command line and gives the exit code. */
export async function runCli(host: Host): Promise<number> {
  const chosen = parse(host);
  if (typeof chosen === 'number') return chosen;
  const output = new Output({
    stdout: host.stdout,
    stderr: host.stderr,
    json: chosen.options.json === true,
    colour: !host.env.NO_COLOR,
  });
  const logger = { current: silentUntilConfigured() };
  try {
    const loaded = loadConfig({
      file: chosen.options.config as string | undefined,
      env: host.env,
      flags: configFlags(chosen.options),
      platformDefaults: { data_dir: host.default_data_dir, working_dir: host.working_dir },
    });
    for (const warning of loaded.warnings) output.warning(warning);
    const logs = openLogs(host, loaded, chosen.definition, output.json);
    host.onLogs?.(logs);
    logger.current = componentLogger(logs.logger, 'cli');
    const profile = (chosen.options.profile as string | undefined) ?? (host.env[PROFILE_VARIABLE] || undefined);
    const context: CommandContext = { host, loaded, profile, logger: logs.logger, logs, output };
    const ending = await chosen.definition.run(context, chosen.options, ...chosen.positional);
    return EXIT_CODES[ending].code;
  } catch (error) {
    return EXIT_CODES[tellFailure(error, output, logger.current)].code;
  }
}

function parse(host: Host): Chosen | number {
  let chosen: Chosen | undefined;
  const program = buildProgram((found) => {
    chosen = found;
  });
  for (const command of [program, ...allCommands(program)]) {
    command.exitOverride().configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
    });
  }
  try {
    program.parse([...host.argv], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code;
    throw error;
  }
  // Without a command, commander has shown the help.
  return chosen ?? EXIT_CODES.usage.code;
}

function allCommands(command: Command): Command[] {
  return command.commands.flatMap((child) => [child, ...allCommands(child)]);
}

const silentUntilConfigured = (): Logger => pino({ level: 'silent' });

/**
 * Logs go to stderr, so that stdout holds the answer alone. Commands that answer and end only log what is wrong.
 * People at a terminal get lines to read, everybody else JSON.
 */
function openLogs(host: Host, loaded: LoadedConfig, { talkative, log_file }: CommandDefinition, json: boolean): Logs {
  const chosen = loaded.sources['log.level'].kind !== 'default';
  const level = talkative || chosen ? loaded.config['log.level'] : 'warn';
  const options = { colour: !host.env.NO_COLOR, stacks: level === 'debug' || level === 'trace' };
  const readable = host.stderr.isTTY === true && !json;
  const print = (line: string) => void host.stderr.write(readable ? readableLogLine(line, options) : line);
  return createLogs(loaded.config, { level, print, owner: log_file });
}

function tellFailure(error: unknown, output: Output, logger: Logger): Ending {
  const { ending, code, message, unexpected } = describeFailure(error);
  if (unexpected) logger.error({ err: error }, 'the command failed');
  if (output.json) output.result({ error: { code, message, exit_code: EXIT_CODES[ending].code } }, () => {});
  for (const line of message.split('\n')) output.error(line);
  return ending;
}
