/** What is in use of this computer, and of the database. */
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { OpsObservation } from '../../../src-contract/index.ts';
import { formatBytes } from '../../units.ts';
import { readDatabaseUse, readStandbys } from './database-figures.ts';
import { deadPercent, readLargeTables } from './database-tables.ts';
import { FolderSizeWatch } from './folder-size.ts';
import { type MemorySystem, readMainMemory, thisComputer } from './main-memory.ts';
import { type Look, type Monitor, observed } from './monitor.ts';
import type { MonitorsDeps } from './monitors.ts';
import { StandbyLag } from './standby-lag.ts';
import { TableScans } from './table-scans.ts';

export function resourcesMonitor(deps: MonitorsDeps, system: MemorySystem = thisComputer): Monitor {
  const { node, sources } = deps;
  const { embedded } = sources;
  return {
    monitor: 'resources',
    title: 'Disk, memory and database',
    timeout_ms: 10_000,
    looks: [
      { signals: ['disk_percent'], ask: async () => [await diskUse(sources.data_dir, node)] },
      { signals: ['memory_percent'], ask: async () => [await memoryUse(system, node)] },
      folderLook(deps),
      ...(embedded ? [embeddedLook(deps)] : [serverLook(deps), standbyLook(deps)]),
      tablesLook(deps),
    ],
  };
}

/** As `df` has it: what is kept for the administrator is not there for anybody else. */
async function diskUse(data_dir: string, node: string): Promise<OpsObservation> {
  const { blocks, bfree, bavail, bsize } = await statfs(data_dir);
  const used = blocks - bfree;
  const percent = used + bavail > 0 ? (100 * used) / (used + bavail) : 0;
  return observed('disk_percent', percent, { node }, `${formatBytes(bavail * bsize)} free`);
}

async function memoryUse(system: MemorySystem, node: string): Promise<OpsObservation> {
  const { used_bytes, total_bytes, of } = await readMainMemory(system);
  const detail = `${formatBytes(used_bytes)} of ${formatBytes(total_bytes)} of the ${of}`;
  return observed('memory_percent', (100 * used_bytes) / total_bytes, { node }, detail);
}

/** Its single backend, which has no connections to run out of, would be held up for as long as it looks at its files. */
function embeddedLook({ clock, sources: { data_dir } }: MonitorsDeps): Look {
  const folder = new FolderSizeWatch(join(data_dir, 'postgres'), clock);
  return {
    signals: ['database_bytes'],
    ask: async () => [observed('database_bytes', (await folder.size()).bytes)],
  };
}

function serverLook({ sources: { database } }: MonitorsDeps): Look {
  return {
    signals: ['database_bytes', 'database_connections_percent'],
    ask: async () => {
      const use = await readDatabaseUse(database);
      const [row] = use.told ? use.items : [];
      if (row === undefined) return [];
      const { bytes, connections_percent } = row;
      return [observed('database_bytes', bytes), observed('database_connections_percent', connections_percent)];
    },
  };
}

function folderLook({ clock, node, sources: { data_dir } }: MonitorsDeps): Look {
  const folder = new FolderSizeWatch(data_dir, clock);
  return {
    signals: ['data_folder_bytes'],
    ask: async () => {
      const { bytes, at_least } = await folder.size();
      const detail = at_least ? 'at least: there are too many files to look at all of them' : null;
      return [observed('data_folder_bytes', bytes, { node }, detail)];
    },
  };
}

function standbyLook({ clock, sources: { database } }: MonitorsDeps): Look {
  const lag = new StandbyLag(clock);
  return {
    signals: ['replication_lag_seconds'],
    ask: async () => {
      const standbys = await readStandbys(database);
      if (!standbys.told) return [];
      const lags = lag.next(standbys.items);
      return standbys.items.map(({ standby, behind_bytes }) => {
        const detail = behind_bytes > 0 ? `${formatBytes(behind_bytes)} of the log behind` : null;
        return observed('replication_lag_seconds', lags.get(standby) ?? 0, { standby }, detail);
      });
    },
  };
}

function tablesLook({ sources: { database } }: MonitorsDeps): Look {
  const scans = new TableScans();
  return {
    signals: ['table_bloat_percent', 'sequential_scan_percent'],
    ask: async () => {
      const answer = await readLargeTables(database);
      if (!answer.told) return [];
      const parts = scans.next(answer.items);
      return answer.items.flatMap((counts) => {
        const { table, dead_rows, live_rows } = counts;
        const dead = `${dead_rows} of ${dead_rows + live_rows} rows are dead`;
        const part = parts.get(table);
        return [
          observed('table_bloat_percent', deadPercent(counts), { table }, dead),
          ...(part === undefined ? [] : [observed('sequential_scan_percent', part, { table })]),
        ];
      });
    },
  };
}
