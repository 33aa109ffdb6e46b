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
import { CommandError } from './exit-codes.ts';

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
  { config, origin }: Pick<LoadedConfig, 'config' | 'origin'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    const server = readServerFile(config.data_dir);
    if (server && (await answers(server))) return serverConnection(server);
    try {
      return await engineConnection({ config, origin }, logger, signal);
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

async function engineConnection(
  { config, origin }: Pick<LoadedConfig, 'config' | 'origin'>,
  logger: Logger,
  signal: AbortSignal,
): Promise<Connection> {
  const [{ Engine }, { router }, { engineInstallation }] = await Promise.all([
    import('../engine.ts'),
    import('../api/router.ts'),
    import('../installation/engine-installation.ts'),
  ]);
  const engine = new Engine({ config, logger, origin });
  await engine.start({ signal });
  const installation = engineInstallation({ engine, config, logger });
  const context: ApiContext = commandLineContext(engine.services, logger, installation);
  const client: ArchonClient = createRouterClient(router, { context });
  return {
    client,
    server: undefined,
    download: async (job_id) => (await client.transfer.download({ job_id })).stream(),
    close: async () => {
      installation.secrets.stop();
      await engine.stop();
    },
  };
}
