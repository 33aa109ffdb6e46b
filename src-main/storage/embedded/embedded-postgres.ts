/**
 * The embedded database: PostgreSQL in a worker thread of this process, on a folder of the user's disk.
 *
 * The ordinary `pg` pool talks to it through {@link EmbeddedPostgres.poolConfig}, over the PostgreSQL protocol and
 * without a TCP port. One backend serves all connections: an open transaction keeps everyone else waiting, only
 * SET LOCAL and pg_advisory_xact_lock are allowed, and the role is a superuser until SET LOCAL ROLE. A statement that
 * runs cannot be interrupted, so statement_timeout and cancel requests do nothing to it; `stuck_after_ms` does.
 * A worker that dies is replaced; what was committed is on the disk by then.
 */
import { dirname } from 'node:path';
import type { MessagePort } from 'node:worker_threads';
import type pg from 'pg';
import type { Logger } from 'pino';
import { type Clock, isoTime, systemClock } from '../../clock.ts';
import { assertNever } from '../../errors.ts';
import { DataFolderLock, ensureWritableFolder } from '../data-folder-lock.ts';
import { ClusterFolder } from './cluster-folder.ts';
import { diskFailure, EmbeddedPostgresUnavailableError, openFailure } from './embedded-errors.ts';
import { PortStream } from './port-stream.ts';
import { PostgresThread, type ThreadEnd } from './postgres-thread.ts';
import { DATABASE, SUPERUSER } from './session-startup.ts';
import type { WorkerCommand, WorkerInput, WorkerSettings } from './worker-messages.ts';

export interface EmbeddedPostgresOptions {
  /** Folder of the cluster; made when missing. Its lock lies beside it, in `<cluster_dir>.lock`. */
  cluster_dir: string;
  logger: Logger;
  /** PostgreSQL's page cache. Default 16: the operating system caches the files too. */
  shared_buffers_mb?: number;
  /** Between checkpoints, if anything was written. Default 5 minutes. */
  checkpoint_interval_ms?: number;
  /** Log written since the last checkpoint that brings the next one forward. Default 32 MiB. */
  wal_limit_bytes?: number;
  /** Between looks for tables to VACUUM and ANALYZE. Default 10 minutes. */
  vacuum_interval_ms?: number;
  /** How long a transaction may keep the database without using it. Default 30 s. */
  idle_in_transaction_timeout_ms?: number;
  /** How long a single statement may run before the worker is replaced. Default 15 minutes. */
  stuck_after_ms?: number;
  /** How long `stop` lets running work finish before it ends the connections. Default 5 s. */
  stop_grace_ms?: number;
  clock?: Clock;
}

export type EmbeddedPostgresState =
  | { state: 'stopped'; since: string }
  | { state: 'starting'; since: string }
  | { state: 'running'; since: string; server_version: string }
  /** `restarts_at` is null when the first start failed: then it is up to the caller. */
  | { state: 'failed'; since: string; error: Error; restarts_at: string | null };

/** Counted since the worker was last started, except `wal_bytes` and `restarts`. */
export interface EmbeddedPostgresStats {
  state: EmbeddedPostgresState['state'];
  restarts: number;
  /** Size of the write-ahead log on the disk. */
  wal_bytes: number;
  wal_bytes_written: number;
  sessions: number;
  sessions_waiting: number;
  units: number;
  fsyncs: number;
  checkpoints: number;
  tables_vacuumed: number;
}

const FIRST_RESTART_MS = 1_000;
const LAST_RESTART_MS = 30_000;
/** After running this long, a crash counts as the first again. */
const STABLE_AFTER_MS = 60_000;
/** Beyond the grace, for closing the cluster. */
const CLOSE_LIMIT_MS = 10_000;

export class EmbeddedPostgres {
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #folder: ClusterFolder;
  readonly #settings: WorkerSettings;
  readonly #stuck_after_ms: number;
  readonly #stop_grace_ms: number;
  readonly #streams = new Set<PortStream>();
  readonly #listeners = new Set<(state: EmbeddedPostgresState) => void>();
  #state: EmbeddedPostgresState;
  #lock: DataFolderLock | null = null;
  #thread: PostgresThread | null = null;
  #starting: Promise<void> | null = null;
  #stopping = false;
  #restart_timer: NodeJS.Timeout | undefined;
  #restarts = 0;
  /** Restarts since it last ran for a while. */
  #attempts = 0;

  constructor(options: EmbeddedPostgresOptions) {
    this.#logger = options.logger;
    this.#clock = options.clock ?? systemClock;
    this.#folder = new ClusterFolder(options.cluster_dir);
    this.#stuck_after_ms = options.stuck_after_ms ?? 15 * 60_000;
    this.#stop_grace_ms = options.stop_grace_ms ?? 5_000;
    this.#settings = {
      cluster_dir: options.cluster_dir,
      shared_buffers_mb: options.shared_buffers_mb ?? 16,
      checkpoint_interval_ms: options.checkpoint_interval_ms ?? 5 * 60_000,
      wal_limit_bytes: options.wal_limit_bytes ?? 32 * 1024 * 1024,
      vacuum_interval_ms: options.vacuum_interval_ms ?? 10 * 60_000,
      idle_in_transaction_timeout_ms: options.idle_in_transaction_timeout_ms ?? 30_000,
    };
    this.#state = { state: 'stopped', since: this.#now() };
  }

  get state(): EmbeddedPostgresState {
    return this.#state;
  }

  /** Returns a function that stops listening. */
  onStateChange(listener: (state: EmbeddedPostgresState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** What a `pg` Pool or Client needs to connect. A connection asked for while the database starts waits for it. */
  get poolConfig(): pg.PoolConfig {
    return {
      stream: () => this.#newStream(),
      user: SUPERUSER,
      database: DATABASE,
      // Said outright, so that PGSSLMODE and the like in the environment, meant for another server, do not count.
      ssl: false,
      client_encoding: 'UTF8',
    };
  }

  /**
   * Opens the cluster, after making it when there is none.
   *
   * @throws DataFolderInUseError, DataFolderNotWritableError, ClusterVersionError, ClusterOpenError
   */
  async start(): Promise<void> {
    if (this.#lock || this.#starting) throw new Error('the embedded database is already started');
    this.#stopping = false;
    this.#enter({ state: 'starting', since: this.#now() });
    this.#starting = this.#firstStart();
    try {
      await this.#starting;
    } catch (error) {
      this.#releaseLock();
      this.#enter({ state: 'failed', since: this.#now(), error: asError(error), restarts_at: null });
      throw error;
    } finally {
      this.#starting = null;
    }
  }

  /** Lets running work finish (bounded), closes the cluster and gives up its lock. Nothing committed is ever lost. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#restart_timer);
    await this.#starting?.catch(() => {}); // Told to whoever called start.
    await this.#thread?.stop(this.#stop_grace_ms, this.#stop_grace_ms + CLOSE_LIMIT_MS);
    this.#thread = null;
    this.#dropStreams(new EmbeddedPostgresUnavailableError('57P01', 'the embedded database was stopped'));
    this.#releaseLock();
    if (this.#state.state !== 'stopped') this.#enter({ state: 'stopped', since: this.#now() });
  }

  /** Writes all changes from the log into the tables' files. */
  async checkpoint(): Promise<void> {
    await this.#command({ command: 'checkpoint' });
  }

  /**
   * Copies the cluster's files, consistent and checkpointed, into a folder that does not exist yet: a cluster of its
   * own. The database waits meanwhile.
   *
   * @throws BackendStatementError, EmbeddedPostgresUnavailableError
   */
  async snapshot(folder: string): Promise<void> {
    await this.#command({ command: 'snapshot', folder });
  }

  stats(): EmbeddedPostgresStats {
    const count = (name: Parameters<PostgresThread['counters']['get']>[0]) => this.#thread?.counters.get(name) ?? 0;
    return {
      state: this.#state.state,
      restarts: this.#restarts,
      wal_bytes: this.#folder.walBytes(),
      wal_bytes_written: count('wal_bytes_written'),
      sessions: count('sessions'),
      sessions_waiting: count('sessions_waiting'),
      units: count('units_finished'),
      fsyncs: count('fsyncs'),
      checkpoints: count('checkpoints'),
      tables_vacuumed: count('tables_vacuumed'),
    };
  }

  async #firstStart(): Promise<void> {
    const { path } = this.#folder;
    ensureWritableFolder(dirname(path));
    this.#lock = DataFolderLock.acquire(`${path}.lock`);
    this.#folder.removeLeftovers();
    const is_new = !this.#folder.exists();
    if (is_new) await this.#create();
    this.#attempts = 0;
    await this.#open(is_new);
  }

  async #create(): Promise<void> {
    this.#logger.info({ cluster_dir: this.#folder.path }, 'making a new embedded database');
    await this.#folder.create(async (folder) => {
      ensureWritableFolder(folder);
      const end = await this.#newThread('create', folder, false).ended;
      if (end.kind === 'crashed') throw openFailure(this.#folder.path, end.error);
    });
  }

  /** `synced`: the cluster is known to be on the disk, every file of it. */
  async #open(synced: boolean): Promise<void> {
    ensureWritableFolder(this.#folder.path);
    const began = performance.now();
    const interrupted = this.#folder.wasInterrupted();
    if (interrupted) await this.#folder.sync();
    const thread = this.#newThread('serve', this.#folder.path, synced || interrupted);
    this.#thread = thread;
    try {
      const { server_version } = await thread.ready;
      const startup_ms = Math.round(performance.now() - began);
      this.#logger.info({ server_version, startup_ms }, 'embedded database is running');
      this.#enter({ state: 'running', since: this.#now(), server_version });
    } catch (error) {
      this.#thread = null;
      throw openFailure(this.#folder.path, asError(error));
    }
    const running_since = performance.now();
    void thread.ended.then((end) => this.#onEnd(end, performance.now() - running_since));
  }

  #newThread(task: WorkerInput['task'], cluster_dir: string, synced: boolean): PostgresThread {
    return new PostgresThread({
      task,
      synced,
      settings: { ...this.#settings, cluster_dir },
      stuck_after_ms: this.#stuck_after_ms,
      logger: this.#logger,
    });
  }

  #onEnd(end: ThreadEnd, ran_ms: number): void {
    if (this.#stopping) return;
    this.#thread = null;
    const cause = end.kind === 'crashed' ? end.error : new Error('the database worker ended by itself');
    const error = diskFailure(this.#folder.path, cause) ?? cause;
    this.#logger.error({ err: error }, 'embedded database crashed');
    if (ran_ms > STABLE_AFTER_MS) this.#attempts = 0;
    this.#dropStreams(
      new EmbeddedPostgresUnavailableError('57P02', 'the embedded database crashed; it starts again by itself', {
        cause: error,
      }),
    );
    this.#scheduleRestart(error);
  }

  #scheduleRestart(error: Error): void {
    const delay_ms = Math.min(FIRST_RESTART_MS * 2 ** this.#attempts, LAST_RESTART_MS);
    this.#attempts += 1;
    const now = this.#clock.now();
    this.#enter({ state: 'failed', since: isoTime(now), error, restarts_at: isoTime(now + delay_ms) });
    this.#restart_timer = setTimeout(() => {
      this.#starting = this.#restart();
    }, delay_ms);
  }

  async #restart(): Promise<void> {
    this.#restarts += 1;
    this.#enter({ state: 'starting', since: this.#now() });
    try {
      if (!this.#folder.exists()) throw openFailure(this.#folder.path, new Error('its folder is gone'));
      await this.#open(false);
    } catch (error) {
      this.#logger.error({ err: error }, 'embedded database did not start again');
      if (!this.#stopping) this.#scheduleRestart(asError(error));
    } finally {
      this.#starting = null;
    }
  }

  async #command(command: WorkerCommand): Promise<void> {
    if (this.#state.state !== 'running' || !this.#thread) throw this.#unavailable();
    await this.#thread.command(command);
  }

  #newStream(): PortStream {
    const stream = new PortStream(() => this.#openSession());
    this.#streams.add(stream);
    stream.once('close', () => this.#streams.delete(stream));
    return stream;
  }

  async #openSession(): Promise<MessagePort> {
    while (this.#state.state === 'starting') await this.#nextState();
    if (this.#state.state !== 'running' || !this.#thread || this.#stopping) throw this.#unavailable();
    return this.#thread.openSession();
  }

  #nextState(): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.onStateChange(() => {
        stop();
        resolve();
      });
    });
  }

  #unavailable(): EmbeddedPostgresUnavailableError {
    switch (this.#state.state) {
      case 'starting':
        return new EmbeddedPostgresUnavailableError('57P03', 'the embedded database is starting');
      case 'failed': {
        const { error, restarts_at } = this.#state;
        const next = restarts_at ? `it starts again at ${restarts_at}` : 'it has to be started again';
        return new EmbeddedPostgresUnavailableError(
          '57P02',
          `the embedded database failed (${error.message}); ${next}`,
        );
      }
      case 'running':
      case 'stopped':
        return new EmbeddedPostgresUnavailableError('57P01', 'the embedded database is stopped');
      default:
        return assertNever(this.#state);
    }
  }

  #releaseLock(): void {
    this.#lock?.release();
    this.#lock = null;
  }

  #dropStreams(error: Error): void {
    for (const stream of [...this.#streams]) stream.destroy(error);
  }

  #enter(state: EmbeddedPostgresState): void {
    this.#state = state;
    for (const listener of [...this.#listeners]) listener(state);
  }

  #now(): string {
    return isoTime(this.#clock.now());
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
