import { describe, expect, it } from 'vitest';
import { type MemorySystem, macMemory, readMainMemory, thisComputer } from './main-memory.ts';

const GIB = 1024 ** 3;

/** A computer with 16 GiB of which 4 are free, and these files. */
const system = (files: Record<string, string>, given: Partial<MemorySystem> = {}): MemorySystem => ({
  platform: 'linux',
  read: async (path) => files[path],
  vmStat: async () => undefined,
  free_bytes: () => 4 * GIB,
  total_bytes: () => 16 * GIB,
  ...given,
});

const MEMINFO = `MemTotal:       16777216 kB
MemFree:          102400 kB
MemAvailable:   12582912 kB
Cached:         11000000 kB
`;

describe('main memory in use', () => {
  it('is on Linux what is not available: the cache of files is not in use', async () => {
    expect(await readMainMemory(system({ '/proc/meminfo': MEMINFO }))).toEqual({
      used_bytes: 4 * GIB,
      total_bytes: 16 * GIB,
      of: 'computer',
    });
  });

  it('is that of the container, less the cache it can give back (v2)', async () => {
    const files = {
      '/proc/meminfo': MEMINFO,
      '/proc/self/cgroup': '0::/\n',
      '/sys/fs/cgroup/memory.max': `${2 * GIB}\n`,
      '/sys/fs/cgroup/memory.current': `${1.5 * GIB}\n`,
      '/sys/fs/cgroup/memory.stat': `anon 100\ninactive_file ${GIB / 2}\nactive_file 100\n`,
    };
    expect(await readMainMemory(system(files))).toEqual({ used_bytes: GIB, total_bytes: 2 * GIB, of: 'container' });
  });

  it('is that of the control group nearest to its limit, be it one above', async () => {
    const files = {
      '/proc/self/cgroup': '0::/system.slice/archon.service\n',
      '/sys/fs/cgroup/system.slice/archon.service/memory.max': `${8 * GIB}`,
      '/sys/fs/cgroup/system.slice/archon.service/memory.current': `${GIB}`,
      '/sys/fs/cgroup/system.slice/memory.max': `${4 * GIB}`,
      '/sys/fs/cgroup/system.slice/memory.current': `${3 * GIB}`,
    };
    expect(await readMainMemory(system(files))).toEqual({
      used_bytes: 3 * GIB,
      total_bytes: 4 * GIB,
      of: 'container',
    });
  });

  it('is that of the container (v1)', async () => {
    const files = {
      '/proc/self/cgroup': '12:cpu,cpuacct:/docker/abc\n11:memory:/docker/abc\n1:name=systemd:/docker/abc\n',
      // From inside, its own group is the root.
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': `${GIB}`,
      '/sys/fs/cgroup/memory/memory.usage_in_bytes': `${GIB / 2}`,
      '/sys/fs/cgroup/memory/memory.stat': `inactive_file 5\ntotal_inactive_file ${GIB / 4}\n`,
    };
    expect(await readMainMemory(system(files))).toEqual({ used_bytes: GIB / 4, total_bytes: GIB, of: 'container' });
  });

  it('is that of the computer where the container has no limit', async () => {
    for (const limit of ['max', '9223372036854771712', 'nonsense']) {
      const files = {
        '/proc/meminfo': MEMINFO,
        '/proc/self/cgroup': '0::/\n1:memory:/\n',
        '/sys/fs/cgroup/memory.max': limit,
        '/sys/fs/cgroup/memory.current': '5',
        '/sys/fs/cgroup/memory/memory.limit_in_bytes': limit,
        '/sys/fs/cgroup/memory/memory.usage_in_bytes': '5',
      };
      expect(await readMainMemory(system(files))).toMatchObject({ of: 'computer', used_bytes: 4 * GIB });
    }
  });

  it('is what the system says is not free where there is nothing better', async () => {
    const used = { used_bytes: 12 * GIB, total_bytes: 16 * GIB, of: 'computer' };
    expect(await readMainMemory(system({}))).toEqual(used);
    expect(await readMainMemory(system({}, { platform: 'win32' }))).toEqual(used);
    expect(await readMainMemory(system({}, { platform: 'darwin' }))).toEqual(used);
  });

  it('is on macOS what programs hold: almost nothing is ever free there', async () => {
    const vm_stat = `Mach Virtual Memory Statistics: (page size of 16384 bytes)
Pages free:                               3400.
Pages active:                           350000.
Pages inactive:                         340000.
Pages speculative:                        5000.
Pages throttled:                             0.
Pages wired down:                        65536.
Pages purgeable:                         10000.
"Translation faults":               1000000000.
File-backed pages:                      300000.
Anonymous pages:                        272144.
Pages stored in compressor:             200000.
Pages occupied by compressor:            65536.
`;
    const used_bytes = (272_144 - 10_000 + 65_536 + 65_536) * 16_384;
    expect(await readMainMemory(system({}, { platform: 'darwin', vmStat: async () => vm_stat }))).toEqual({
      used_bytes,
      total_bytes: 16 * GIB,
      of: 'computer',
    });
    expect(macMemory(vm_stat.replace('Anonymous', 'Other'), 16 * GIB)).toBeUndefined();
  });

  it('can be told of this computer', async () => {
    const { used_bytes, total_bytes } = await readMainMemory(thisComputer);
    expect(used_bytes).toBeGreaterThan(0);
    expect(used_bytes).toBeLessThanOrEqual(total_bytes);
  });
});
