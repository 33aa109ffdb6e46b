import {
  allowedValues,
  CONFIG_NAMES,
  flagName,
  keyDefinition,
  shownValue,
} from '../../src-main/settings/describe-key.ts';
import { CONFIG_FILE_NAME, CONFIG_FILE_VARIABLE } from '../../src-main/settings/load-config.ts';
import { code, GENERATED, page, table } from './markdown.ts';

const EXAMPLE = `{
  "server": { "port": 9000 },
  "database.url": "postgres://archon@db.example/archon"
}`;

export function configurationPage(): string {
  const groups = Map.groupBy(CONFIG_NAMES, (name) => (name.includes('.') ? (name.split('.')[0] ?? '') : 'general'));
  return page(
    GENERATED,
    '# Configuration',
    'Values come from three places; a later one wins:',
    [
      `1. a JSON file: ${code(CONFIG_FILE_NAME)} in the data folder, or the one that ${code('--config')} or ${code(CONFIG_FILE_VARIABLE)} names,`,
      '2. environment variables (an empty one counts as not set),',
      '3. flags of the command line.',
    ].join('\n'),
    'Keys of the file are written with dots or nested:',
    `\`\`\`json\n${EXAMPLE}\n\`\`\``,
    `Relative paths in the file are resolved against its folder, others against the working folder. ${code('archon config')} shows the values in force and where each comes from; secrets are masked. A value that is not allowed, or a key of the file that does not exist, ends the start with a message that names it.`,
    ...[...groups].flatMap(([group, names]) => [
      `## ${group}`,
      table(
        ['key', 'environment', 'flag', 'takes', 'default', 'what it does'],
        names.map((name) => {
          const definition = keyDefinition(name);
          const fallback = definition.default === null ? '–' : shownValue(name, definition.default) || '(empty)';
          return [
            code(name),
            code(definition.env),
            code(flagName(name)),
            allowedValues(name),
            fallback,
            definition.secret ? `${definition.help} Secret: never shown or logged.` : definition.help,
          ];
        }),
      ),
    ]),
  );
}
