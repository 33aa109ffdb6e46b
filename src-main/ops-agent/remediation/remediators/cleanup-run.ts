/** Makes room: what has run out goes now, and not at its time; what killed processes and uploads left behind goes too. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { Worker, WorkerRunEntry } from '../../../../src-contract/index.ts';
import type { Clock } from '../../../clock.ts';
import { contextOf, messageOf } from '../../../doctor/check.ts';
import { bytesOf } from '../../../doctor/disk-use.ts';
import { leftoversCheck } from '../../../doctor/leftovers.ts';
import { ArchonError } from '../../../errors.ts';
import type { Scope } from '../../../identity/scope.ts';
import type { SettingsReader } from '../../../settings/live-settings.ts';
import { formatBytes } from '../../../units.ts';
import type { OpsSources } from '../../deps.ts';
import { type Finding, fact, type Remediator } from '../remediator.ts';
import { operatorOnly } from './operator-only.ts';

const WORKERS = ['cleanup', 'session-cleanup', 'retention'];
/** A disk is looked at in the rounds after; a run of a worker takes two minutes at most. */
const WITHIN_MS = 10 * 60_000;

type Sources = Pick<OpsSources, 'workers' | 'backups' | 'database' | 'data_dir' | 'sweepUploads'>;
interface CleanupDeps {
  node: string;
  clock: Clock;
  settings: SettingsReader;
}

export function cleanupRun(sources: Sources, { node, clock, settings }: CleanupDeps): Remediator {
  const { workers, backups, database, data_dir, sweepUploads } = sources;
  return {
    name: 'cleanup-run',
    title: 'Clean up now',
    precondition: 'It can be done at any time.',
    effect:
      'Runs the workers that remove what has run out (expired and deleted memories past their time, old events, idle sessions, old logs of runs), and removes what killed processes left, uploads older than a week that nobody imported, and backups beyond those kept.',
    risk: 'low',
    verification:
      'The alert that it was done for ends; by hand, that something was removed. PostgreSQL uses freed room again and gives it back to the disk only in part.',
    done_by: 'process',
    limit_ms: 120_000,
    targetOf: ({ node: of }) => ({ node: of ?? node }),
    targets: async (scope) =>
      operatorOnly(scope) === null
        ? [{ target: { node }, title: `Data folder of ${node}`, detail: data_dir, blocked: null }]
        : [],
    look: async (scope) => ({
      what: `Run ${WORKERS.join(', ')} now, and remove what nobody needs from the data folder of ${node}.`,
      facts: [fact('Free on the disk', await freeBytes(data_dir)), ...leftovers(await lookForLeftovers())],
      blocked: operatorOnly(scope),
    }),
    run: async (scope, _target, signal) => {
      const before = await freeNow(data_dir);
      const begun = await beginWorkers(scope);
      const removed = [await removeLeftovers(), await removeUploads(), pruneBackups()];
      signal.throwIfAborted();
      const problems = [...begun.problems, ...removed.flatMap(({ problem }) => problem ?? [])];
      const done = removed.flatMap(({ done: what }) => what ?? []);
      return {
        outcome: sentence(begun.names, done, problems),
        within_ms: WITHIN_MS,
        check: async (calm) => {
          const { over, changed } = await runsSince(scope, begun.known);
          const freed = (await freeNow(data_dir)) - before;
          const anything = done.length > 0 || changed > 0;
          // What else came and went on the disk is none of it.
          const gone = anything
            ? `${changed} rows went; ${freed > 0 ? formatBytes(freed) : 'nothing'} more is free on the disk.`
            : 'There was nothing to remove.';
          return judge(calm, { over, told: `${sentence(begun.names, done, problems)} ${gone}`, anything });
        },
      };
    },
  };

  async function beginWorkers(scope: Scope): Promise<{ names: string[]; known: Set<string>; problems: string[] }> {
    const names: string[] = [];
    const known = new Set<string>();
    const problems: string[] = [];
    for (const name of WORKERS) {
      try {
        for (const { run_id, ended_at } of runsOf(await workers.get(scope, name))) if (ended_at) known.add(run_id);
        await workers.runNow(scope, name);
        names.push(name);
      } catch (error) {
        if (error instanceof ArchonError && error.code === 'NOT_FOUND') continue;
        problems.push(`${name}: ${messageOf(error)}`);
      }
    }
    return { names, known, problems };
  }

  /** Whether the runs that were begun are over, and how much they changed. */
  async function runsSince(scope: Scope, known: ReadonlySet<string>): Promise<{ over: boolean; changed: number }> {
    const { items } = await workers.list(scope);
    const runs = items.filter(({ name }) => WORKERS.includes(name)).flatMap(runsOf);
    const since = runs.filter(({ run_id }) => !known.has(run_id));
    return {
      over: since.every(({ ended_at }) => ended_at !== null),
      changed: since.reduce((sum, run) => sum + run.changed, 0),
    };
  }

  async function lookForLeftovers() {
    const config = settings.device;
    const findings = await leftoversCheck.run(await contextOf({ config, database, clock }));
    return findings.filter(({ fix }) => fix !== null);
  }

  async function removeLeftovers(): Promise<Removed> {
    let done: string | undefined;
    const { problem } = await attempt('What killed processes left', async () => {
      for (const { fix } of await lookForLeftovers()) done = await fix?.apply();
    });
    return { ...(done === undefined ? {} : { done }), ...(problem === undefined ? {} : { problem }) };
  }

  async function removeUploads(): Promise<Removed> {
    const uploads = join(data_dir, 'uploads');
    const before = bytesOf(uploads);
    const { problem } = await attempt('Old uploads', sweepUploads);
    const gone = before - bytesOf(uploads);
    return {
      ...(gone > 0 ? { done: `Removed old uploads, ${formatBytes(gone)}.` } : {}),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  function pruneBackups(): Removed {
    if (!backups.possible) return {};
    try {
      const old = backups.folder.list().slice(settings.device['backup.keep']);
      if (old.length === 0) return {};
      const bytes = old.reduce((sum, file) => sum + file.bytes, 0);
      backups.folder.prune(settings.device['backup.keep']);
      return { done: `Removed ${old.length} old backups, ${formatBytes(bytes)}.` };
    } catch (error) {
      return { problem: `Old backups: ${messageOf(error)}` };
    }
  }

  function leftovers(findings: Awaited<ReturnType<typeof lookForLeftovers>>) {
    const uploads = bytesOf(join(data_dir, 'uploads'));
    return [
      ...findings.map(({ detail }) => fact('Left behind', detail)),
      ...(uploads > 0 ? [fact('Uploads, of which those older than a week go', formatBytes(uploads))] : []),
    ];
  }
}

interface Removed {
  done?: string;
  problem?: string;
}

/** One thing that cannot be removed must not keep the others. */
async function attempt(what: string, work: () => Promise<void>): Promise<Removed> {
  try {
    await work();
    return {};
  } catch (error) {
    return { problem: `${what}: ${messageOf(error)}` };
  }
}

const runsOf = ({ recent_runs, active_runs }: Worker): WorkerRunEntry[] => [...recent_runs, ...active_runs];

async function freeNow(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

const freeBytes = async (folder: string): Promise<string> => formatBytes(await freeNow(folder));

function sentence(names: readonly string[], done: readonly string[], problems: readonly string[]): string {
  return [
    names.length === 0 ? 'No worker was begun.' : `Begun: ${names.join(', ')}.`,
    ...done,
    ...(problems.length === 0
      ? []
      : [`Not done: ${problems.map((problem) => problem.replace(/\.$/, '')).join('; ')}.`]),
  ].join(' ');
}

/** An alert that ends though nothing was removed ended by itself. */
export function judge(
  calm: boolean | undefined,
  { over, told, anything }: { over: boolean; told: string; anything: boolean },
): Finding {
  if (calm && anything) return { verdict: 'helped', outcome: told };
  if (!over) return { verdict: 'not_yet' };
  if (!anything) return { verdict: 'did_not_help', outcome: told };
  return { verdict: calm === false ? 'not_yet' : 'helped', outcome: told };
}
