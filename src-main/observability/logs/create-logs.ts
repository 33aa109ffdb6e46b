/** The log of a process, as the configuration wants it. Any number of processes may have one data folder. */
import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../../settings/config-schema.ts';
import { CONFIG_NAMES, keyDefinition } from '../../settings/describe-key.ts';
import type { SettingsReader } from '../../settings/live-settings.ts';
import { Logs, type LogsOptions } from './logs.ts';

/** The process that holds the data folder writes `archon.log`; each that works beside it has a file of its own. */
export type LogOwner = 'archon' | 'worker' | 'ops';

const MB = 1024 ** 2;
/** Logs of processes beside it that ended, kept in a data folder. */
const KEPT_ENDED = 5;
const LOG_BESIDE = /^(?:worker|ops)-(\d+)\.log(\.\d+)?$/;

export const logsFolder = (data_dir: string): string => join(data_dir, 'logs');

export function createLogs(
  config: Config,
  { owner, ...options }: Pick<LogsOptions, 'print'> & { level?: LogsOptions['level']; owner: LogOwner | undefined },
): Logs {
  const folder = logsFolder(config.data_dir);
  const is_beside = owner === 'worker' || owner === 'ops';
  if (is_beside) removeOldLogsBeside(folder);
  const file = {
    folder,
    name: is_beside ? `${owner}-${process.pid}.log` : 'archon.log',
    ...fileLimits(config),
  };
  return new Logs({
    level: config['log.level'],
    secrets: secretsOf(config),
    ...(owner === undefined ? {} : { file }),
    ...options,
  });
}

/** Keeps a log as it is configured while that changes. @returns how to stop */
export function followSettings(logs: Logs, settings: SettingsReader): () => void {
  return settings.onChange(({ org_id, keys }) => {
    const config = org_id === null ? settings.device : settings.of(org_id);
    logs.configure({
      secrets: secretsOf(config),
      ...(keys.has('log.level') ? { level: settings.device['log.level'] } : {}),
      ...(keys.has('log.file_mb') || keys.has('log.files') ? { file: fileLimits(settings.device) } : {}),
    });
  });
}

const fileLimits = (config: Readonly<Config>) => ({
  max_bytes: config['log.file_mb'] * MB,
  files: config['log.files'],
});

/** Values that are secret; of addresses their password, also as it is when nothing is escaped. */
export function secretsOf(config: Readonly<Partial<Config>>): string[] {
  return CONFIG_NAMES.flatMap((name) => {
    const value = config[name];
    if (typeof value !== 'string' || keyDefinition(name).secret !== true) return [];
    if (!URL.canParse(value)) return [value];
    const { protocol, password } = new URL(value);
    // Whoever knows the address of a webhook can use it.
    if (protocol === 'https:' || protocol === 'http:') return [value];
    // Where a server is helps whoever reads the log.
    return password === '' ? [] : [password, decoded(password)];
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The newest stay, and those of processes that run here. One that cannot be removed is no reason not to start. */
function removeOldLogsBeside(folder: string): void {
  try {
    const names = readdirSync(folder).filter((name) => LOG_BESIDE.test(name));
    const old = pidsToForget(names.map((name) => ({ pid: pidOf(name), changed_ms: changedAt(join(folder, name)) })));
    for (const name of names) if (old.has(pidOf(name))) rmSync(join(folder, name), { force: true });
  } catch {
    // No folder yet, or none that may be changed: tried again with the next process.
  }
}

function pidsToForget(files: readonly { pid: number; changed_ms: number }[]): ReadonlySet<number> {
  const newest = new Map<number, number>();
  for (const { pid, changed_ms } of files) newest.set(pid, Math.max(newest.get(pid) ?? 0, changed_ms));
  const ended = [...newest].filter(([pid]) => !isAlive(pid)).sort(([, a], [, b]) => b - a);
  return new Set(ended.slice(KEPT_ENDED).map(([pid]) => pid));
}

const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;

const pidOf = (name: string): number => Number(LOG_BESIDE.exec(name)?.[1]);

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
