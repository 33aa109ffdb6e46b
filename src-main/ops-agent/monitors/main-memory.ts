/**
 * How much of the main memory is in use: of the container where there is a limit, else of the computer.
 *
 * What can be given back at once, as the cache of files, is not in use.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface MainMemory {
  used_bytes: number;
  total_bytes: number;
  of: 'container' | 'computer';
}

/** The system as far as it matters here; tests have one of their own. */
export interface MemorySystem {
  platform: NodeJS.Platform;
  /** Undefined for a file that is not there, or may not be read. */
  read(path: string): Promise<string | undefined>;
  /** What `vm_stat` of macOS writes. */
  vmStat(): Promise<string | undefined>;
  free_bytes(): number;
  total_bytes(): number;
}

const VM_STAT_LIMIT_MS = 2000;

export const thisComputer: MemorySystem = {
  platform: process.platform,
  read: (path) => readFile(path, 'utf8').catch(() => undefined),
  vmStat: async () => {
    const answer = await promisify(execFile)('/usr/bin/vm_stat', { timeout: VM_STAT_LIMIT_MS }).catch(() => undefined);
    return answer?.stdout;
  },
  free_bytes: freemem,
  total_bytes: totalmem,
};

export async function readMainMemory(system: MemorySystem): Promise<MainMemory> {
  if (system.platform === 'linux') {
    return (await containerMemory(system)) ?? meminfo(await system.read('/proc/meminfo')) ?? computerMemory(system);
  }
  if (system.platform === 'darwin') {
    return macMemory(await system.vmStat(), system.total_bytes()) ?? computerMemory(system);
  }
  return computerMemory(system);
}

function computerMemory(system: MemorySystem): MainMemory {
  const total_bytes = system.total_bytes();
  return { used_bytes: total_bytes - system.free_bytes(), total_bytes, of: 'computer' };
}

/** Files of a control group that say its limit, what it uses, and how much of that can be given back. */
interface GroupFiles {
  root: string;
  limit: string;
  usage: string;
  /** In its `memory.stat`. https://docs.kernel.org/admin-guide/cgroup-v2.html#memory */
  reclaimable: string;
}

const V2: GroupFiles = {
  root: '/sys/fs/cgroup',
  limit: 'memory.max',
  usage: 'memory.current',
  reclaimable: 'inactive_file',
};
const V1: GroupFiles = {
  root: '/sys/fs/cgroup/memory',
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  reclaimable: 'total_inactive_file',
};

/** Of the control group of this process or one above it: whichever is nearest to its limit. Undefined where none has one. */
async function containerMemory(system: MemorySystem): Promise<MainMemory | undefined> {
  const groups = groupsOf((await system.read('/proc/self/cgroup')) ?? '');
  const found: MainMemory[] = [];
  for (const { files, path } of groups) {
    for (const group of withParents(path)) {
      const memory = await groupMemory(system, files, group);
      if (memory !== undefined) found.push(memory);
    }
  }
  return found.reduce<MainMemory | undefined>(
    (fullest, each) => (fullest === undefined || share(each) > share(fullest) ? each : fullest),
    undefined,
  );
}

/** Lines are `number:controllers:path`; the one of v2 has the number 0 and no controllers. */
function groupsOf(text: string): { files: GroupFiles; path: string }[] {
  return text.split('\n').flatMap((line) => {
    const [number, controllers, ...rest] = line.trim().split(':');
    const path = rest.join(':');
    if (number === '0' && controllers === '') return [{ files: V2, path }];
    return controllers?.split(',').includes('memory') ? [{ files: V1, path }] : [];
  });
}

/** Seen from inside a container its own path may be that of outside: then only the root is there, and it is its own. */
function withParents(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, i) => parts.slice(0, parts.length - i).join('/'));
}

async function groupMemory(system: MemorySystem, files: GroupFiles, group: string): Promise<MainMemory | undefined> {
  const folder = join(files.root, group);
  const limit = numberIn(await system.read(join(folder, files.limit)));
  // None is `max`, or in v1 a number that no computer has.
  if (limit === undefined || limit <= 0 || limit >= system.total_bytes()) return undefined;
  const usage = numberIn(await system.read(join(folder, files.usage)));
  if (usage === undefined) return undefined;
  const stat = (await system.read(join(folder, 'memory.stat'))) ?? '';
  const reclaimable = numberIn(new RegExp(`^${files.reclaimable} (\\d+)$`, 'm').exec(stat)?.[1]) ?? 0;
  return { used_bytes: Math.max(0, usage - reclaimable), total_bytes: limit, of: 'container' };
}

const share = ({ used_bytes, total_bytes }: MainMemory): number => used_bytes / total_bytes;

function numberIn(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d+\s*$/.test(text) ? Number(text) : undefined;
}

/** Of Linux. `MemAvailable` is what can be had without swapping. https://docs.kernel.org/filesystems/proc.html#meminfo */
export function meminfo(text: string | undefined): MainMemory | undefined {
  const kib = (name: string) => numberIn(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text ?? '')?.[1]);
  const [total, available] = [kib('MemTotal'), kib('MemAvailable')];
  if (total === undefined || available === undefined || total === 0) return undefined;
  return { used_bytes: Math.max(0, total - available) * 1024, total_bytes: total * 1024, of: 'computer' };
}

/**
 * Of macOS: what programs hold, what cannot be moved, and what is compressed. Its free pages say nothing: almost all
 * memory caches files. https://support.apple.com/guide/activity-monitor/actmntr1004/mac
 */
export function macMemory(vm_stat: string | undefined, total_bytes: number): MainMemory | undefined {
  const page_bytes = numberIn(/page size of (\d+) bytes/.exec(vm_stat ?? '')?.[1]);
  const pages = (name: string) => numberIn(new RegExp(`^"?${name}"?:\\s+(\\d+)\\.$`, 'm').exec(vm_stat ?? '')?.[1]);
  const [anonymous, wired] = [pages('Anonymous pages'), pages('Pages wired down')];
  if (page_bytes === undefined || anonymous === undefined || wired === undefined || total_bytes <= 0) return undefined;
  const compressed = pages('Pages occupied by compressor') ?? 0;
  const used = Math.max(0, anonymous - (pages('Pages purgeable') ?? 0)) + wired + compressed;
  return { used_bytes: Math.min(total_bytes, used * page_bytes), total_bytes, of: 'computer' };
}
