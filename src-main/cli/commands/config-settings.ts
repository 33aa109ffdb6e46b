/** `archon config get|set|…`: settings, through the server that holds the data folder or an engine of our own. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { JsonObject, Setting, SettingSource, SettingValue } from '../../../src-contract/index.ts';
import { isConfigName } from '../../settings/config-file.ts';
import { CONFIG_NAMES, isSetting, keyDefinition, shownValue } from '../../settings/describe-key.ts';
import { describeSource, suggestion } from '../../settings/load-config.ts';
import { settingsSchema } from '../../settings/settings-schema.ts';
import { type CommandContext, defineCommand, given, withConnection } from '../command.ts';
import type { Connection } from '../connection.ts';
import { CommandError } from '../exit-codes.ts';

interface OfUser {
  user?: string;
}

/** The `config` group: the command that shows the configuration. */
function configGroup(program: Command): Command {
  const group = program.commands.find((command) => command.name() === 'config');
  if (group === undefined) throw new Error('the command config is declared first');
  return group;
}

const USER = ['--user <id>', 'of this user, for settings that users have of their own'] as const;

export const configGetCommand = defineCommand<OfUser>({
  declare: (program) =>
    configGroup(program)
      .command('get <key>')
      .description('Print the value of a setting')
      .option(...USER),

  run: async (context, { user }, key = '') => {
    if (isConfigName(key) && !isSetting(key)) {
      const text = shownValue(key, context.loaded.config[key]);
      const value = keyDefinition(key).secret ? text : context.loaded.config[key];
      const source = describeSource(context.loaded.sources[key]);
      context.output.result({ key, value, source }, () => context.output.line(text));
      return 'ok';
    }
    return await withConnection(context, async (connection) => {
      const setting = await settingOf(connection, key, user);
      context.output.result(setting, () => context.output.line(shown(setting)));
      return 'ok';
    });
  },
});

export const configSetCommand = defineCommand<OfUser>({
  declare: (program) =>
    configGroup(program)
      .command('set <key> [value]')
      .description('Set a setting; lists are written with commas. A secret is asked for, or read from standard input')
      .option(...USER),

  run: async (context, { user }, key = '', value) => {
    const text = await valueFor(context, key, value);
    return await change(context, user, [{ key, value: text }]);
  },
});

export const configResetCommand = defineCommand<OfUser>({
  declare: (program) =>
    configGroup(program)
      .command('reset <keys...>')
      .description('Take what was set back: what holds otherwise holds again')
      .option(...USER),

  run: async (context, { user }, ...keys) => {
    const names = keys.flat().map((key) => nameOf(key));
    return await change(
      context,
      user,
      names.map((key) => ({ key, value: null })),
    );
  },
});

export const configListCommand = defineCommand<OfUser & { changed?: boolean }>({
  declare: (program) =>
    configGroup(program)
      .command('list')
      .description('Show the settings, what holds and where that comes from')
      .option('--changed', 'only those that are not as they are by default')
      .option(...USER),

  run: async (context, { user, changed }) =>
    await withConnection(context, async ({ client }) => {
      const { items, notices } = await client.settings.list(user === undefined ? {} : { user_id: user });
      for (const notice of notices) context.output.warning(notice);
      const wanted = items.filter(({ source, is_set }) => !changed || is_set || source.kind !== 'default');
      context.output.result({ items: wanted, notices }, () => table(context, wanted));
      return 'ok';
    }),
});

export const configExportCommand = defineCommand<{ force?: boolean }>({
  declare: (program) =>
    configGroup(program)
      .command('export [file]')
      .description('Write what was set as a document, without secrets and without what is of this computer only')
      .option('--force', 'replace the file when there is one'),

  run: async (context, { force }, name) =>
    await withConnection(context, async ({ client }) => {
      const document = await client.settings.export({});
      if (name === undefined) {
        context.output.result(document, () => context.output.line(JSON.stringify(document, null, 2)));
        return 'ok';
      }
      const file = resolve(context.host.working_dir, name);
      if (existsSync(file) && !force) {
        throw new CommandError('usage', `${file} is there already; --force replaces it.`);
      }
      writeFileSync(file, `${JSON.stringify(document, null, 2)}\n`);
      context.output.result({ file }, () => context.output.line(`Written to ${file}.`));
      return 'ok';
    }),
});

export const configImportCommand = defineCommand<{ dryRun?: boolean }>({
  declare: (program) =>
    configGroup(program)
      .command('import <file>')
      .description('Set what an exported document holds')
      .option('--dry-run', 'only say what would change'),

  run: async (context, { dryRun = false }, name = '') => {
    const document = readDocument(resolve(context.host.working_dir, name));
    return await withConnection(context, async ({ client }) => {
      const { changes, skipped } = await client.settings.import({ document, dry_run: dryRun });
      context.output.result({ changes, skipped, dry_run: dryRun }, () => {
        for (const { key, before, after } of changes) {
          context.output.line(`${key}: ${valueText(before)} → ${valueText(after)}`);
        }
        const what = changes.length === 1 ? '1 setting' : `${changes.length} settings`;
        context.output.line(dryRun ? `${what} would change.` : `${what} changed.`);
      });
      for (const { key, reason } of skipped) context.output.warning(`${key} is left out. ${reason}`);
      return 'ok';
    });
  },
});

export const configSchemaCommand = defineCommand({
  declare: (program) =>
    configGroup(program).command('schema').description('Print the JSON schema of the configuration file'),

  run: async ({ output }) => {
    const schema = settingsSchema();
    output.result(schema, () => output.line(JSON.stringify(schema, null, 2)));
    return 'ok';
  },
});

export const configHistoryCommand = defineCommand<{ computer?: boolean; key?: string }>({
  declare: (program) =>
    configGroup(program)
      .command('history')
      .description('Show who changed which settings of the organisation, newest first')
      .option('--computer', 'of this computer instead')
      .option('--key <key>', 'of this setting'),

  run: async (context, { computer, key }) =>
    await withConnection(context, async ({ client }) => {
      const { items } = await client.settings.history({ scope: computer ? 'device' : 'org', ...given({ key }) });
      context.output.result({ items }, () => {
        const lines = items.flatMap(({ at, by, user_id, changes }) =>
          changes.map((one) => ({ at, by, user_id, ...one })),
        );
        if (lines.length === 0) context.output.note('Nothing was changed yet.');
        else {
          context.output.table(lines, [
            { title: 'at', value: (line) => line.at },
            { title: 'by', value: (line) => line.by },
            { title: 'user', value: (line) => line.user_id ?? '–' },
            { title: 'key', value: (line) => line.key },
            { title: 'before', value: (line) => historyText(line.secret, line.before), flexible: true },
            { title: 'after', value: (line) => historyText(line.secret, line.after) },
          ]);
        }
      });
      return 'ok';
    }),
});

async function change(
  context: CommandContext,
  user: string | undefined,
  changes: { key: string; value: SettingValue }[],
) {
  return await withConnection(context, async ({ client }) => {
    const { items } = await client.settings.set({ changes, ...(user === undefined ? {} : { user_id: user }) });
    context.output.result({ items }, () => table(context, items));
    for (const { key, waits } of items) {
      if (waits) context.output.note(`${key} is in force after a restart.`);
    }
    return 'ok' as const;
  });
}

function nameOf(key: string) {
  if (!isConfigName(key))
    throw new CommandError('usage', `${key}: there is no such key.${suggestion(key, CONFIG_NAMES)}`);
  if (!isSetting(key)) {
    const { env } = keyDefinition(key);
    throw new CommandError('usage', `${key} is set before Archon starts: in a file of --config, or with ${env}.`);
  }
  return key;
}

/** What stands on a command line can be read by everybody on the computer. */
async function valueFor({ host }: CommandContext, key: string, value: string | undefined): Promise<string> {
  const name = nameOf(key);
  if (!keyDefinition(name).secret) {
    if (value === undefined) throw new CommandError('usage', `Say the value: archon config set ${name} <value>.`);
    return value;
  }
  if (value !== undefined) {
    throw new CommandError(
      'usage',
      `${name} is a secret, and a command line can be read by others: leave the value out, and give it when asked or on standard input.`,
    );
  }
  const secret = host.askSecret ? await host.askSecret(`${name}: `) : ((await host.readInput?.()) ?? '');
  const line = secret.replace(/\r?\n$/, '');
  if (line === '') throw new CommandError('usage', `${name} was not given: nothing was changed.`);
  return line;
}

async function settingOf({ client }: Connection, key: string, user: string | undefined): Promise<Setting> {
  const name = nameOf(key);
  const { items } = await client.settings.list(user === undefined ? {} : { user_id: user });
  const found = items.find((item) => item.key === name);
  if (!found) throw new CommandError('usage', `${name} is not a setting that users have of their own.`);
  return found;
}

function readDocument(file: string): JsonObject {
  if (!existsSync(file)) throw new CommandError('not_found', `There is no file ${file}.`);
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as JsonObject;
  } catch {
    throw new CommandError('usage', `${file} is not valid JSON.`);
  }
}

function table({ output }: CommandContext, items: readonly Setting[]): void {
  output.table(items, [
    { title: 'key', value: (item) => item.key },
    { title: 'value', value: shown, flexible: true },
    { title: 'from', value: (item) => sourceText(item.source) },
  ]);
}

const shown = ({ kind, is_set, source, value }: Setting): string =>
  kind.kind === 'secret' ? (is_set || source.kind !== 'default' ? '********' : '–') : valueText(value);

function valueText(value: SettingValue): string {
  if (value === null) return '–';
  return Array.isArray(value) ? value.join(',') : String(value);
}

const historyText = (secret: boolean, value: SettingValue): string =>
  secret ? (value === true ? '********' : '–') : valueText(value);

function sourceText(source: SettingSource): string {
  switch (source.kind) {
    case 'device':
      return 'this computer';
    case 'org':
      return 'the organisation';
    case 'user':
      return 'the user';
    default:
      return describeSource(source);
  }
}
