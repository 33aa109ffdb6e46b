/** How the stores are, asked now; no check waits for another or longer than its limit. */
import { access, constants, statfs } from 'node:fs/promises';
import type { ComponentHealth, DeepHealth } from '../../src-contract/index.ts';
import { type Clock, isoTime } from '../clock.ts';
import type { Database } from '../storage/database.ts';
import type { SessionStore } from '../storage/sessions/session-store.ts';

const CHECK_LIMIT_MS = 2000;
/** Below this much free space the data folder is in danger. */
const LOW_SPACE_BYTES = 500 * 1024 ** 2;

type Finding = Pick<ComponentHealth, 'status' | 'latency_ms' | 'detail'>;

export class HealthChecks {
  readonly #database: Database;
  readonly #sessions: SessionStore;
  readonly #clock: Clock;
  readonly #data_dir: string;
  readonly #version: string;
  readonly #started_at: string;

  constructor(deps: { database: Database; sessions: SessionStore; clock: Clock; data_dir: string; version: string }) {
    this.#database = deps.database;
    this.#sessions = deps.sessions;
    this.#clock = deps.clock;
    this.#data_dir = deps.data_dir;
    this.#version = deps.version;
    this.#started_at = isoTime(deps.clock.now());
  }

  live(): { status: 'ok'; version: string } {
    return { status: 'ok', version: this.#version };
  }

  async deep(): Promise<DeepHealth> {
    const components = await Promise.all([
      check('database', async () => {
        const { latency_ms, version } = await this.#database.ping();
        return { status: 'healthy', latency_ms, detail: version };
      }),
      check('sessions', async () => ({ status: 'healthy', ...(await this.#sessions.ping()) })),
      check('data_folder', () => checkFolder(this.#data_dir)),
    ]);
    return {
      status: worst(components),
      version: this.#version,
      started_at: this.#started_at,
      checked_at: isoTime(this.#clock.now()),
      components,
    };
  }
}

function worst(components: readonly ComponentHealth[]): DeepHealth['status'] {
  const has = (status: ComponentHealth['status']) => components.some((component) => component.status === status);
  if (components.some(({ component, status }) => component === 'database' && status === 'unhealthy'))
    return 'unhealthy';
  return has('unhealthy') || has('degraded') ? 'degraded' : 'healthy';
}

async function check(component: ComponentHealth['component'], ask: () => Promise<Finding>): Promise<ComponentHealth> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => {
    late.resolve({ status: 'unhealthy', latency_ms: null, detail: `no answer within ${CHECK_LIMIT_MS} ms` });
  }, CHECK_LIMIT_MS);
  try {
    return { component, ...(await Promise.race([ask(), late.promise])) };
  } catch (error) {
    return {
      component,
      status: 'unhealthy',
      latency_ms: null,
      detail: error instanceof Error ? error.message : String(error),
    };
  } finally {
    clearTimeout(timer);
  }
}

async function checkFolder(folder: string): Promise<Finding> {
  const began = performance.now();
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  const free_bytes = bavail * bsize;
  const free = `${(free_bytes / 1024 ** 3).toFixed(1)} GiB free`;
  const latency_ms = performance.now() - began;
  return free_bytes < LOW_SPACE_BYTES
    ? { status: 'degraded', latency_ms, detail: `only ${free}: make room before the disk is full` }
    : { status: 'healthy', latency_ms, detail: free };
}
