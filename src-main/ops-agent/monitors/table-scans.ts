/** How much of the scans of tables since the last look read all of a table. */

/** What is counted from the beginning of the statistics on. */
export interface ScanCounts {
  table: string;
  sequential_scans: number;
  index_scans: number;
}

/** Scans since the last look below which their parts say nothing. */
export const LEAST_SCANS = 10;

export class TableScans {
  #before = new Map<string, ScanCounts>();

  /** Percent by table; of those that were scanned enough since, and whose counts did not begin again. */
  next(tables: readonly ScanCounts[]): Map<string, number> {
    const parts = new Map<string, number>();
    for (const now of tables) {
      const before = this.#before.get(now.table);
      if (before === undefined) continue;
      const sequential = now.sequential_scans - before.sequential_scans;
      const index = now.index_scans - before.index_scans;
      // The statistics were reset, or are those of another server.
      if (sequential < 0 || index < 0 || sequential + index < LEAST_SCANS) continue;
      parts.set(now.table, (100 * sequential) / (sequential + index));
    }
    this.#before = new Map(tables.map((each) => [each.table, each]));
    return parts;
  }
}
