/**
 * What PostgreSQL's background processes do on a server, and nobody does in a single-process backend.
 *
 * Without a checkpointer the write-ahead log grows without end; without autovacuum tables bloat, the planner works
 * from old statistics, and transaction ids run out. Everything goes through the queue, one statement a turn, so it
 * never runs inside a session's transaction and never keeps sessions waiting for longer than one table takes.
 */
import { statfsSync } from 'node:fs';
import { BackendStatementError } from './backend-errors.ts';
import type { BackendJobs } from './backend-jobs.ts';
import type { PgliteBackend } from './pglite-backend.ts';
import type { SharedCounters } from './shared-counters.ts';

/** A checkpoint writes over what is there, plus small new files. */
const CHECKPOINT_NEEDS_BYTES = 4 * 1024 * 1024;

export interface MaintenanceOptions {
  cluster_dir: string;
  checkpoint_interval_ms: number;
  /** Bytes written to the log since the last checkpoint that bring the next one forward. */
  wal_limit_bytes: number;
  vacuum_interval_ms: number;
  onError: (task: 'checkpoint' | 'vacuum', error: unknown) => void;
}

/** Bytes written to the log after which worn tables are looked for at once: an import need not wait for the interval. */
const LOOK_AFTER_BYTES = 32 * 1024 * 1024;

/**
 * Tables worth a vacuum: the thresholds of autovacuum, lowered from 20 % to 10 %, and any whose transaction ids are
 * older than 150 million. https://www.postgresql.org/docs/18/routine-vacuuming.html
 *
 * The counts of what changed are lost when the process ends, so a table is also worn that has grown since the planner
 * was last told its size: else it would be planned for as empty until a tenth of it changed.
 */
const WORN_TABLES = `
  SELECT format('%I.%I', s.schemaname, s.relname)
  FROM pg_stat_all_tables s JOIN pg_class c ON c.oid = s.relid
  WHERE s.schemaname <> 'pg_toast' AND c.relpersistence <> 't'
    AND (greatest(s.n_dead_tup, s.n_ins_since_vacuum, s.n_mod_since_analyze) > 50 + 0.1 * greatest(c.reltuples, 0)
         OR pg_relation_size(c.oid) / current_setting('block_size')::int > 10 + 1.1 * c.relpages
         OR age(c.relfrozenxid) > 150000000)`;

export class Maintenance {
  readonly #backend: PgliteBackend;
  readonly #jobs: BackendJobs;
  readonly #counters: SharedCounters;
  readonly #options: MaintenanceOptions;
  #timers: NodeJS.Timeout[] = [];
  /** Log written when the last checkpoint succeeded, and when one was last tried. */
  #checkpointed_at_bytes = 0;
  #tried_at_bytes = 0;
  #checkpoint_due = false;
  /** Log written when worn tables were last looked for. */
  #looked_at_bytes = 0;

  constructor(backend: PgliteBackend, jobs: BackendJobs, counters: SharedCounters, options: MaintenanceOptions) {
    this.#backend = backend;
    this.#jobs = jobs;
    this.#counters = counters;
    this.#options = options;
  }

  start(): void {
    // What the process before left.
    this.#vacuumWorn();
    this.#timers = [
      setInterval(() => this.#checkpointOnTimer(), this.#options.checkpoint_interval_ms),
      setInterval(() => this.#vacuumWorn(), this.#options.vacuum_interval_ms),
    ];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  /** To be called after every unit. */
  noteUnitDone(): void {
    // Since the last try, not the last success: a full disk is not asked again after every unit.
    if (this.#written - this.#tried_at_bytes >= this.#options.wal_limit_bytes) this.#checkpointSoon();
    if (this.#written - this.#looked_at_bytes >= LOOK_AFTER_BYTES) this.#vacuumWorn();
  }

  async checkpoint(): Promise<void> {
    await this.#jobs.run(() => this.checkpointNow());
  }

  /**
   * For use inside a job.
   *
   * @throws BackendStatementError with 53100 when the disk is all but full: PostgreSQL panics when a checkpoint cannot
   *   be written, whereas without one it goes on serving, and recovery replays the log.
   */
  async checkpointNow(): Promise<void> {
    const { bavail, bsize } = statfsSync(this.#options.cluster_dir);
    if (bavail * bsize < CHECKPOINT_NEEDS_BYTES) {
      throw new BackendStatementError('53100', 'no checkpoint: no space left on device');
    }
    await this.#backend.query('CHECKPOINT');
    this.#checkpointed_at_bytes = this.#written;
    this.#counters.add('checkpoints', 1);
  }

  /** Vacuums and analyses the tables that need it. */
  async #vacuum(): Promise<void> {
    const tables = await this.#jobs.run(() => this.#backend.query(WORN_TABLES));
    for (const [table] of tables) {
      // A table may have been dropped since the list was made; SKIP_LOCKED is moot with one backend.
      await this.#jobs.run(() => this.#vacuumTable(table ?? ''));
    }
  }

  async #vacuumTable(table: string): Promise<void> {
    const [[exists] = []] = await this.#backend.query(`SELECT to_regclass('${table.replaceAll("'", "''")}')`);
    if (!exists) return;
    await this.#backend.query(`VACUUM (ANALYZE) ${table}`);
    this.#counters.add('tables_vacuumed', 1);
  }

  get #written(): number {
    return this.#counters.get('wal_bytes_written');
  }

  #checkpointOnTimer(): void {
    if (this.#written > this.#checkpointed_at_bytes) this.#checkpointSoon();
  }

  #checkpointSoon(): void {
    if (this.#checkpoint_due) return;
    this.#checkpoint_due = true;
    this.checkpoint()
      .catch((error: unknown) => this.#options.onError('checkpoint', error))
      .finally(() => {
        this.#checkpoint_due = false;
        this.#tried_at_bytes = this.#written;
      });
  }

  #vacuumWorn(): void {
    this.#looked_at_bytes = this.#written;
    this.#vacuum().catch((error: unknown) => this.#options.onError('vacuum', error));
  }
}
