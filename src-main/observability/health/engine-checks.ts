/** What of an engine can be well or not, and what to do when it is not. */
import { access, constants, statfs } from 'node:fs/promises';
import { HEALTH_STATUSES, type WorkersHealth } from '../../../src-contract/index.ts';
import type { Clock } from '../../clock.ts';
import type { DeadLetters } from '../../events/delivery/dead-letters.ts';
import type { EventDelivery } from '../../events/delivery/event-delivery.ts';
import type { Scope } from '../../identity/scope.ts';
import type { Database } from '../../storage/database.ts';
import type { SessionOutbox } from '../../storage/sessions/session-outbox.ts';
import type { SessionStore } from '../../storage/sessions/session-store.ts';
import type { BreakerWatch } from '../breaker-watch.ts';
import { scopesOf } from '../observed-scopes.ts';
import type { Check, Finding } from './component-check.ts';

/** Below this much free space the data folder is in danger. */
const LOW_SPACE_BYTES = 500 * 1024 ** 2;
/** Milliseconds that an event may wait before something is wrong. */
const PATIENCE_MS = 60_000;
/** Milliseconds after the start in which nodes that run workers need not be there yet. */
const ARRIVAL_MS = 15_000;

export interface CheckSources {
  database: Pick<Database, 'ping'>;
  sessions: Pick<SessionStore, 'ping'>;
  outbox: Pick<SessionOutbox, 'waiting'>;
  eventLog: {
    /** Up to where the log is settled, asked now. */
    look(): Promise<unknown>;
    /** Whether other nodes are heard; undefined where there can be none. */
    readonly listening: boolean | undefined;
  };
  subscribers: Pick<EventDelivery, 'waiting'>;
  deadLetters: Pick<DeadLetters, 'open'>;
  /** Undefined where no workers are to run. */
  workers: { health(scope: Scope): Promise<WorkersHealth> } | undefined;
  breakers: BreakerWatch;
  data_dir: string;
  organisations(): Iterable<string>;
  clock: Clock;
}

export function engineChecks(sources: CheckSources): Check[] {
  const { database, sessions, data_dir, workers, breakers } = sources;
  return [
    {
      component: 'database',
      advice: 'Start the database or mend the way to it (database.url); what waits for it is kept.',
      ask: async () => {
        const { latency_ms, version } = await database.ping();
        return { status: 'healthy', latency_ms, detail: version };
      },
    },
    {
      component: 'sessions',
      advice: 'Start the session store or mend the way to it (redis.url); contexts go on without sessions meanwhile.',
      ask: async () => ({ status: 'healthy', ...(await sessions.ping()) }),
    },
    {
      component: 'data_folder',
      advice: 'Make the data folder writable for this user, and see that its disk is there.',
      ask: () => checkFolder(data_dir),
    },
    {
      component: 'event_log',
      advice: 'See the database: the event log is in it.',
      ask: () => checkEventLog(sources),
    },
    {
      component: 'delivery',
      advice: 'See the database: what waits for delivery is in it.',
      ask: () => checkDelivery(sources),
    },
    {
      component: 'session_outbox',
      advice: 'See the session store: the events of sessions wait in it.',
      ask: async () => {
        // It tells of a lost connection sooner than the outbox does, and all checks are told together.
        await sessions.ping();
        return await checkOutbox(sources);
      },
    },
    ...(workers ? [workersCheck({ ...sources, workers })] : []),
    breakersCheck(breakers),
  ];
}

async function checkFolder(folder: string): Promise<Finding> {
  await access(folder, constants.W_OK);
  const { bavail, bsize } = await statfs(folder);
  const free_bytes = bavail * bsize;
  const free = `${(free_bytes / 1024 ** 3).toFixed(1)} GiB free`;
  if (free_bytes >= LOW_SPACE_BYTES) return { status: 'healthy', detail: free };
  const advice = 'Make room before the disk is full.';
  return { status: 'degraded', detail: `only ${free}: make room before the disk is full`, advice };
}

async function checkEventLog({ eventLog }: CheckSources): Promise<Finding> {
  await eventLog.look();
  switch (eventLog.listening) {
    case undefined:
      return { status: 'healthy', detail: 'written and read by this process' };
    case true:
      return { status: 'healthy', detail: 'listens to the other nodes' };
    case false:
      return {
        status: 'degraded',
        detail: 'does not hear the other nodes: their events come some seconds late',
        advice: 'Nothing, if it lasts no longer than the database was away; else see the log for why LISTEN fails.',
      };
  }
}

async function checkDelivery(sources: CheckSources): Promise<Finding> {
  let dead = 0;
  let subscribers = 0;
  let oldest_ms = Number.POSITIVE_INFINITY;
  for (const scope of scopesOf(sources)) {
    const [queues, letters] = await Promise.all([sources.subscribers.waiting(scope), sources.deadLetters.open(scope)]);
    dead += letters.reduce((sum, letter) => sum + letter.dead, 0);
    subscribers += queues.subscribers;
    const { oldest_waiting_at } = queues;
    if (oldest_waiting_at !== null) oldest_ms = Math.min(oldest_ms, Date.parse(oldest_waiting_at));
  }
  const waited_ms = sources.clock.now() - oldest_ms;
  if (waited_ms > PATIENCE_MS) {
    return {
      status: 'degraded',
      detail: `an event waits for its subscriber since ${new Date(oldest_ms).toISOString()}`,
      advice: 'See which subscriber is behind (Events, Subscribers): it is slow, or switched off somewhere else.',
    };
  }
  if (dead > 0) {
    return {
      status: 'degraded',
      detail: `${dead} ${dead === 1 ? 'event' : 'events'} could not be delivered`,
      advice: 'Look at the dead letters: replay them once their subscriber is mended, or discard them.',
    };
  }
  return {
    status: 'healthy',
    detail: `${subscribers} ${subscribers === 1 ? 'subscriber' : 'subscribers'}, no dead letters`,
  };
}

async function checkOutbox({ outbox, clock }: CheckSources): Promise<Finding> {
  const { events, oldest_ms } = await outbox.waiting();
  const waiting = `${events} ${events === 1 ? 'event waits' : 'events wait'}`;
  if (oldest_ms === undefined || clock.now() - oldest_ms <= PATIENCE_MS) return { status: 'healthy', detail: waiting };
  return {
    status: 'degraded',
    detail: `${waiting} for the event log since ${new Date(oldest_ms).toISOString()}`,
    advice: 'See the database: they are recorded as soon as it takes them; none is lost.',
  };
}

function workersCheck(sources: CheckSources & { workers: NonNullable<CheckSources['workers']> }): Check {
  const began_ms = sources.clock.now();
  return {
    component: 'workers',
    advice: 'See the workers: one that failed too often is restarted there once its reason is mended.',
    ask: async () => {
      let worst: WorkersHealth | undefined;
      for (const scope of scopesOf(sources)) {
        const health = await sources.workers.health(scope);
        if (worst === undefined || levelOf(health) > levelOf(worst)) worst = health;
      }
      if (worst === undefined) return { status: 'healthy', detail: 'there is nobody to work for' };
      if (worst.nodes.live === 0 && Math.abs(sources.clock.now() - began_ms) < ARRIVAL_MS) {
        return { status: 'healthy', detail: 'they are about to begin' };
      }
      return { status: worst.status, detail: tellOfWorkers(worst) };
    },
  };
}

/** Whose runs failed and with which words is told to their organisation alone. */
function tellOfWorkers({ workers, nodes }: WorkersHealth): string {
  const unwell = workers.filter(({ status }) => status !== 'healthy').map(({ name }) => name);
  const running = `${nodes.live} ${nodes.live === 1 ? 'node' : 'nodes'} live, ${nodes.lost} lost`;
  return unwell.length === 0 ? running : `${unwell.join(', ')} (${running}): see /health/workers`;
}

function breakersCheck(breakers: BreakerWatch): Check {
  return {
    component: 'breakers',
    advice: 'See what the breaker stands before; it closes by itself once that answers again, or can be reset.',
    ask: () => {
      // A receiver that is away is the matter of its organisation: the engine is well without it.
      const all = breakers.list().filter(({ service }) => service !== 'webhook');
      const tripped = all.filter(({ state }) => state !== 'closed');
      if (tripped.length === 0) return { status: 'healthy', detail: `${all.length} closed` };
      const told = tripped.map(
        ({ name, state, reason }) => `${name} ${state.replace('_', ' ')}${reason ? ` (${reason})` : ''}`,
      );
      return { status: 'degraded', detail: told.join(', ') };
    },
  };
}

const levelOf = ({ status }: WorkersHealth): number => HEALTH_STATUSES.indexOf(status);
