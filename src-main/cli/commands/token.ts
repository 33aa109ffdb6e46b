import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { z } from 'zod';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { systemClock } from '../../clock.ts';
import { ApiTokens } from '../../identity/api-tokens.ts';
import { LOCAL_ORG_ID } from '../../identity/scope.ts';
import type { Config } from '../../settings/config-schema.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../exit-codes.ts';

/** The `token` group; made by the first of its commands. */
function tokenGroup(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'token');
  return existing ?? program.command('token').description('Tokens for callers of the HTTP API');
}

/** Tokens lie in `history.db`, which a running server shares: what changes here counts there at once. */
function withTokens<T>(config: Config, work: (tokens: ApiTokens) => T): T {
  mkdirSync(config.data_dir, { recursive: true, mode: 0o700 });
  const history = new HistoryStore(join(config.data_dir, 'history.db'), sqliteMigrationsFolder);
  try {
    return work(new ApiTokens(history.db, systemClock));
  } finally {
    history.close();
  }
}

function organisationId(value: string): string {
  const checked = z.uuid().safeParse(value);
  if (!checked.success) throw new InvalidArgumentError('It must be a UUID.');
  return checked.data.toLowerCase();
}

function tokenName(value: string): string {
  const name = value.trim();
  if (name === '' || name.length > 100) throw new InvalidArgumentError('It must have 1 to 100 characters.');
  return name;
}

export const tokenCreateCommand = defineCommand<{ name: string; org: string }>({
  declare: (program) =>
    tokenGroup(program)
      .command('create')
      .description('Create a token and show it, this once')
      .requiredOption('--name <name>', 'what it is for; changes made with it carry this name', tokenName)
      .option('--org <uuid>', 'organisation it gives access to', organisationId, LOCAL_ORG_ID),

  run: async ({ loaded, output }, options) => {
    const created = withTokens(loaded.config, (tokens) => tokens.create({ name: options.name, org_id: options.org }));
    output.result(created, () => {
      output.line(created.token);
      output.note(`Token ${created.token_id} for ${options.name}. It cannot be shown again.`);
    });
    return 'ok';
  },
});

export const tokenListCommand = defineCommand({
  declare: (program) => tokenGroup(program).command('list').description('List the tokens (not the secrets)'),

  run: async ({ loaded, output }) => {
    const list = withTokens(loaded.config, (tokens) => tokens.list());
    output.result({ tokens: list }, () => {
      if (list.length === 0) output.note('There is no token yet; `archon serve` makes the first.');
      else {
        output.table(list, [
          { title: 'id', value: (token) => token.token_id },
          { title: 'name', value: (token) => token.name },
          { title: 'organisation', value: (token) => token.org_id },
          { title: 'created', value: (token) => token.created_at },
          { title: 'revoked', value: (token) => token.revoked_at ?? '–' },
        ]);
      }
    });
    return 'ok';
  },
});

export const tokenRevokeCommand = defineCommand({
  declare: (program) => tokenGroup(program).command('revoke <id>').description('Close a token for good, at once'),

  run: async ({ loaded, output }, _options, id = '') => {
    const revoked = withTokens(loaded.config, (tokens) => tokens.revoke(id));
    if (!revoked)
      throw new CommandError('not_found', `There is no open token ${id}; \`archon token list\` shows them.`);
    output.result({ token_id: id, revoked }, () => output.line(`Token ${id} is revoked.`));
    return 'ok';
  },
});
