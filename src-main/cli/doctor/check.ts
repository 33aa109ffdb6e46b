/** What a check of `archon doctor` looks like. */
import type { ServerFile } from '../../server/server-file.ts';
import type { Config } from '../../settings/config-schema.ts';

export interface Finding {
  status: 'ok' | 'warn' | 'fail';
  name: string;
  detail: string;
  /** What to do about it; always there unless the status is ok. */
  advice?: string;
}

export interface DoctorContext {
  config: Config;
  /** The server that runs on the data folder, if one answers. */
  server: ServerFile | undefined;
}

/** One subject that is looked at. A check that throws counts as failed. */
export interface Check {
  name: string;
  run(context: DoctorContext): Promise<Finding[]>;
}

export const ok = (name: string, detail: string): Finding => ({ status: 'ok', name, detail });
export const warn = (name: string, detail: string, advice: string): Finding => ({
  status: 'warn',
  name,
  detail,
  advice,
});
export const fail = (name: string, detail: string, advice: string): Finding => ({
  status: 'fail',
  name,
  detail,
  advice,
});

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
