import type { Command } from 'commander';
import type { SecretsStatus } from '../../../src-contract/index.ts';
import { defineCommand, withConnection } from '../command.ts';
import type { Output } from '../output.ts';

/** The `secrets` group; made by the first of its commands. */
function secretsGroup(program: Command): Command {
  const existing = program.commands.find((command) => command.name() === 'secrets');
  return existing ?? program.command('secrets').description('How secrets are protected, and a new master key for them');
}

export const secretsStatusCommand = defineCommand({
  declare: (program) =>
    secretsGroup(program).command('status').description('Say how secrets are protected and whether all can be read'),

  run: async (context) =>
    await withConnection(context, async ({ client }) => {
      const status = await client.secrets.status({});
      context.output.result(status, () => print(context.output, status));
      return status.problem === null ? 'ok' : 'failed';
    }),
});

export const secretsRotateCommand = defineCommand<{ keyFile?: boolean }>({
  declare: (program) =>
    secretsGroup(program)
      .command('rotate')
      .description(
        'Make a new master key and encrypt every secret with it; what is interrupted goes on at the next start',
      )
      .option('--key-file', 'keep it in a file that a server can read too, also where the desktop app has a keyring'),

  run: async (context, { keyFile = false }) =>
    await withConnection(context, async ({ client }) => {
      const status = await client.secrets.rotate({ key_file: keyFile });
      context.output.result(status, () => print(context.output, status));
      return status.kept.every(({ problem }) => problem === null) ? 'ok' : 'failed';
    }),
});

function print(output: Output, status: SecretsStatus): void {
  output.block([
    ['protection', status.protection.replace('_', ' ')],
    ['', status.detail],
    ...(status.key_made_at === null ? [] : ([['key made', status.key_made_at]] as const)),
    ...(status.older_keys === 0
      ? []
      : ([['older keys', `${status.older_keys}, kept until nothing is encrypted with them`]] as const)),
    ...status.kept.map(({ where, count, unreadable, problem }): [string, string] => [
      where,
      problem ?? (unreadable === 0 ? String(count) : `${count}, of which ${unreadable} cannot be read`),
    ]),
  ]);
}
