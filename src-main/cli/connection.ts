/**
 * The memory, reached from the command line through one typed client: the server that holds the data folder when there
 * is one, else an engine of our own in this process.
 */
import { createORPCClient } from '@orpc/client';
import { OpenAPILink } from '@orpc/openapi-client/fetch';
import { createRouterClient } from '@orpc/server';
import type { Logger } from 'pino';
import { type ArchonClient, contract } from '../../src-contract/index.ts';
import type { ApiContext } from '../api/router.ts';
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import type { Installation } from '../installation/installation.ts';
import { answers, authorization, readServerFile, type ServerFile } from '../server/server-file.ts';
import type { Services } from '../services.ts';
import type { LoadedConfig } from '../settings/load-config.ts';
import { refuseBesideConfigured } from './beside-configured.ts';
import { CommandError } from './exit-codes.ts';
import { safeText } from './output.ts';

/** Who acts when a command changes something. */
export const CLI_SCOPE: Scope = { org_id: LOCAL_ORG_ID, actor: 'cli' };

/** Milliseconds to wait for a server that is just starting, or for another command to finish. */
const WAIT_MS = 10_000;
const RETRY_MS = 200;

/** Calls of the command line on an engine of this process: no HTTP API stands beside it. */
export function commandLineContext(services: Services, logger: Logger, installation?: Installation): ApiContext {
  const api = () => ({ url: null, problem: 'The server is not running: start it with `archon serve`.' });
  const host = { kind: 'server' as const, api, ...(installation === undefined ? {} : { installation }) };
  return { services, scope: CLI_SCOPE, logger, host, local: true, interactive: true };
}

type Loaded = Pick<LoadedConfig, 'config' | 'origin' | 'sources'>;

export interface Connection {
  client: ArchonClient;
  /** The server that answers, or undefined for an engine of our own: only that one may read files by path. */
  server: ServerFile | undefined;
  /** The archive of a finished export, piece by piece. */
  download(job_id: string): Promise<ReadableStream<Uint8Array>>;
  /** The archive of a finished snapshot, likewise. */
  downloadSnapshot(snapshot_id: string): Promise<ReadableStream<Uint8Array>>;
  /**
   * Where a command is alone on the data folder, no agent shares its notes with other nodes: this does.
   *
   * @returns how many nobody else has yet
   */
  shareOpsNotes(): Promise<number>;
  close(): Promise<void>;
}

/**
 * The signal ends the start of an engine of our own.
 *
 * @throws DataFolderInUseError when another process holds the data folder and does not answer
 */
export async function connect(
  loaded: Loaded,
  logger: Logger,
  signal: AbortSignal,
  profile?: string,
): Promise<Connection> {
  const { config } = loaded;
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const server = readServerFile(config.data_dir);
    if (server && (await answers(server))) {
      await requireOpen(server, profile);
      return serverConnection(server);
    }
    try {
      return await engineConnection(loaded, logger, signal, profile);
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
    shareOpsNotes: async () => 0,
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

/** The data folder belongs to the server: what it has not open, nobody can open beside it. @throws CommandError */
async function requireOpen(server: ServerFile, wanted: string | undefined): Promise<void> {
  if (wanted === undefined) return;
  const { profile } = await serverClient(server).app.status({});
  const name = wanted.trim().toLowerCase();
  if (profile?.profile_id === name || profile?.name.toLowerCase() === name) return;
  const help =
    profile === null
      ? 'remove what sets it and start it again to use connection profiles'
      : `\`archon profiles use\` opens another in it, and leaving --profile out works on what is open`;
  throw new CommandError(
    'in_use',
    `A server runs on this data folder with ${profile === null ? 'the configured connection' : `"${safeText(profile.name)}"`} open: ${help}.`,
  );
}

async function engineConnection(
  loaded: Loaded,
  logger: Logger,
  signal: AbortSignal,
  profile: string | undefined,
): Promise<Connection> {
  const [{ EngineHost }, { router }, { configuredBy }] = await Promise.all([
    import('../installation/engine-host.ts'),
    import('../api/router.ts'),
    import('../installation/configured-by.ts'),
  ]);
  const { config, origin } = loaded;
  refuseBesideConfigured(config, profile);
  const host = new EngineHost({ config, origin, logger, env: {}, configured_by: configuredBy(loaded), profile });
  await host.start({ signal });
  const context: ApiContext = commandLineContext(host.services, logger, host.installation);
  const client: ArchonClient = createRouterClient(router, { context });
  return {
    client,
    server: undefined,
    download: async (job_id) => (await client.transfer.download({ job_id })).stream(),
    downloadSnapshot: async (snapshot_id) => (await client.offline.download({ snapshot_id })).stream(),
    shareOpsNotes: () => host.services.ops.share(),
    close: () => host.stop(),
  };
}
