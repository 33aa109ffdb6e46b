/** What a check of the doctor looks like. */
import type { Finding, SecretsStatus } from '../../src-contract/index.ts';
import { type Clock, systemClock } from '../clock.ts';
import { answers, readServerFile, type ServerFile } from '../server/server-file.ts';
import type { Config, ConfigName } from '../settings/config-schema.ts';
import type { Database } from '../storage/database.ts';

/** What Archon can do about a finding by itself, as long as the finding holds. */
export interface Fix {
  fix_id: string;
  /** For a button. */
  label: string;
  /** A question to ask first; null when nothing can be lost. */
  confirm: string | null;
  /** @returns what was done, a sentence */
  apply(): Promise<string>;
}

export interface CheckFinding extends Omit<Finding, 'fix'> {
  fix: Fix | null;
}

/** What a host can tell and do. What it leaves out is not looked at, or not offered. */
export interface DoctorHost {
  /** Of the connection that is looked at, with the data folder of the installation. */
  config: Config;
  /** Where the embedded database is, when it is not right in the data folder: that of a copy. */
  copy_dir?: string | undefined;
  /** Why it is not known where memory is, and what to do: a password that cannot be read. */
  connection_problem?: string | undefined;
  clock?: Clock;
  /** The database of the engine that runs in this process. */
  database?: Database | undefined;
  secrets?(): Promise<SecretsStatus>;
  /** Makes a backup, and says where. */
  backUp?(): Promise<string>;
  /** Names that the configuration sets outside of its file: nothing here can change those. */
  isLocked?(name: ConfigName): boolean;
  /** Writes a setting of this computer, in force at once. */
  changeSetting?(name: ConfigName, value: number): Promise<void>;
  /** Connections there are besides the open one. */
  profiles?(): Promise<readonly { name: string; kind: string }[]>;
}

export interface DoctorContext extends DoctorHost {
  clock: Clock;
  /** The server that runs on the data folder, in this process or another, if one answers. */
  server: ServerFile | undefined;
}

/** One subject that is looked at. A check that throws counts as failed. */
export interface Check {
  /** The beginning of the ids of its fixes, up to the dot. */
  key: string;
  name: string;
  run(context: DoctorContext): Promise<CheckFinding[]>;
}

export async function contextOf(host: DoctorHost): Promise<DoctorContext> {
  return { ...host, clock: host.clock ?? systemClock, server: await serverNow(host) };
}

/** The server that runs on the data folder, if one answers. */
export async function serverNow({ config }: Pick<DoctorHost, 'config'>): Promise<ServerFile | undefined> {
  const file = readServerFile(config.data_dir);
  return file && (await answers(file)) ? file : undefined;
}

/** Where the embedded database and what belongs to it are. */
export const memoryFolder = ({ copy_dir, config }: DoctorHost): string => copy_dir ?? config.data_dir;

/** Whether the data folder is in use by a process we know of. */
export const isOpen = ({ server, database }: DoctorContext): boolean => server !== undefined || database !== undefined;

export const ok = (check: string, detail: string): CheckFinding => ({
  check,
  status: 'ok',
  detail,
  advice: null,
  fix: null,
});
export const warning = (check: string, detail: string, advice: string, fix: Fix | null = null): CheckFinding => ({
  check,
  status: 'warning',
  detail,
  advice,
  fix,
});
export const failed = (check: string, detail: string, advice: string, fix: Fix | null = null): CheckFinding => ({
  check,
  status: 'failed',
  detail,
  advice,
  fix,
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
