import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  type ConnectionInput,
  type ConnectionStep,
  PROFILE_COLORS,
  type Profile,
  type ProfileColor,
} from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { CommandError, type Ending } from '../exit-codes.ts';
import { type Output, safeText } from '../output.ts';
import { type ProfileClient, withProfiles } from '../profiles-connection.ts';

function group(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'profiles');
  return existing ?? program.command('profiles').description('Connections to databases, and which one is open');
}

/** By name or id. */
async function find(client: ProfileClient, text: string): Promise<Profile> {
  const { items } = await client.list({});
  const name = text.trim().toLowerCase();
  const found =
    items.find(({ profile_id }) => profile_id === name) ?? items.find((one) => one.name.toLowerCase() === name);
  if (found) return found;
  throw new CommandError(
    'not_found',
    `There is no connection profile ${text}; \`archon profiles list\` shows those there are.`,
  );
}

export const profilesListCommand = defineCommand({
  declare: (program) => group(program).command('list').description('List the connections, and which one is open'),

  run: (context) =>
    withProfiles(context, async (client) => {
      const { output } = context;
      const { items, state } = await client.list({});
      output.result({ items, state }, () => {
        output.table(items, [
          { title: '', value: ({ profile_id }) => (profile_id === state.active ? '*' : '') },
          { title: 'name', value: ({ name }) => name },
          { title: 'to', value: whereOf, flexible: true },
          { title: 'mode', value: ({ read_only }) => (read_only ? 'read-only' : '') },
          { title: 'last used', value: ({ last_used_at }) => last_used_at ?? '–' },
          { title: 'problem', value: ({ last_problem }) => last_problem?.message ?? '', flexible: true },
        ]);
        if (state.configured_by !== null) {
          output.note(`The connection is set by ${state.configured_by}; profiles count when that is unset.`);
        }
      });
      return 'ok';
    }),
});

function whereOf(profile: Profile): string {
  if (profile.kind === 'local') return 'the database of this computer';
  if (profile.kind === 'copy') return `a copy of ${profile.source}`;
  const { database, redis } = profile.connection;
  const cache = redis === null ? '' : ` and Redis at ${redis.host}:${redis.port}`;
  return `${database.database} at ${database.host}:${database.port}${cache}`;
}

export const profilesShowCommand = defineCommand({
  declare: (program) => group(program).command('show <name>').description('Show a connection without its secrets'),

  run: (context, _options, name = '') =>
    withProfiles(context, async (client) => {
      const { output } = context;
      const profile = await find(client, name);
      output.result(profile, () => {
        output.block([
          ['name', safeText(profile.name)],
          ['id', profile.profile_id],
          ['to', safeText(whereOf(profile))],
          ['read-only', profile.read_only ? 'yes' : 'no'],
          ['agents', profile.agents ? 'served' : 'not served'],
          ...(profile.kind === 'remote' ? connectionFacts(profile) : []),
          ['last used', profile.last_used_at ?? '–'],
          ['problem', safeText(profile.last_problem?.message ?? '–')],
        ]);
      });
      return 'ok';
    }),
});

function connectionFacts({
  connection: { database, redis },
}: Extract<Profile, { kind: 'remote' }>): [string, string][] {
  return [
    ['user', safeText(database.user)],
    ['password', database.has_password ? 'kept' : 'none'],
    ['TLS', database.tls.mode],
    ['pool', `${database.pool_size} connections`],
    ...(redis === null ? [] : ([['TLS of Redis', redis.tls.mode]] satisfies [string, string][])),
  ];
}

interface AddOptions {
  url?: string;
  redisServer?: string;
  fromEnvironment?: string;
  color: ProfileColor;
  readOnly?: boolean;
  agents: boolean;
  passwordStdin?: boolean;
}

function withoutPassword(value: string): string {
  // Whoever lists the processes of this computer would read it, and so would the history of the shell.
  if (/^[a-z]+:\/\/[^/?#@]*:[^/?#@]+@/i.test(value)) {
    throw new InvalidArgumentError('Leave the password out: it is asked for, or read with --password-stdin.');
  }
  return value;
}

export const profilesAddCommand = defineCommand<AddOptions>({
  declare: (program) =>
    group(program)
      .command('add <name>')
      .description('Keep a connection; its password is asked for, never an argument')
      .option('--url <url>', 'postgres://user@host:port/database?sslmode=…, without the password', withoutPassword)
      .option(
        '--redis-server <url>',
        'redis:// or rediss://, without the password; sessions are kept there',
        withoutPassword,
      )
      .option('--from-environment <variable>', 'take it from DATABASE_URL, POSTGRES_URL or PGHOST of the environment')
      .addOption(new Option('--color <color>', 'tells environments apart').choices(PROFILE_COLORS).default('blue'))
      .option('--read-only', 'change nothing in it')
      .option('--no-agents', 'serve no agents while it is open')
      .option('--password-stdin', 'read the password of the database from standard input'),

  run: (context, options, name = '') =>
    withProfiles(context, async (client) => {
      const profile = await client.create({
        name,
        color: options.color,
        read_only: options.readOnly ?? false,
        agents: options.agents,
        connection: await connectionFrom(context, options),
      });
      context.output.result(profile, () => {
        context.output.line(`"${safeText(profile.name)}" is kept: ${safeText(whereOf(profile))}.`);
        context.output.note('`archon profiles test` looks at the way there, `archon profiles use` opens it.');
      });
      return 'ok';
    }),
});

async function connectionFrom(
  context: CommandContext,
  { url, redisServer, fromEnvironment, passwordStdin }: AddOptions,
): Promise<ConnectionInput | { from_environment: string }> {
  if ((url === undefined) === (fromEnvironment === undefined)) {
    throw new CommandError('usage', 'Say either --url or --from-environment.');
  }
  if (fromEnvironment !== undefined) return { from_environment: fromEnvironment };
  const password = await readPassword(context, passwordStdin ?? false);
  const redisPassword = redisServer === undefined || passwordStdin ? '' : await ask(context, 'Password of Redis');
  return {
    database: { url: withLogin(url ?? '', password) },
    redis: redisServer === undefined ? null : { url: withLogin(redisServer, redisPassword) },
  };
}

/** The address with the password in it: it goes to the server of this computer, not to a list of processes. */
function withLogin(url: string, password: string): string {
  if (password === '') return url;
  const match = /^([a-z]+:\/\/)(?:([^/?#@:]*):?@)?(.*)$/is.exec(url);
  return match ? `${match[1]}${match[2] ?? ''}:${encodeURIComponent(password)}@${match[3]}` : url;
}

async function readPassword(context: CommandContext, fromStdin: boolean): Promise<string> {
  if (!fromStdin) return await ask(context, 'Password of the database');
  const text = await context.host.readStdin?.();
  if (text === undefined) throw new CommandError('usage', 'There is no standard input to read the password from.');
  return text.replace(/\r?\n$/, '');
}

/** Empty when there is nobody to ask: servers may let somebody in without. */
async function ask({ host }: CommandContext, what: string): Promise<string> {
  return (await host.askSecret?.(`${what} (empty for none): `)) ?? '';
}

export const profilesTestCommand = defineCommand({
  declare: (program) =>
    group(program).command('test <name>').description('Look at a connection step by step; nothing is changed'),

  run: (context, _options, name = '') =>
    withProfiles(context, async (client) => {
      const { output, host } = context;
      const { profile_id } = await find(client, name);
      const steps: ConnectionStep[] = [];
      for await (const step of await client.test({ profile_id }, { signal: host.signal })) {
        if (step.state === 'running') continue;
        steps.push(step);
        if (!output.json) print(output, step);
      }
      output.result({ steps }, () => {});
      return steps.some(({ state }) => state === 'failed') ? 'failed' : 'ok';
    }),
});

const COLOURS = { ok: 'green', warning: 'yellow', failed: 'red', skipped: 'dim' } as const;

function print(output: Output, { step, state, detail, advice }: ConnectionStep): void {
  if (state === 'running') return;
  output.line(`${output.style(COLOURS[state], state.padEnd(8))} ${step.padEnd(14)} ${safeText(detail ?? '')}`);
  if (advice !== null) output.line(`${' '.repeat(24)}→ ${safeText(advice)}`);
}

export const profilesUseCommand = defineCommand<{ migrate?: boolean }>({
  declare: (program) =>
    group(program)
      .command('use <name>')
      .description('Open a connection: in the running server at once, else at the next start')
      .option('--migrate', 'bring its database up to date first, without asking'),

  run: (context, options, name = '') =>
    withProfiles(context, async (client) => {
      const profile = await find(client, name);
      const migrate_to = await confirmed(context, client, profile, options.migrate ?? false);
      await client.use(profile.profile_id, migrate_to);
      context.output.result({ profile_id: profile.profile_id, name: profile.name, open: client.isServer }, () =>
        context.output.line(`"${safeText(profile.name)}" ${client.isServer ? 'is open' : 'opens at the next start'}.`),
      );
      return 'ok';
    }),
});

/** The version that a person wants the database to be brought to; undefined when it is up to date. */
async function confirmed(
  { host, output }: CommandContext,
  client: ProfileClient,
  profile: Profile,
  isWanted: boolean,
): Promise<number | undefined> {
  if (profile.kind !== 'remote') return undefined;
  const { current, target, pending } = await client.migrations({ profile_id: profile.profile_id });
  if (pending.length === 0) return undefined;
  if (isWanted) return target;
  for (const { version, name } of pending) output.note(`pending  ${version} ${name}`);
  const answer = await host.ask?.(`Bring the database from version ${current} to ${target}? [y/N] `);
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return target;
  throw new CommandError(
    'interrupted',
    'Nothing was changed; --migrate brings the database up to date without asking.',
  );
}

export const profilesRemoveCommand = defineCommand<{ yes?: boolean }>({
  declare: (program) =>
    group(program)
      .command('remove <name>')
      .description('Forget a connection that is not open; what is in a remote database stays, a copy is deleted')
      .option('--yes', 'do not ask; needed to delete a copy where nobody can be asked'),

  run: (context, options, name = '') =>
    withProfiles(context, async (client): Promise<Ending> => {
      const profile = await find(client, name);
      if (profile.kind === 'copy' && !options.yes) {
        const answer = await context.host.ask?.(`Delete the copy "${safeText(profile.name)}"? [y/N] `);
        if (!/^y(es)?$/i.test(answer?.trim() ?? '')) throw new CommandError('interrupted', 'Nothing was deleted.');
      }
      await client.remove({ profile_id: profile.profile_id });
      context.output.result({ profile_id: profile.profile_id, removed: true }, () =>
        context.output.line(`"${safeText(profile.name)}" is removed.`),
      );
      return 'ok';
    }),
});
