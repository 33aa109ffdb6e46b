/**
 * The memory, reached from the command line through one typed client: the server that holds the data folder when there
 * is one, else an engine of our own in this process.
 */
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { createRouterClient } from '@orpc/server';
import type { Logger } from 'pino';
import { type ArchonClient, contract, LOCAL_PROFILE_ID } from '../../src-contract/index.ts';
import type { ApiContext } from '../api/router.ts';
import { systemClock } from '../clock.ts';
import type { Engine } from '../engine.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import type { Installation } from '../installation/installation.ts';
import { readServerFile, type ServerFile } from '../server/server-file.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
import { holdDataFolder } from '../storage/hold-data-folder.ts';
import { CommandError } from './exit-codes.ts';
import { type ProfileToOpen, profileToOpen } from './profile-to-open.ts';

/** Who acts when a command changes something. */
export const CLI_SCOPE: Scope = { org_id: LOCAL_ORG_ID, actor: 'cli' };

/** Milliseconds to wait for a server that is just starting, or for another command to finish. */
const WAIT_MS = 10_000;
const RETRY_MS = 200;
/** Milliseconds a running server has to answer. */
const PROBE_TIMEOUT_MS = 3000;

/** Calls of the command line on an engine of this process: no HTTP API stands beside it. */
export function commandLineContext(services: Services, logger: Logger, installation?: Installation): ApiContext {
  const api = () => ({ url: null, problem: 'The server is not running: start it with `archon serve`.' });
  const host = { kind: 'server', api, ...(installation ? { installation } : {}) } as const;
  return { services, scope: CLI_SCOPE, logger, host, local: true, interactive: true };
}

export interface Connection {
  client: ArchonClient;
  /** The server that answers, or undefined for an engine of our own: only that one may read files by path. */
  server: ServerFile | undefined;
  /** The archive of a finished export, piece by piece. */
  download(job_id: string): Promise<ReadableStream<Uint8Array>>;
  /** The archive of a finished snapshot, likewise. */
  downloadSnapshot(snapshot_id: string): Promise<ReadableStream<Uint8Array>>;
  close(): Promise<void>;
}

/** What a command needs besides the memory itself. */
interface Needs {
  /** The connection profile, by name or id; without it the one that was open last. */
  profile?: string | undefined;
  /** Snapshots, and archives opened or compared. */
  offline?: boolean;
}

/**
 * The signal ends the start of an engine of our own.
 *
 * @throws DataFolderInUseError when another process holds the data folder and does not answer
 */
export async function connect(
  config: Config,
  logger: Logger,
  signal: AbortSignal,
  needs: Needs = {},
): Promise<Connection> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const server = readServerFile(config.data_dir);
    if (server && (await answers(server)) && (await hasOpen(server, needs.profile))) return serverConnection(server);
    try {
      return await engineConnection(
        profileToOpen(config, needs.profile),
        logger,
        signal,
        needs.offline ? config : undefined,
      );
    } catch (error) {
      // A server that is starting holds the folder before it has written how to reach it.
      if (!isInUse(error) || Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

export function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'DATA_FOLDER_IN_USE';
}

/** True when the server of the file is still there and knows our token; the file of a killed one stays behind. */
export async function answers(server: ServerFile): Promise<boolean> {
  try {
    const response = await fetch(new URL('/api/memory/jobs', server.url), {
      headers: authorization(server),
      signal: AbortSignal.timeout(PROBE_TIMEOUT_MS),
    });
    await response.body?.cancel();
    // Only a token it knows can call too often.
    return response.status === 200 || response.status === 429;
  } catch {
    return false;
  }
}

const authorization = (server: ServerFile) => ({ authorization: `Bearer ${server.token}` });

/** Calls of a server that runs, over HTTP. */
export function serverClient(server: ServerFile): ArchonClient {
  return createORPCClient<ArchonClient>(new OpenAPILink(contract, { url: server.url, headers: authorization(server) }));
}

function serverConnection(server: ServerFile): Connection {
  return {
    client: serverClient(server),
    server,
    download: (job_id) => downloaded(server, `/api/memory/exports/${encodeURIComponent(job_id)}/file`),
    downloadSnapshot: (snapshot_id) =>
      downloaded(server, `/api/offline/snapshots/${encodeURIComponent(snapshot_id)}/file`),
    close: async () => {},
  };
}

async function downloaded(server: ServerFile, path: string): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(new URL(path, server.url), { headers: authorization(server) });
  if (!response.ok || !response.body) {
    await response.body?.cancel();
    throw new CommandError('failed', `The server did not hand out the archive (status ${response.status}).`);
  }
  return response.body;
}

/** Whether the profile that is wanted is the one that the server has open; any is, when none is named. */
async function hasOpen(server: ServerFile, wanted: string | undefined): Promise<boolean> {
  if (wanted === undefined) return true;
  const { profile } = await serverClient(server).app.status({});
  const name = wanted.trim().toLowerCase();
  if (profile?.profile_id === name || profile?.name.toLowerCase() === name) return true;
  if (profile?.kind === 'local' || name !== LOCAL_PROFILE_ID) return false;
  throw new CommandError(
    'in_use',
    `A server runs on this data folder with ${profile === null ? 'the configured connection' : `"${profile.name}"`} open, and only it can open the database of this computer: \`archon profiles use local\` switches it.`,
  );
}

/** @param installed the configuration of the data folder, for what is of the installation */
async function engineConnection(
  { config, engine: told }: ProfileToOpen,
  logger: Logger,
  signal: AbortSignal,
  installed: Config | undefined,
): Promise<Connection> {
  const [{ Engine }, { router }] = await Promise.all([import('../engine.ts'), import('../api/router.ts')]);
  const engine = new Engine({ ...told, config, logger });
  await engine.start({ signal });
  const around = installed && (await offlineAround(engine, installed, config, logger));
  const context: ApiContext = commandLineContext(engine.services, logger, around?.installation);
  const client: ArchonClient = createRouterClient(router, { context });
  return {
    client,
    server: undefined,
    download: async (job_id) => (await client.transfer.download({ job_id })).stream(),
    downloadSnapshot: async (snapshot_id) => (await client.offline.download({ snapshot_id })).stream(),
    close: async () => {
      await around?.stop();
      await engine.stop();
      around?.release();
    },
  };
}

/** What snapshots need around an engine of our own: the profiles of the data folder, which copies become. */
async function offlineAround(
  engine: Engine,
  installed: Config,
  { data_dir }: Config,
  logger: Logger,
): Promise<{ installation: Installation; stop(): Promise<void>; release(): void }> {
  const [{ createOffline }, { openProfiles }] = await Promise.all([
    import('../installation/offline-part.ts'),
    import('../installation/installation-folder.ts'),
  ]);
  try {
    // The engine holds its own folder, which is this one only for the database of this computer.
    const release = data_dir === installed.data_dir ? () => undefined : holdDataFolder(installed.data_dir);
    const profiles = openProfiles(installed, systemClock);
    const host = { config: installed, profiles, services: engine.services };
    const offline = createOffline(host, systemClock, logger);
    await offline.start();
    return { installation: { offline }, stop: () => offline.stop(), release };
  } catch (error) {
    await engine.stop();
    throw error;
  }
}
