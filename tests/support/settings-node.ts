/** An engine and a person who asks it: a node whose settings are changed. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import type { ArchonClient, Setting, SettingChange } from '../../src-contract/index.ts';
import { router } from '../../src-main/api/router.ts';
import { Engine } from '../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../src-main/identity/scope.ts';
import { Logs } from '../../src-main/observability/logs/logs.ts';
import { loadConfig } from '../../src-main/settings/load-config.ts';
import { silentLogger } from './test-databases.ts';

export interface SettingsNode {
  engine: Engine;
  client: ArchonClient;
  logs: Logs;
  data_dir: string;
  setting(key: string, user_id?: string): Promise<Setting>;
  set(...changes: SettingChange[]): Promise<Setting[]>;
  /** What an organisation is given now. */
  inForce(key: string): unknown;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface SettingsNodeOptions {
  name?: string;
  env?: Record<string, string>;
  database_url?: string;
}

export async function startSettingsNode({
  name = 'operator',
  env = {},
  database_url,
}: SettingsNodeOptions = {}): Promise<SettingsNode> {
  const data_dir = mkdtempSync(join(tmpdir(), 'archon-settings-'));
  const scope = { org_id: LOCAL_ORG_ID, actor: name };
  const open = async () => {
    const { config, origin } = loadConfig({
      env: { ...env, ...(database_url === undefined ? {} : { ARCHON_DATABASE_URL: database_url }) },
      flags: {},
      platformDefaults: { data_dir, working_dir: data_dir },
    });
    const logs = new Logs({ level: 'silent' });
    const engine = new Engine({ config, origin, logger: silentLogger, logs });
    await engine.start();
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const context = { services: engine.services, scope, logger: silentLogger, host, local: true, interactive: true };
    return { engine, logs, client: createRouterClient(router, { context }) as ArchonClient };
  };
  const node: SettingsNode = {
    ...(await open()),
    data_dir,
    setting: async (key, user_id) => {
      const { items } = await node.client.settings.list(user_id === undefined ? {} : { user_id });
      const found = items.find((item) => item.key === key);
      if (!found) throw new Error(`no setting ${key}`);
      return found;
    },
    set: async (...changes) => (await node.client.settings.set({ changes })).items,
    inForce: (key) => Object.entries(node.engine.settings.of(LOCAL_ORG_ID)).find(([name_]) => name_ === key)?.[1],
    restart: async () => {
      await node.engine.stop();
      Object.assign(node, await open());
    },
    stop: async () => {
      await node.engine.stop();
      rmSync(data_dir, { recursive: true, force: true });
    },
  };
  return node;
}
