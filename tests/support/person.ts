/** What only a person may do, done before there is a page: on a data folder that nobody has open. */
import { createRouterClient } from '@orpc/server';
import type { ArchonClient } from '../../src-contract/index.ts';
import { router } from '../../src-main/api/router.ts';
import { CLI_SCOPE } from '../../src-main/cli/connection.ts';
import { Engine } from '../../src-main/engine.ts';
import { defaultConfig } from '../../src-main/settings/config-schema.ts';
import { silentLogger } from './test-databases.ts';

export async function asPerson<T>(data_dir: string, work: (client: ArchonClient) => Promise<T>): Promise<T> {
  const config = { ...defaultConfig(data_dir), 'events.webhooks_allow_private': true };
  const engine = new Engine({ config, logger: silentLogger });
  await engine.start();
  try {
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const context = {
      services: engine.services,
      scope: CLI_SCOPE,
      logger: silentLogger,
      host,
      local: true,
      interactive: true,
    };
    return await work(createRouterClient(router, { context }));
  } finally {
    await engine.stop();
  }
}
