import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createRouterClient } from '@orpc/server';
import { appVersion } from '../../app-files.ts';
import type { CreatedToken } from '../../identity/api-tokens.ts';
import { CODE_MINUTES } from '../../identity/login-codes.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import { configuredBy } from '../../installation/configured-by.ts';
import type { EngineHost } from '../../installation/engine-host.ts';
import { ProfileStartError } from '../../installation/open-failure.ts';
import { checkBind } from '../../server/bind-rules.ts';
import type { HttpServer } from '../../server/http-server.ts';
import { removeServerFile, writeServerFile } from '../../server/server-file.ts';
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
    const [{ EngineHost }, { HttpServer }] = await Promise.all([
      import('../../installation/engine-host.ts'),
      import('../../server/http-server.ts'),
    ]);
    const engine = new EngineHost({
      config,
      logger: context.logger,
      logs: context.logs,
      kind: 'server',
      env: context.host.env,
      configured_by: configuredBy(context.loaded),
      profile: context.profile,
    });
    if (!(await startUnlessStopped(context, engine))) return 'ok';
    const { installation, calls } = engine;
    const server = new HttpServer({ engine, config, logger: context.logger, around: { installation, calls } });
    engine.onSwitched(() => server.endStreams());
    try {
      await runServer(context, engine, server, options);
    } catch (error) {
      await stopAll(context, engine, server);
      throw error;
    }
    return await stopAll(context, engine, server);
  },
});

/** False when the process was told to stop before the engine was up: for a server that is an ordinary end. */
async function startUnlessStopped({ host, output }: CommandContext, engine: EngineHost): Promise<boolean> {
  const { signal } = host;
  try {
    await engine.start({ signal });
    return true;
  } catch (error) {
    if (error === signal.reason) return false;
    if (error instanceof ProfileStartError) {
      output.note('`archon serve --profile local` opens the database of this computer instead.');
    }
    throw error;
  }
}

/** Serves until the process is told to stop. */
async function runServer(
  context: CommandContext,
  engine: EngineHost,
  server: HttpServer,
  options: ServeOptions,
): Promise<void> {
  const { config } = context.loaded;
  const { signal } = context.host;
  const { url, local_url, port } = await server.start();
  const run = engine.tokens.createForThisRun(CLI_SCOPE);
  writeServerFile(config.data_dir, { url: local_url, port, pid: process.pid, token: run.token });
  // Only now: a token that nobody could use yet would have been shown for nothing.
  const first = engine.tokens.ensureFirst(LOCAL_ORG_ID);
  if (options.demo) await loadDemoInto(context, engine);
  const login_url = (await server.hasUi()) ? loginUrl(url, engine.loginCodes.create()) : null;
  await announce(context, engine, { url, login_url, first });
  if (options.open) await open(context, login_url);
  if (!signal.aborted) await once(signal, 'abort');
}

async function loadDemoInto(context: CommandContext, engine: EngineHost): Promise<void> {
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

async function announce(
  context: CommandContext,
  engine: EngineHost,
  { url, login_url, first }: Announced,
): Promise<void> {
  const { output } = context;
  const { data_dir } = context.loaded.config;
  const { components } = await engine.services.health.deep();
  const detail = (name: string) => components.find(({ component }) => component === name)?.detail ?? '–';
  const { config } = context.loaded;
  const kind = engine.services.app.profile()?.kind ?? (config['database.url'] === null ? 'local' : 'remote');
  const profile = engine.services.app.profile()?.name ?? null;
  const facts = {
    version: appVersion,
    data_dir,
    profile,
    database: `${kind === 'remote' ? 'remote' : 'embedded'}, ${detail('database')}`,
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
      ...(kind === 'local' || profile === null ? [] : ([['profile', profile]] as const)),
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
async function stopAll(context: CommandContext, engine: EngineHost, server: HttpServer): Promise<Ending> {
  removeServerFile(context.loaded.config.data_dir);
  const done = server.stop().then(async () => {
    await engine.stop();
    return 'ok' as const;
  });
  const ending = await Promise.race([done, wait(STOP_MS, 'failed' as const, { ref: false })]);
  if (ending === 'failed') context.logger.error(`not everything ended within ${STOP_MS} ms; leaving it`);
  return ending;
}
