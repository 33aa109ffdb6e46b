/** The profiles, reached from the command line: through the server that holds the data folder, else in this process. */
import type { z } from 'zod';
import { type ArchonClient, contract } from '../../src-contract/index.ts';
import type { EngineHost } from '../installation/engine-host.ts';
import { readServerFile } from '../server/server-file.ts';
import type { CommandContext } from './command.ts';
import { answers, CLI_SCOPE, serverClient } from './connection.ts';
import { CommandError, type Ending } from './exit-codes.ts';

type Routes = ArchonClient['profiles'];
export type ProfileClient = Pick<Routes, 'list' | 'create' | 'remove' | 'migrations' | 'test'> & {
  /** Opens a profile in the server at once; without a server the next start opens it. */
  use(profile_id: string, migrate_to: number | undefined): Promise<void>;
  /** A server has the data folder. */
  isServer: boolean;
};

export async function withProfiles(
  context: CommandContext,
  work: (client: ProfileClient) => Promise<Ending>,
): Promise<Ending> {
  const { loaded, host, logger, logs } = context;
  const server = readServerFile(loaded.config.data_dir);
  if (server && (await answers(server))) return await work(overServer(serverClient(server).profiles));
  const [{ EngineHost }, { configuredBy }] = await Promise.all([
    import('../installation/engine-host.ts'),
    import('../installation/configured-by.ts'),
  ]);
  const configured_by = configuredBy(loaded);
  const around = new EngineHost({ config: loaded.config, logger, logs, kind: 'server', env: host.env, configured_by });
  around.openFolder();
  try {
    return await work(here(around));
  } finally {
    await around.stop();
  }
}

function overServer(routes: Routes): ProfileClient {
  return {
    list: routes.list,
    create: routes.create,
    remove: routes.remove,
    migrations: routes.migrations,
    test: routes.test,
    isServer: true,
    use: async (profile_id, migrate_to) => {
      await routes.activate({ profile_id, ...(migrate_to === undefined ? {} : { migrate_to }) });
    },
  };
}

/** No engine is opened for it. */
function here(around: EngineHost): ProfileClient {
  const { routes } = around;
  const of = <K extends 'create' | 'remove' | 'migrations' | 'test'>(name: K, input: unknown) =>
    checked(contract.profiles[name]['~orpc'].inputSchema as z.ZodType<Parameters<(typeof routes)[K]>[1]>, input);
  return {
    list: () => routes.list(),
    create: async (input) => await routes.create(CLI_SCOPE, of('create', input)),
    remove: async (input) => await routes.remove(CLI_SCOPE, of('remove', input)),
    migrations: async (input) => await routes.migrations(CLI_SCOPE, of('migrations', input)),
    test: async (input, ...[options]) => routes.test(CLI_SCOPE, of('test', input), options?.signal) as never,
    isServer: false,
    use: (profile_id, migrate_to) => around.prepare(profile_id, migrate_to),
  };
}

function checked<T>(schema: z.ZodType<T>, input: unknown): T {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const issues = result.error.issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`);
  throw new CommandError('usage', issues.join('\n'));
}
