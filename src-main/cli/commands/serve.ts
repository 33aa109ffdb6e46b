import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createRouterClient } from '@orpc/server';
import { appVersion } from '../../app-files.ts';
import type { Engine } from '../../engine.ts';
import type { CreatedToken } from '../../identity/api-tokens.ts';
import { CODE_MINUTES } from '../../identity/login-codes.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { checkBind } from '../../server/bind-rules.ts';
import type { HttpServer } from '../../server/http-server.ts';
import type { ServerAddress } from '../../server/listening.ts';
import { removeServerFile, writeServerFile } from '../../server/server-file.ts';
import { LiveSettings } from '../../settings/live-settings.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { addConfigOptions } from '../config-options.ts';
import { CLI_SCOPE, commandLineContext } from '../connection.ts';
import type { Ending } from '../exit-codes.ts';
import { openBrowser } from '../open-browser.ts';
import { describeDemo, loadDemoData } from './demo.ts';
import { loginUrl } from './login.ts';

/** Milliseconds a stop may take; then the process ends anyway. Nothing acknowledged is lost by that. */
const STOP_MS = 10_000;

interface ServeOptions {
  demo?: boolean;
  open?: boolean;
}

export const serveCommand = defineCommand<ServeOptions>({
  talkative: true,
  log_file: 'archon',

  declare: (program) => {
    const command = program
      .command('serve')
      .description('Run the server: user interface for browsers, HTTP API, API reference, health')
      .option('--demo', 'load the demo data first')
      .option('--open', 'open the user interface in the browser');
    addConfigOptions(command, false);
    return command;
  },

  run: async (context, options) => {
    const { config } = context.loaded;
    checkBind(config);
    // Loaded only now, so that `--help` and the other commands need not wait for it.
    const [{ Engine }, { HttpServer }, { engineInstallation }] = await Promise.all([
      import('../../engine.ts'),
      import('../../server/http-server.ts'),
      import('../../installation/engine-installation.ts'),
    ]);
    const settings = new LiveSettings(config);
    const engine = new Engine({
      config,
      settings,
      logger: context.logger,
      logs: context.logs,
      kind: 'server',
      origin: context.loaded.origin,
    });
    if (!(await startUnlessStopped(engine, context.host.signal))) return 'ok';
    const installation = engineInstallation({ engine, config, logger: context.logger });
    const server = new HttpServer({ engine, config, settings, logger: context.logger, installation });
    try {
      installation.secrets.start();
      await runServer(context, engine, server, options);
    } catch (error) {
      installation.secrets.stop();
      await stopAll(context, engine, server);
      throw error;
    }
    installation.secrets.stop();
    return await stopAll(context, engine, server);
  },
});

/** False when the process was told to stop before the engine was up: for a server that is an ordinary end. */
async function startUnlessStopped(engine: Engine, signal: AbortSignal): Promise<boolean> {
  try {
    await engine.start({ signal });
    return true;
  } catch (error) {
    if (error === signal.reason) return false;
    throw error;
  }
}

/** Serves until the process is told to stop. */
async function runServer(
  context: CommandContext,
  engine: Engine,
  server: HttpServer,
  options: ServeOptions,
): Promise<void> {
  const { config } = context.loaded;
  const { signal } = context.host;
  const { url, local_url, port } = await server.start();
  const run = engine.tokens.createForThisRun(CLI_SCOPE);
  const tell = (at: Pick<ServerAddress, 'local_url' | 'port'>) =>
    writeServerFile(config.data_dir, { url: at.local_url, port: at.port, pid: process.pid, token: run.token });
  tell({ local_url, port });
  server.onMoved(tell);
  // Only now: a token that nobody could use yet would have been shown for nothing.
  const first = engine.tokens.ensureFirst(LOCAL_ORG_ID);
  if (options.demo) await loadDemoInto(context, engine);
  const login_url = (await server.hasUi()) ? loginUrl(url, engine.loginCodes.create()) : null;
  await announce(context, engine, { url, login_url, first });
  if (options.open) await open(context, login_url);
  if (!signal.aborted) await once(signal, 'abort');
}

async function loadDemoInto(context: CommandContext, engine: Engine): Promise<void> {
  const { router } = await import('../../api/router.ts');
  const apiContext = commandLineContext(engine.services, context.logger);
  context.output.note(describeDemo(await loadDemoData(createRouterClient(router, { context: apiContext }))));
}

async function open({ host, output }: CommandContext, login_url: string | null): Promise<void> {
  const { problem } =
    login_url === null ? { problem: 'there is no user interface' } : await openBrowser(login_url, host.env);
  if (problem !== undefined) output.warning(`The browser was not opened: ${problem}.`);
}

interface Announced {
  url: string;
  /** Lets a browser in once; null when there is no user interface. */
  login_url: string | null;
  first: CreatedToken | undefined;
}

async function announce(context: CommandContext, engine: Engine, { url, login_url, first }: Announced): Promise<void> {
  const { output } = context;
  const { data_dir } = context.loaded.config;
  const { components } = await engine.services.health.deep();
  const detail = (name: string) => components.find(({ component }) => component === name)?.detail ?? '–';
  const isRemote = context.loaded.config['database.url'] !== null;
  const facts = {
    version: appVersion,
    data_dir,
    database: `${isRemote ? 'remote' : 'embedded'}, ${detail('database')}`,
    sessions: detail('sessions'),
    url,
    docs_url: `${url}/api/docs`,
    ui_url: login_url === null ? null : url,
    login_url,
    pid: process.pid,
    ...(first === undefined ? {} : { token: first.token }),
  };
  output.result(facts, () => {
    output.line(output.style('bold', `Archon ${facts.version}`));
    output.block([
      ['data folder', facts.data_dir],
      ['database', facts.database],
      ['sessions', facts.sessions],
      ['listening on', facts.url],
      ['API reference', facts.docs_url],
    ]);
    output.line(`\n${uiHelp(context, login_url)}\n\n${tokenHelp(url, first)}\n\nCtrl-C stops the server.`);
  });
}

function uiHelp({ loaded }: CommandContext, login_url: string | null): string {
  if (login_url !== null) {
    return (
      `Open ${login_url}\nThis link lets a browser in once, within ${CODE_MINUTES} minutes; ` +
      '`archon login` prints another.'
    );
  }
  if (!loaded.config['server.ui']) return 'The user interface is switched off (server.ui).';
  return 'The user interface is not built: `npm run build`, then `archon login`.';
}

function tokenHelp(url: string, first: CreatedToken | undefined): string {
  if (first === undefined) return 'Callers need a token: `archon token create --name <what for>` makes one.';
  return (
    `Your token. It is shown this once; \`archon token create\` makes others.\n\n  ${first.token}\n\nTry it:\n\n` +
    `  curl -s ${url}/api/memory/search -H 'Authorization: Bearer ${first.token}' \\\n` +
    `    -H 'Content-Type: application/json' -d '{"user_id":"priya","query":"deploy window"}'`
  );
}

/** Ends what runs, in time. */
async function stopAll(context: CommandContext, engine: Engine, server: HttpServer): Promise<Ending> {
  removeServerFile(context.loaded.config.data_dir);
  const done = server.stop().then(async () => {
    await engine.stop();
    return 'ok' as const;
  });
  const ending = await Promise.race([done, wait(STOP_MS, 'failed' as const, { ref: false })]);
  if (ending === 'failed') context.logger.error(`not everything ended within ${STOP_MS} ms; leaving it`);
  return ending;
}
