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
import { LOCAL_ORG_ID, type Scope } from '../identity/scope.ts';
import { readServerFile, type ServerFile } from '../server/server-file.ts';
import type { Services } from '../services.ts';
import type { Config } from '../settings/config-schema.ts';
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
export function commandLineContext(services: Services, logger: Logger): ApiContext {
  const api = () => ({ url: null, problem: 'The server is not running: start it with `archon serve`.' });
  return { services, scope: CLI_SCOPE, logger, host: { kind: 'server', api }, local: true, interactive: true };
}

export interface Connection {
  client: ArchonClient;
  /** The server that answers, or undefined for an engine of our own: only that one may read files by path. */
  server: ServerFile | undefined;
  /** The archive of a finished export, piece by piece. */
  download(job_id: string): Promise<ReadableStream<Uint8Array>>;
  close(): Promise<void>;
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
  profile?: string,
): Promise<Connection> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const server = readServerFile(config.data_dir);
    if (server && (await answers(server)) && (await hasOpen(server, profile))) return serverConnection(server);
    try {
      return await engineConnection(profileToOpen(config, profile), logger, signal);
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
    download: async (job_id) => {
      const url = new URL(`/api/memory/exports/${encodeURIComponent(job_id)}/file`, server.url);
      const response = await fetch(url, { headers: authorization(server) });
      if (!response.ok || !response.body) {
        await response.body?.cancel();
        throw new CommandError('failed', `The server did not hand out the archive (status ${response.status}).`);
      }
      return response.body;
    },
    close: async () => {},
  };
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

async function engineConnection(
  { config, engine: told }: ProfileToOpen,
  logger: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  const [{ Engine }, { router }] = await Promise.all([import('../engine.ts'), import('../api/router.ts')]);
  const engine = new Engine({ ...told, config, logger });
  await engine.start({ signal });
  const context: ApiContext = commandLineContext(engine.services, logger);
  const client: ArchonClient = createRouterClient(router, { context });
  return {
    client,
    server: undefined,
    download: async (job_id) => (await client.transfer.download({ job_id })).stream(),
    close: () => engine.stop(),
  };
}
