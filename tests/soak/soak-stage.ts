/** A serving process whose stores are real and lie behind a network that fails when told to. */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { DataFolder } from '../support/cli-process.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { startRedis } from '../support/redis-server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import type { SoakDoor } from './soak-client.ts';
import type { Service, SoakFault, SoakFaultKind } from './soak-plan.ts';

export const SOAK_STORES = ['postgres', 'embedded'] as const;
export type SoakStore = (typeof SOAK_STORES)[number];

/** Between coming and going. */
const FLAP_MS = 2000;
const MOST_DELAY_MS = 800;
const LEAST_BYTES_PER_SECOND = 4_000;
const BYTES_PER_SECOND_BEYOND = 60_000;
const END_TOLD_CHARACTERS = 2000;

interface Struck {
  proxy: TcpProxy;
  stop(strength: number): Promise<void>;
  restart(): Promise<void>;
  remove(): Promise<void>;
}

export interface SoakStage {
  /** What can be struck. */
  readonly services: readonly Service[];
  readonly door: SoakDoor;
  /** Strikes, waits, and ends the fault. @returns when it ended; throws nothing of what it did */
  strike(fault: SoakFault, onBegun: () => void): Promise<void>;
  /** Resident memory of the serving process in megabytes; undefined where the system does not tell. */
  residentMegabytes(): number | undefined;
  /** Ends the server in order. @returns what went wrong with it, in words */
  stop(): Promise<string[]>;
  remove(): Promise<void>;
}

export async function openSoakStage(store: SoakStore, deadline_seconds: number): Promise<SoakStage> {
  const struck = new Map<Service, Struck>();
  const data = new DataFolder();
  const remove = async () => {
    await data.remove();
    for (const { proxy, remove: removeServer } of struck.values()) {
      await proxy.close();
      await removeServer();
    }
  };
  try {
    const env = {
      ARCHON_LOG_LEVEL: 'error',
      ARCHON_SERVER_UI: 'false',
      ARCHON_RATE_LIMIT_PER_MINUTE: '0',
      ARCHON_BACKUP_INTERVAL_HOURS: '0',
      ARCHON_RESILIENCE_DEADLINE_SECONDS: String(deadline_seconds),
      ...(store === 'postgres' ? await openPostgres(struck) : {}),
      ...(await openRedis(struck)),
    };
    const server = await data.serve([], env);
    const { url, token, pid } = data.serverFile();
    let isWanted = true;
    const troubles: string[] = [];
    void server.exited.then((code) => {
      if (isWanted) troubles.push(`the server ended with ${code}: ${server.stderr().slice(-END_TOLD_CHARACTERS)}`);
    });
    return {
      services: [...struck.keys()],
      door: { url, token },
      strike: async (fault, onBegun) => {
        await Promise.all(fault.services.map((service) => strike(struck.get(service), fault, onBegun)));
      },
      residentMegabytes: () => residentMegabytes(pid),
      stop: async () => {
        isWanted = false;
        const code = await server.stop();
        if (code !== 0 && troubles.length === 0) troubles.push(`the server ended with ${code} when it was stopped`);
        // Nobody handles a rejection but Node itself, which ends the process with these words.
        if (server.stderr().includes('unexpected error')) troubles.push(server.stderr().slice(-END_TOLD_CHARACTERS));
        return troubles;
      },
      remove,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function openPostgres(struck: Map<Service, Struck>): Promise<Record<string, string>> {
  const server = await startPostgres();
  const proxy = await TcpProxy.to(server.port);
  struck.set('postgres', {
    proxy,
    stop: (strength) => server.stop(strength < 0.5 ? 'SIGQUIT' : 'SIGINT'),
    restart: server.restart,
    remove: server.remove,
  });
  const url = new URL(await server.createDatabase('soak'));
  url.port = String(proxy.port);
  return { ARCHON_DATABASE_URL: url.href };
}

async function openRedis(struck: Map<Service, Struck>): Promise<Record<string, string>> {
  // One that forgets at its end what it had taken would lose acknowledged messages by itself.
  const server = await startRedis({ appendonly: 'yes', appendfsync: 'always' });
  const proxy = await TcpProxy.to(server.port);
  struck.set('redis', {
    proxy,
    stop: (strength) => server.stop(strength < 0.5 ? 'SIGKILL' : 'SIGTERM'),
    restart: server.restart,
    remove: server.remove,
  });
  return { ARCHON_REDIS_URL: `redis://127.0.0.1:${proxy.port}` };
}

async function strike(struck: Struck | undefined, fault: SoakFault, onBegun: () => void): Promise<void> {
  if (struck === undefined) throw new Error(`there is no ${fault.services.join(', ')} here`);
  const { proxy } = struck;
  await BEGIN[fault.kind](struck, fault);
  onBegun();
  const until_ms = performance.now() + fault.lasts_ms;
  if (fault.kind === 'flap') await flap(proxy, until_ms);
  else await wait(fault.lasts_ms);
  if (fault.kind === 'restart') await struck.restart();
  await proxy.heal();
}

const BEGIN: Readonly<Record<SoakFaultKind, (struck: Struck, fault: SoakFault) => Promise<void> | void>> = {
  refuse: ({ proxy }) => proxy.refuse(),
  hang_up: ({ proxy }) => {
    proxy.mode = 'hang_up';
    proxy.hangUp();
  },
  black_hole: ({ proxy }) => {
    proxy.mode = 'silent';
  },
  reset: ({ proxy }) => {
    proxy.mode = 'reset_answers';
  },
  delay: ({ proxy }, { strength }) => {
    proxy.delay_ms = Math.round(MOST_DELAY_MS * strength);
  },
  throttle: ({ proxy }, { strength }) => {
    proxy.bytes_per_second = LEAST_BYTES_PER_SECOND + Math.round(BYTES_PER_SECOND_BEYOND * strength);
  },
  flap: ({ proxy }) => proxy.refuse(),
  restart: ({ stop }, { strength }) => stop(strength),
};

/** Away and there again in turns, away first. */
async function flap(proxy: TcpProxy, until_ms: number): Promise<void> {
  for (let isAway = true; ; isAway = !isAway) {
    if (!isAway) await proxy.heal();
    else await proxy.refuse();
    const left_ms = until_ms - performance.now();
    if (left_ms <= 0) return;
    await wait(Math.min(FLAP_MS, left_ms));
  }
}

function residentMegabytes(pid: number): number | undefined {
  try {
    const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
  } catch {
    return undefined;
  }
}
