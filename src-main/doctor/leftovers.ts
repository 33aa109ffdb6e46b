/** What processes that were killed left behind. All of it names its process, so that nothing of a living one is touched. */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { SERVER_FILE_NAME } from '../server/server-file.ts';
import { formatBytes } from '../units.ts';
import { type Check, type DoctorContext, ok, warning } from './check.ts';
import { heldByAnother } from './data-folder.ts';
import { bytesOf } from './disk-use.ts';

const NAME = 'leftovers';
/** Names with the process at their end: in the data folder, and in its folder of backups. */
const IN_FOLDER = /^(?:postgres\.creating-|restoring-|lock\.json\.|secret\.key\.|profiles\.json\.)(\d+)$/;
const IN_BACKUPS = /^(?:making-|.+\.partial-)(\d+)$/;
/** What a restore replaced: kept until a person removes it. */
const REPLACED = /^replaced-/;

export const leftoversCheck: Check = {
  key: 'leftovers',
  name: NAME,
  run: async (context) => {
    const { data_dir } = context.config;
    if (!existsSync(data_dir)) return [ok(NAME, 'none')];
    // It may be of another container, where its numbers of processes count and ours do not.
    const found = heldByAnother(context) === undefined ? leftovers(context) : [];
    const kept = namesIn(data_dir).filter((name) => REPLACED.test(name));
    const told =
      kept.length === 0
        ? []
        : [ok('replaced data', `a restore kept ${kept.join(', ')}; remove it when it is not needed`)];
    if (found.length === 0) return [ok(NAME, 'none'), ...told];
    const bytes = found.reduce((sum, name) => sum + bytesOf(join(data_dir, name)), 0);
    return [
      warning(
        NAME,
        `a process that was killed left ${found.join(', ')} (${formatBytes(bytes)})`,
        'They do no harm and take space; Archon needs none of them.',
        {
          fix_id: 'leftovers.remove',
          label: 'Remove them',
          confirm: null,
          apply: async () => {
            // Looked at again: a name may be a living process's by now.
            const still = leftovers(context);
            for (const name of still) rmSync(join(data_dir, name), { recursive: true, force: true });
            return `Removed ${still.join(', ')}, ${formatBytes(bytes)}.`;
          },
        },
      ),
      ...told,
    ];
  },
};

function leftovers(context: DoctorContext): string[] {
  const { data_dir } = context.config;
  const isDead = (name: string, form: RegExp) => {
    const pid = Number(form.exec(name)?.[1] ?? Number.NaN);
    return Number.isInteger(pid) && !isAlive(pid);
  };
  return [
    ...staleServerFile(context),
    ...namesIn(data_dir).filter((name) => isDead(name, IN_FOLDER)),
    ...namesIn(join(data_dir, 'backups'))
      .filter((name) => isDead(name, IN_BACKUPS))
      .map((name) => join('backups', name)),
  ];
}

/** Of a server that does not answer: one that is there and slow has its process, and keeps its file. */
function staleServerFile({ config, server, database }: DoctorContext): string[] {
  if (server !== undefined || database !== undefined) return [];
  return isDeadHolder(join(config.data_dir, SERVER_FILE_NAME)) ? [SERVER_FILE_NAME] : [];
}

/** A file that says which process wrote it, when that is gone or the file cannot be read. */
function isDeadHolder(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    const content: unknown = JSON.parse(readFileSync(path, 'utf8'));
    const pid = typeof content === 'object' && content !== null && 'pid' in content ? Number(content.pid) : 0;
    return !Number.isInteger(pid) || pid <= 0 || !isAlive(pid);
  } catch (error) {
    return error instanceof SyntaxError;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
