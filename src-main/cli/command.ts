/** What every command is given and gives back. */
import { type Command, InvalidArgumentError } from 'commander';
import type { Logger } from 'pino';
import type { LogOwner } from '../observability/logs/create-logs.ts';
import type { Logs } from '../observability/logs/logs.ts';
import type { LoadedConfig } from '../settings/load-config.ts';
import { type Connection, connect } from './connection.ts';
import type { Ending } from './exit-codes.ts';
import type { Output, TerminalStream } from './output.ts';

/** The process a command runs in, handed in so that tests can be one. */
export interface Host {
  /** What follows the program's name. */
  argv: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  working_dir: string;
  /** Data folder when nobody names one. */
  default_data_dir: string;
  stdout: TerminalStream;
  stderr: TerminalStream;
  /** Asks the person at the terminal; not there when there is none. */
  ask?(question: string): Promise<string>;
  /** The same, and what is typed is not shown. */
  askSecret?(question: string): Promise<string>;
  /** All of standard input; not there when it is a terminal. */
  readStdin?(): Promise<string>;
  /** Aborted at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  /** Hears of the log as soon as there is one. */
  onLogs?(logs: Logs): void;
}

export interface CommandContext {
  host: Host;
  loaded: LoadedConfig;
  /** The connection profile that is asked for, by name or id; undefined for the one that was open last. */
  profile: string | undefined;
  logger: Logger;
  /** What the logger writes; into files for commands that have a `log_file`. */
  logs: Logs;
  output: Output;
}

/** A command of `archon`: how it is declared, and what it does once the configuration is read. */
export interface CommandDefinition<Options = object> {
  /** Adds the command to the program (or to a group of it), without an action. */
  declare(program: Command): Command;
  run(context: CommandContext, options: Options, ...positional: string[]): Promise<Ending>;
  /** It logs what happens even when nobody asked: for commands that run long. */
  talkative?: boolean;
  /** Whose log files it writes, beside the terminal. */
  log_file?: LogOwner;
}

/** Keeps the options' type while the command joins a list of all commands. */
export function defineCommand<Options>(definition: CommandDefinition<Options>): CommandDefinition {
  // Commander fills the options as declared; the two are written side by side in each command.
  return definition as unknown as CommandDefinition;
}

/** Runs work with a connection and closes it, whatever happens. */
export async function withConnection(
  context: CommandContext,
  work: (connection: Connection) => Promise<Ending>,
  needs: Parameters<typeof connect>[3] = {},
): Promise<Ending> {
  const { loaded, logger, host, profile } = context;
  const connection = await connect(loaded.config, logger, host.signal, { ...needs, profile });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** For options that take a whole number. */
export function wholeNumber(value: string): number {
  if (!/^-?\d{1,15}$/.test(value)) throw new InvalidArgumentError('It must be a whole number.');
  return Number(value);
}

/** For options that may be given several times, or with commas. */
export function listOf(value: string, previous: string[] | undefined): string[] {
  const parts = value.split(',').map((part) => part.trim());
  return [...(previous ?? []), ...parts.filter((part) => part !== '')];
}

/** The options that were given, without the others: the contract takes no `undefined`. */
export function given<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;
}
