import type { Command, Option } from 'commander';
import { EXIT_CODES } from '../../src-main/cli/exit-codes.ts';
import { buildProgram } from '../../src-main/cli/program.ts';
import { CONFIG_NAMES, flagName } from '../../src-main/settings/describe-key.ts';
import { code, GENERATED, page, table } from './markdown.ts';

const CONFIG_FLAGS = new Set(CONFIG_NAMES.map(flagName));

export function commandLinePage(): string {
  const program = buildProgram();
  return page(
    GENERATED,
    '# Command line',
    `${program.description()} In a checkout it is \`bin/archon.js\` after \`npm run build\`.`,
    'When a server runs on the data folder, the other commands talk to it (the server leaves its address and a token for this run in `server.json`, readable for you alone). When none runs, they open the data folder themselves.',
    'Answers go to stdout, everything else (progress, warnings, logs) to stderr. With `--json` stdout holds one JSON document, also when the command fails: `{"error": {"code", "message", "exit_code"}}`. `NO_COLOR` turns colour off.',
    '## Options of every command',
    optionTable(program.options.filter(({ hidden }) => !hidden)),
    'Every configuration key is a flag as well, see [configuration](configuration.md).',
    '## Commands',
    ...leaves(program).flatMap((command) => commandSection(command)),
    '## Exit codes',
    table(
      ['code', 'meaning'],
      Object.values(EXIT_CODES).map((ending) => [String(ending.code), ending.meaning]),
    ),
  );
}

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function commandSection(command: Command): string[] {
  const own = command.options.filter((option) => !CONFIG_FLAGS.has(option.long ?? ''));
  const isGrouped = command.parent?.parent !== null && command.parent?.parent !== undefined;
  const name = isGrouped ? `${command.parent?.name()} ${command.name()}` : command.name();
  const argumentsText = command.registeredArguments.map((argument) => ` <${argument.name()}>`).join('');
  return [
    `### ${code(`archon ${name}${argumentsText}`)}`,
    `${command.description()}.`,
    ...(own.length > 0 ? [optionTable(own)] : []),
  ];
}

function optionTable(options: readonly Option[]): string {
  return table(
    ['option', 'meaning'],
    options.map((option) => {
      const choices = option.argChoices ? ` One of ${option.argChoices.join(', ')}.` : '';
      const fallback = option.defaultValue === undefined ? '' : ` Default: ${option.defaultValue}.`;
      const needed = option.mandatory ? ' Needed.' : '';
      return [code(option.flags), `${option.description}.${choices}${fallback}${needed}`.replaceAll('..', '.')];
    }),
  );
}
