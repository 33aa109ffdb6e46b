/** An installation with its HTTP server, as `archon serve` puts them together, and a person who calls it. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { Logger } from 'pino';
import type { ArchonClient, ConnectionInput } from '../../../../src-contract/index.ts';
import { router } from '../../../../src-main/api/router.ts';
import { CLI_SCOPE } from '../../../../src-main/cli/connection.ts';
import { EngineHost, type EngineHostOptions } from '../../../../src-main/installation/engine-host.ts';
import { Logs } from '../../../../src-main/observability/logs/logs.ts';
import { HttpServer } from '../../../../src-main/server/http-server.ts';
import { type Config, defaultConfig } from '../../../../src-main/settings/config-schema.ts';

export interface Installed {
  host: EngineHost;
  server: HttpServer;
  url: string;
  /** The person at this computer. Asked anew at each call, as windows are. */
  person: ArchonClient;
  logs: Logs;
  stop(): Promise<void>;
}

export const newDataFolder = (): string => mkdtempSync(join(tmpdir(), 'archon-installed-'));
export const removeDataFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });

export async function startInstalled(
  data_dir: string,
  options: Partial<EngineHostOptions> = {},
  settings: Partial<Config> = {},
): Promise<Installed> {
  const logs = new Logs({ level: 'warn' });
  const { logger } = logs;
  const config = { ...defaultConfig(data_dir), 'server.port': 0, 'server.rate_limit_per_minute': 0, ...settings };
  const host = new EngineHost({ config, logger, logs, kind: 'server', env: {}, configured_by: null, ...options });
  await host.start();
  const around = { installation: host.installation, calls: host.calls };
  const server = new HttpServer({ engine: host, config, logger, around, ui_dir: join(data_dir, 'no-ui') });
  host.onSwitched(() => server.endStreams());
  const { url } = await server.start();
  return {
    host,
    server,
    url,
    logs,
    person: clientOf(host, logger),
    stop: async () => {
      await server.stop();
      await host.stop();
    },
  };
}

function clientOf(host: EngineHost, logger: Logger): ArchonClient {
  const api = () => ({ url: null, problem: null });
  return createRouterClient(router, {
    context: () => ({
      services: host.services,
      scope: CLI_SCOPE,
      logger,
      host: { kind: 'server', api, installation: host.installation, calls: host.calls },
      local: true,
      interactive: true,
    }),
  });
}

/** A connection without TLS, from the address of a test server. */
export function plain(url: string): ConnectionInput {
  const { hostname, port, username, pathname } = new URL(url);
  return {
    database: { host: hostname, port: Number(port), user: username, database: pathname.slice(1) },
  };
}

/** What an agent gets for a call with its token. */
export async function asAgent(url: string, token: string, path: string, body?: object) {
  const response = await fetch(url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}
