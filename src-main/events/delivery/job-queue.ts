/**
 * The queues between the event log and the handlers: pg-boss on our own database.
 *
 * All that is known of pg-boss is known here. Its tables lie in a schema of their own and belong to the login; the role
 * that the domain works under has no rights on them, for they hold events of every organisation.
 */
import { PgBoss } from 'pg-boss';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import type { DeliveryAttempt, EventEnvelope } from '../../../src-contract/index.ts';
import type { Database, Transaction } from '../../storage/database.ts';

export const QUEUE_SCHEMA = 'archon_pgboss';
const JOBS = `${QUEUE_SCHEMA}.job`;
/** pg-boss gives up jobs by these; nothing may be given up, so they are out of reach. */
const TEN_YEARS_SECONDS = 315_360_000;
const ENDLESS_RETRIES = 1_000_000;
/** The longest pg-boss takes. What ends a claim is the silence of its node, and a handler has a limit of its own. */
const ONE_DAY_SECONDS = 86_400;

/** What waits in a queue: an event, or the replay of a dead letter, which is read when it is due. */
export type JobData =
  | { kind: 'event'; event: EventEnvelope; attempts: DeliveryAttempt[] }
  | { kind: 'replay'; dead_letter_id: string };

/** A job that this node has claimed. `retryCount` tells this claim from a later one. */
export interface ClaimedJob {
  id: string;
  retryCount: number;
  data: JobData;
}

/** A claimed job that replays a dead letter; its id is that of the replay. */
export type ReplayJob = ClaimedJob & { data: Extract<JobData, { kind: 'replay' }> };

export interface NewJob {
  id?: string;
  /** Jobs are claimed by it, the lowest first: the id of the event, or for a replay of the last one that came before. */
  place: number;
  data: JobData;
  /** Milliseconds from now before which it is not claimed. */
  delay_ms?: number;
}

export interface QueueCounts {
  waiting: number;
  delayed: number;
  running: number;
  /** Since when the job that waits longest can be claimed: a replay is not old for having been put off. */
  oldest_waiting_at: string | null;
}

/** Seconds. */
export interface QueueTuning {
  /** A node that is silent for this long is dead, and what it had claimed is claimed again. At least 10. */
  heartbeat: number;
  /** Between looks for dead nodes and for what can be cleaned up. */
  supervise: number;
}

/** Other nodes are watched closely. Alone there is nobody to watch, and what a crash left is taken back at the start. */
const TUNING: Record<'shared' | 'alone', QueueTuning> = {
  shared: { heartbeat: 20, supervise: 10 },
  alone: { heartbeat: 300, supervise: 300 },
};

export class JobQueue {
  readonly #database: Database;
  readonly #boss: PgBoss;
  readonly #tuning: QueueTuning;
  readonly #shared: boolean;
  /**
   * For what may be undone by a crash of the server: a claim, or the end of a job, that did not happen means that an event
   * comes again, which it may.
   */
  readonly #relaxed: { executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }> };
  #starting: Promise<void> | undefined;
  /** The tables, this process's or another's; they do not go again. */
  #are_there = false;
  readonly #queues = new Set<string>();

  constructor(deps: {
    database: Database;
    logger: Logger;
    shared: boolean;
    tuning?: Partial<QueueTuning> | undefined;
  }) {
    this.#database = deps.database;
    this.#shared = deps.shared;
    this.#relaxed = {
      executeSql: async (text, values) => ({ rows: await deps.database.relaxedStatement(text, values) }),
    };
    this.#tuning = { ...TUNING[deps.shared ? 'shared' : 'alone'], ...deps.tuning };
    this.#boss = new PgBoss({
      db: { executeSql: async (text, values) => ({ rows: await deps.database.statement(text, values ?? []) }) },
      schema: QUEUE_SCHEMA,
      // The migration makes it, so that a login without the right is told before anything else happens.
      createSchema: false,
      schedule: false,
      registerInstance: false,
      reindex: deps.shared,
      monitorVacuum: false,
      openTelemetry: { enabled: false },
      superviseIntervalSeconds: this.#tuning.supervise,
      monitorIntervalSeconds: this.#tuning.supervise,
      warningQueueSize: ENDLESS_RETRIES,
    });
    this.#boss.on('error', (error) => deps.logger.warn({ err: error }, 'upkeep of the event queues failed'));
    this.#boss.on('warning', ({ message, data }) => deps.logger.warn({ data }, message));
  }

  /** Milliseconds between signs of life of a claim. */
  get heartbeat_ms(): number {
    return (this.#tuning.heartbeat * 1000) / 4;
  }

  /** Makes or updates the tables of pg-boss; asked for again, it is the same start, and after a failure another one. */
  async start(): Promise<void> {
    this.#starting ??= this.#start().catch((error: unknown) => {
      this.#starting = undefined;
      throw error;
    });
    await this.#starting;
  }

  /** Whether it was started. Waits for a start under way: until then there are no tables to ask. */
  async isStarted(): Promise<boolean> {
    await this.#starting?.catch(() => {});
    return this.#starting !== undefined;
  }

  async #start(): Promise<void> {
    await this.#boss.start();
    // Nobody else works on this database: what is claimed was claimed by a process that is no more.
    if (!this.#shared) {
      await this.#database.statement(`UPDATE ${JOBS} SET state = 'retry', heartbeat_on = NULL WHERE state = 'active'`);
    }
  }

  async stop(): Promise<void> {
    if (this.#starting === undefined) return;
    await this.#starting.catch(() => {});
    // Our workers have ended before: there is nothing to wait for.
    await this.#boss.stop({ graceful: false });
  }

  async ensure(queue: string): Promise<void> {
    if (this.#queues.has(queue)) return;
    const options = { heartbeatSeconds: this.#tuning.heartbeat };
    await this.#boss.createQueue(queue, {
      ...options,
      retryLimit: ENDLESS_RETRIES,
      retryDelay: 0,
      expireInSeconds: ONE_DAY_SECONDS,
      retentionSeconds: TEN_YEARS_SECONDS,
    });
    await this.#boss.updateQueue(queue, options);
    this.#queues.add(queue);
  }

  /** Removes a queue with all that waits in it. */
  async remove(queue: string): Promise<void> {
    this.#queues.delete(queue);
    await this.#boss.deleteQueue(queue);
  }

  /** Puts jobs into a queue in a transaction of the domain. */
  async put(tx: Transaction, queue: string, jobs: readonly NewJob[]): Promise<void> {
    await this.#boss.insert(
      queue,
      jobs.map(({ id = uuidv7(), place, data, delay_ms = 0 }) => ({
        id,
        priority: priorityOf(place),
        data,
        startAfter: interval(delay_ms),
      })),
      { db: asLogin(tx) },
    );
  }

  async claim(queue: string, limit: number): Promise<ClaimedJob[]> {
    const jobs = await this.#boss.fetch<JobData>(queue, { batchSize: limit, includeMetadata: true, db: this.#relaxed });
    // Which are claimed is in order, what the claim answers is not.
    const inOrder = jobs.sort((a, b) => b.priority - a.priority || (a.id < b.id ? -1 : 1));
    return inOrder.map(({ id, retryCount, data }) => ({ id, retryCount, data }));
  }

  /** Says that claims are being worked on. */
  async touch(queue: string, jobs: readonly ClaimedJob[]): Promise<void> {
    if (jobs.length > 0) await this.#boss.touch(queue, attemptsOf(jobs));
  }

  /** Ends jobs that are done. */
  async finish(queue: string, jobs: readonly ClaimedJob[]): Promise<void> {
    await this.#boss.deleteJob(queue, attemptsOf(jobs), { db: this.#relaxed });
  }

  /** Ends a job in a transaction of the domain. @returns false when the claim was lost, and somebody else has it */
  async finishIn(tx: Transaction, queue: string, job: ClaimedJob): Promise<boolean> {
    return affected(await this.#boss.deleteJob(queue, attemptsOf([job]), { db: asLogin(tx) })) > 0;
  }

  /** Lets a job wait for its next attempt, in one transaction. */
  async postpone(queue: string, job: ClaimedJob, data: JobData, delay_ms: number): Promise<void> {
    await this.#database.transaction(async (tx) => {
      const db = { executeSql: async (text: string, values?: unknown[]) => ({ rows: await tx.sql(text, values) }) };
      const failed = await this.#boss.fail(queue, attemptsOf([job]), null, { db });
      if (affected(failed) === 0) return;
      await this.#boss.update(queue, data, { id: job.id, startAfter: interval(delay_ms), db });
    });
  }

  /** Gives claims back that nobody has begun with. */
  async release(queue: string, jobs: readonly ClaimedJob[]): Promise<void> {
    if (jobs.length === 0) return;
    // One that was taken from us meanwhile is at work on another node.
    await this.#database.statement(
      `UPDATE ${JOBS} AS job
       SET state = CASE WHEN job.retry_count > 0 THEN 'retry' ELSE 'created' END::${QUEUE_SCHEMA}.job_state,
         started_on = NULL, heartbeat_on = NULL
       FROM unnest($2::uuid[], $3::int[]) AS claim (id, retry_count)
       WHERE job.name = $1 AND job.id = claim.id AND job.retry_count = claim.retry_count AND job.state = 'active'`,
      [queue, jobs.map(({ id }) => id), jobs.map(({ retryCount }) => retryCount)],
    );
  }

  /** Takes jobs out that nobody has claimed, in a transaction of the domain. @returns the ids of those */
  async withdraw(tx: Transaction, queues: readonly string[], ids: readonly string[]): Promise<string[]> {
    const rows = await asLogin(tx).executeSql(
      `DELETE FROM ${JOBS} WHERE name = ANY ($1) AND id = ANY ($2::uuid[]) AND state < 'active' RETURNING id`,
      [queues, ids],
    );
    return rows.rows.map(({ id }) => id as string);
  }

  /** Milliseconds until the next job can be claimed; undefined when none waits. */
  async nextDue_ms(queue: string): Promise<number | undefined> {
    const [row] = await this.#database.statement<{ ms: number | null }>(
      `SELECT greatest(0, extract(epoch FROM min(start_after) - clock_timestamp()) * 1000)::float8 AS ms
       FROM ${JOBS} WHERE name = $1 AND state < 'active'`,
      [queue],
    );
    return row?.ms ?? undefined;
  }

  /** Whether so many events or more wait. Replays are left out: many at a slow rate wait for days. */
  async holdsEvents(queue: string, count: number): Promise<boolean> {
    const [row] = await this.#database.statement<{ waiting: number }>(
      `SELECT count(*) AS waiting FROM (
         SELECT FROM ${JOBS} WHERE name = $1 AND state < 'active' AND data->>'kind' = 'event' LIMIT $2) AS counted`,
      [queue, count],
    );
    return (row?.waiting ?? 0) >= count;
  }

  async counts(queues: readonly string[]): Promise<Map<string, QueueCounts>> {
    const rows = await this.#database.statement<QueueCounts & { name: string }>(
      `SELECT name, count(*) FILTER (WHERE state < 'active' AND start_after <= now()) AS waiting,
         count(*) FILTER (WHERE state < 'active' AND start_after > now()) AS delayed,
         count(*) FILTER (WHERE state = 'active') AS running,
         min(start_after) FILTER (WHERE state < 'active' AND start_after <= now()) AS oldest_waiting_at
       FROM ${JOBS} WHERE name = ANY ($1) GROUP BY name`,
      [queues],
    );
    return new Map(rows.map(({ name, ...counts }) => [name, counts]));
  }

  /** Since when a job of these queues could be handled; null when none can, or no process has made queues yet. */
  async oldestReady(queues: readonly string[]): Promise<string | null> {
    if (queues.length === 0 || !(await this.#areThere())) return null;
    const [row] = await this.#database.statement<{ at: string | null }>(
      `SELECT min(start_after) AS at FROM ${JOBS} WHERE name = ANY ($1) AND state < 'active' AND start_after <= now()`,
      [queues],
    );
    return row?.at ?? null;
  }

  /** A process that delivers nothing has made no tables, and may find those of others. */
  async #areThere(): Promise<boolean> {
    if (!this.#are_there) {
      const sql = `SELECT to_regclass('${JOBS}') IS NOT NULL AS found`;
      const [row] = await this.#database.statement<{ found: boolean }>(sql);
      this.#are_there = row?.found ?? false;
    }
    return this.#are_there;
  }

  /** When the oldest job of a queue was made; undefined when it is empty. */
  async oldest(queue: string): Promise<string | undefined> {
    const [row] = await this.#database.statement<{ at: string | null }>(
      `SELECT min(created_on) AS at FROM ${JOBS} WHERE name = $1`,
      [queue],
    );
    return row?.at ?? undefined;
  }
}

/** Of one subscriber in one organisation: a node works for the organisations it has tokens for, and no other. */
export const queueOf = (org_id: string, subscriber: string): string => `${subscriber}/${org_id}`;

/** By the clock of the database. */
const interval = (ms: number): string => `${Math.round(ms)} milliseconds`;

/**
 * By priority pg-boss claims before all else; jobs of one transaction have the same time, and ties fall to where the rows
 * lie. It takes 31 bits: after two thousand million events those that still wait are overtaken, once.
 */
const priorityOf = (place: number): number => -(place % 2 ** 31);

const attemptsOf = (jobs: readonly ClaimedJob[]) => jobs.map(({ id, retryCount }) => ({ id, retryCount }));

/** How many jobs a command of pg-boss changed; its types do not tell of it. */
function affected(response: unknown): number {
  return (response as { affected: number }).affected;
}

/**
 * A transaction of a scope, for statements of pg-boss: they run as the login, and what follows as before. Sent together,
 * so it costs no flight of its own.
 */
function asLogin(tx: Transaction) {
  return {
    // biome-ignore lint/suspicious/noExplicitAny: pg-boss asks for rows of any shape.
    executeSql: async (text: string, values?: unknown[]): Promise<{ rows: any[] }> => {
      const [, rows] = await Promise.all([
        tx.sql(`SELECT set_config('role', 'none', true)`),
        tx.sql<Record<string, unknown>>(text, values),
        tx.sql(`SELECT set_config('role', 'archon_app', true)`),
      ]);
      return { rows };
    },
  };
}
