/** What the app runs on and how it is, for its own user interface. */
import type { AppStatus as Status } from '../src-contract/index.ts';
import type { Scope } from './identity/scope.ts';
import type { HealthChecks } from './observability/health/health-checks.ts';
import type { QueuedWrites } from './resilience/journal/queued-writes.ts';
import type { SessionOutbox } from './storage/sessions/session-outbox.ts';
import { SessionStoreUnavailableError } from './storage/sessions/session-store.ts';
import type { TransferJobs } from './transfer/transfer-jobs.ts';

export type OpenProfile = NonNullable<Status['profile']>;
type Level = Status['status'];

/** Events of sessions on their way into the log. */
type Outbox = Pick<SessionOutbox, 'waiting'>;

/** From best to worst. */
const LEVELS: readonly Level[] = ['healthy', 'degraded', 'unhealthy'];

export class AppStatus {
  readonly #health: HealthChecks;
  readonly #transfer: Pick<TransferJobs, 'queueDepth'>;
  readonly #outbox: Outbox;
  readonly #writes: Pick<QueuedWrites, 'status'>;
  readonly #database: Status['database']['kind'];
  readonly #sessions: Status['sessions']['kind'];
  readonly data_dir: string;
  /** The connection profile that is open, as it is now; null when the configuration sets the connection. */
  readonly profile: () => OpenProfile | null;

  constructor(deps: {
    health: HealthChecks;
    transfer: Pick<TransferJobs, 'queueDepth'>;
    outbox: Outbox;
    writes: Pick<QueuedWrites, 'status'>;
    database: Status['database']['kind'];
    sessions: Status['sessions']['kind'];
    data_dir: string;
    profile: () => OpenProfile | null;
  }) {
    this.#health = deps.health;
    this.#transfer = deps.transfer;
    this.#outbox = deps.outbox;
    this.#writes = deps.writes;
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.data_dir = deps.data_dir;
    this.profile = deps.profile;
  }

  async of(scope: Scope): Promise<Omit<Status, 'host' | 'profile' | 'data_dir' | 'api'>> {
    const [{ version, started_at, checked_at, components }, events_waiting] = await Promise.all([
      this.#health.deep(),
      this.#eventsWaiting(),
    ]);
    const queued = this.#writes.status(scope);
    const store = (wanted: (typeof components)[number]['component']) => {
      const found = components.find(({ component }) => component === wanted);
      if (found === undefined) throw new Error(`no health check of ${wanted}`);
      const { status, latency_ms, detail } = found;
      return { status, latency_ms, detail };
    };
    const database = store('database');
    const sessions = store('sessions');
    return {
      version,
      started_at,
      checked_at,
      status: LEVELS[Math.max(LEVELS.indexOf(database.status), LEVELS.indexOf(sessions.status))] ?? 'unhealthy',
      database: { ...database, kind: this.#database },
      sessions: { ...sessions, kind: this.#sessions },
      queue_depth: this.#transfer.queueDepth(scope),
      events_waiting,
      writes_waiting: queued.database.waiting + queued.sessions.waiting,
      writes_refused: queued.refused,
    };
  }

  async #eventsWaiting(): Promise<number | null> {
    try {
      return (await this.#outbox.waiting()).events;
    } catch (error) {
      if (error instanceof SessionStoreUnavailableError) return null;
      throw error;
    }
  }
}
