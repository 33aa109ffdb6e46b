/** A server on a real engine with the embedded database, in a data folder of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Clock, systemClock } from '../../../../src-main/clock.ts';
import type { Engine } from '../../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../../src-main/identity/scope.ts';
import { EngineHost } from '../../../../src-main/installation/engine-host.ts';
import type { Installation } from '../../../../src-main/installation/installation.ts';
import type { Logs } from '../../../../src-main/observability/logs/logs.ts';
import { HttpServer } from '../../../../src-main/server/http-server.ts';
import { type Config, defaultConfig } from '../../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../../support/template-folder.ts';

export const OTHER_ORG_ID = '00000000-0000-7000-8000-0000000000b2';

export interface Answer {
  status: number;
  headers: Headers;
  /** Parsed when it is JSON, else the text. */
  // biome-ignore lint/suspicious/noExplicitAny: answers are looked into freely by assertions.
  body: any;
}

export interface TestServer {
  url: string;
  engine: Engine;
  installation: Installation;
  /** Token of the organisation under test, and one of another organisation. */
  token: string;
  other_token: string;
  /** Errors the server logged: a 5xx always leaves one. */
  logged: string[];
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** Rows of every table, sessions and jobs included: equal before and after means that nothing was written. */
  rowCounts(): Promise<Record<string, number>>;
  stop(): Promise<void>;
}

export interface CallOptions {
  token?: string | null;
  body?: string | FormData;
  headers?: Record<string, string>;
}

const TABLES = [
  'archon_orgs',
  'archon_working_memory',
  'archon_longterm_memory',
  'archon_memory_revisions',
  'archon_memory_links',
  'archon_events',
  'archon_idempotency_keys',
  'archon_settings',
  'archon_settings_history',
  'archon_event_subscribers',
  'archon_event_failures',
  'archon_event_replays',
  'archon_event_replay_runs',
  'archon_webhooks',
  'archon_workers',
  'archon_worker_runs',
];

export async function startTestServer(
  clock: Clock = systemClock,
  settings: Partial<Config> = {},
  kind?: 'server',
  logsOf?: (config: Config) => Logs,
): Promise<TestServer> {
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-server-'));
  copyTemplate(data_dir);
  const logged: string[] = [];
  const config = { ...defaultConfig(data_dir), 'server.port': 0, 'server.rate_limit_per_minute': 0, ...settings };
  const logs = logsOf?.(config);
  const logger = logs?.logger ?? pino({ level: 'warn' }, { write: (line: string) => void logged.push(line) });
  const host = new EngineHost({
    config,
    logger,
    clock,
    env: {},
    configured_by: config['database.url'] === null ? null : 'the test',
    ...(kind ? { kind } : {}),
    ...(logs ? { logs } : {}),
  });
  await host.start();
  // No other is opened in its place.
  const engine = host.engine as Engine;
  const { installation, calls } = host;
  const around = { installation, calls };
  const server = new HttpServer({ engine: host, config, logger, around, ui_dir: join(data_dir, 'no-ui') });
  const { url } = await server.start();
  const token = engine.tokens.create({ name: 'agent', org_id: LOCAL_ORG_ID }).token;
  const other_token = engine.tokens.create({ name: 'stranger', org_id: OTHER_ORG_ID }).token;
  const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };

  return {
    url,
    engine,
    installation,
    token,
    other_token,
    logged,
    call: async (method, path, options = {}) => {
      const bearer = options.token === undefined ? token : options.token;
      const response = await fetch(url + path, {
        method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(typeof options.body === 'string' ? { 'content-type': 'application/json' } : {}),
          ...options.headers,
        },
        ...(options.body === undefined ? {} : { body: options.body }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    rowCounts: async () => {
      const counts: Record<string, number> = {};
      await engine.flush();
      await engine.database.transaction(async (tx) => {
        for (const table of TABLES) {
          const [row] = await tx.sql<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
          counts[table] = row?.count ?? -1;
        }
      });
      const users = await engine.services.memories.users(scope, { limit: 500 });
      counts.sessions = users.items.reduce((sum, user) => sum + user.session_count, 0);
      for (const user of users.items) {
        const stats = await engine.services.stats.user(scope, { user_id: user.user_id, days: 1 });
        counts.session_tokens = (counts.session_tokens ?? 0) + stats.tokens.session;
      }
      counts.jobs = (await engine.services.transfer.list(scope)).length;
      return counts;
    },
    stop: async () => {
      await server.stop();
      await host.stop();
      rmSync(data_dir, { recursive: true, force: true });
    },
  };
}
