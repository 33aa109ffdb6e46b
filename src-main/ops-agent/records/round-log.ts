/** What was observed in each round, in `history.db`: reports and previews of rules are made from it. */
import type { Database } from 'better-sqlite3';
import { z } from 'zod';
import {
  type OpsLabels,
  type OpsMonitor,
  type OpsSignalName,
  opsLabels,
  opsMonitor,
  opsSignalName,
} from '../../../src-contract/index.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';

/** Days that rounds are kept: a report compares with the seven days before. */
export const ROUNDS_KEPT_MS = 9 * 86_400_000;

export interface ObservedValue {
  signal: OpsSignalName;
  labels: OpsLabels;
  value: number;
}

export interface LoggedRound {
  at_ms: number;
  /** Milliseconds up to `at_ms` that it speaks for. */
  covered_ms: number;
  observations: readonly ObservedValue[];
  failed: readonly OpsMonitor[];
}

interface Row {
  at_ms: number;
  covered_ms: number;
  observations: string;
  failed: string;
}

const written = z.array(z.tuple([z.string(), opsLabels, z.number()]));
const writtenFailed = z.array(opsMonitor.catch('health'));

/** Every method may throw a `SqliteFileError`. */
export class RoundLog {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  add(org_id: string, { at_ms, covered_ms, observations, failed }: LoggedRound): void {
    const told = JSON.stringify(observations.map(({ signal, labels, value }) => [signal, labels, value]));
    withSqliteFaults(this.#db.name, () => {
      this.#db
        .prepare(
          'INSERT OR REPLACE INTO ops_rounds (org_id, at_ms, covered_ms, observations, failed) VALUES (?, ?, ?, ?, ?)',
        )
        .run(org_id, at_ms, covered_ms, told, JSON.stringify(failed));
      this.#db.prepare('DELETE FROM ops_rounds WHERE org_id = ? AND at_ms < ?').run(org_id, at_ms - ROUNDS_KEPT_MS);
    });
  }

  /** Those after `from_ms` up to `to_ms`, oldest first. Signals that are not known any more are left out. */
  read(org_id: string, { from_ms, to_ms, limit }: { from_ms: number; to_ms: number; limit: number }): LoggedRound[] {
    const rows = withSqliteFaults(this.#db.name, () =>
      this.#db
        .prepare<unknown[], Row>(
          'SELECT * FROM ops_rounds WHERE org_id = ? AND at_ms > ? AND at_ms <= ? ORDER BY at_ms LIMIT ?',
        )
        .all(org_id, from_ms, to_ms, limit),
    );
    return rows.map(readRow);
  }
}

function readRow({ at_ms, covered_ms, observations, failed }: Row): LoggedRound {
  return {
    at_ms,
    covered_ms,
    failed: writtenFailed.parse(JSON.parse(failed)),
    observations: written.parse(JSON.parse(observations)).flatMap(([name, labels, value]) => {
      const signal = opsSignalName.safeParse(name);
      return signal.success ? [{ signal: signal.data, labels, value }] : [];
    }),
  };
}
