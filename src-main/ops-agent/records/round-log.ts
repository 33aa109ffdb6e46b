/** What was observed in each round, in `history.db`: reports and previews of rules are made from it. */
import type { Database } from 'better-sqlite3';
import {
  OPS_MONITORS,
  OPS_SIGNALS,
  type OpsLabels,
  type OpsMonitor,
  type OpsSignalName,
} from '../../../src-contract/index.ts';
import { withSqliteFaults } from '../../storage/sqlite-faults.ts';
import { keyOf } from './notes-place.ts';
import { Statements } from './statements.ts';
import { thinned } from './thin-rounds.ts';

const HOUR_MS = 3_600_000;
/** Rounds are kept for nine days: a report compares with the seven days before. */
export const ROUNDS_KEPT_MS = 9 * 24 * HOUR_MS;
/** Each of them for a day, of which a preview and a report are; then those of a minute become one. */
export const EVERY_ROUND_KEPT_MS = 26 * HOUR_MS;
const MINUTE_MS = 60_000;
/** Rounds that are looked at in one go when they are thinned. */
const THINNED_AT_ONCE = 200;

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

const ADD =
  'INSERT OR REPLACE INTO ops_rounds (org_id, at_ms, covered_ms, observations, failed) VALUES (?, ?, ?, ?, ?)';
const READ = 'SELECT * FROM ops_rounds WHERE org_id = ? AND at_ms > ? AND at_ms <= ? ORDER BY at_ms LIMIT ?';

/** Every method may throw a `SqliteFileError`. */
export class RoundLog {
  readonly #db: Database;
  readonly #sql: Statements;
  readonly #place: string;
  /** Up to where the rounds of each organisation are thin. */
  readonly #thin_to = new Map<string, number>();
  /** What is left of other databases was looked through. */
  #isSwept = false;

  /** @param place of which database ({@link notesPlace}) */
  constructor(db: Database, place = '') {
    this.#place = place;
    this.#db = db;
    this.#sql = new Statements(db);
  }

  add(org_id: string, { at_ms, covered_ms, observations, failed }: LoggedRound): void {
    const told = JSON.stringify(observations.map(({ signal, labels, value }) => [signal, labels, value]));
    this.#guard(() => this.#sql.of(ADD).run(this.#key(org_id), at_ms, covered_ms, told, JSON.stringify(failed)));
  }

  /** Those after `from_ms` up to `to_ms`, oldest first. Signals that are not known any more are left out. */
  read(org_id: string, { from_ms, to_ms, limit }: { from_ms: number; to_ms: number; limit: number }): LoggedRound[] {
    return this.#guard(() => this.#sql.of<Row>(READ).all(this.#key(org_id), from_ms, to_ms, limit)).map(readRow);
  }

  /** When the newest was; undefined where there is none. */
  newest_ms(org_id: string): number | undefined {
    const newest = this.#guard(() =>
      this.#sql.of<number | null>('SELECT max(at_ms) FROM ops_rounds WHERE org_id = ?').pluck().get(this.#key(org_id)),
    );
    return newest ?? undefined;
  }

  /** Removes what is too old, and makes one of those of a minute of the next that are old enough. Bounded. */
  tidy(org_id: string, now_ms: number): void {
    this.#guard(() =>
      this.#db
        .transaction(() => {
          if (!this.#isSwept) this.#sql.of('DELETE FROM ops_rounds WHERE at_ms < ?').run(now_ms - ROUNDS_KEPT_MS);
          this.#isSwept = true;
          this.#sql
            .of('DELETE FROM ops_rounds WHERE org_id = ? AND at_ms < ?')
            .run(this.#key(org_id), now_ms - ROUNDS_KEPT_MS);
          this.#thin(org_id, startOfMinute(now_ms - EVERY_ROUND_KEPT_MS));
        })
        .immediate(),
    );
  }

  #thin(org_id: string, before_ms: number): void {
    const from_ms = this.#thin_to.get(this.#key(org_id)) ?? 0;
    const times = this.#sql
      .of<number>('SELECT at_ms FROM ops_rounds WHERE org_id = ? AND at_ms >= ? AND at_ms < ? ORDER BY at_ms LIMIT ?')
      .pluck()
      .all(this.#key(org_id), from_ms, before_ms, THINNED_AT_ONCE);
    const minutes = Map.groupBy(times, startOfMinute);
    const [last_ms] = [...minutes.keys()].slice(-1);
    // The last one may go on beyond what was read.
    const isCut = times.length === THINNED_AT_ONCE && minutes.size > 1;
    for (const [minute_ms, { length }] of minutes) {
      if (length > 1 && !(isCut && minute_ms === last_ms)) this.#thinMinute(org_id, minute_ms);
    }
    const done_ms = times.length < THINNED_AT_ONCE ? before_ms : isCut ? last_ms : (last_ms ?? 0) + MINUTE_MS;
    this.#thin_to.set(org_id, done_ms ?? before_ms);
  }

  #thinMinute(org_id: string, minute_ms: number): void {
    const rounds = this.#sql
      .of<Row>(READ)
      .all(this.#key(org_id), minute_ms - 1, minute_ms + MINUTE_MS - 1, -1)
      .map(readRow);
    const kept = thinned(rounds);
    if (kept.length === rounds.length) return;
    this.#sql
      .of('DELETE FROM ops_rounds WHERE org_id = ? AND at_ms >= ? AND at_ms < ?')
      .run(this.#key(org_id), minute_ms, minute_ms + MINUTE_MS);
    for (const round of kept) this.add(org_id, round);
  }

  #key(org_id: string): string {
    return keyOf(org_id, this.#place);
  }

  #guard<T>(work: () => T): T {
    return withSqliteFaults(this.#db.name, work);
  }
}

const startOfMinute = (at_ms: number): number => at_ms - (at_ms % MINUTE_MS);

/** What this class wrote is only taken apart: checking each label anew would take longer than everything else. */
function readRow({ at_ms, covered_ms, observations, failed }: Row): LoggedRound {
  const told = JSON.parse(observations) as [string, OpsLabels, number][];
  const missing = JSON.parse(failed) as string[];
  return {
    at_ms,
    covered_ms,
    failed: missing.filter(isMonitor),
    observations: told.flatMap(([signal, labels, value]) => (isSignal(signal) ? [{ signal, labels, value }] : [])),
  };
}

const isSignal = (name: string): name is OpsSignalName => Object.hasOwn(OPS_SIGNALS, name);

const monitors: ReadonlySet<string> = new Set(OPS_MONITORS);
const isMonitor = (name: string): name is OpsMonitor => monitors.has(name);
