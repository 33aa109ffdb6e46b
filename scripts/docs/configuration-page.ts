import type { ConfigKey } from '../../src-main/settings/config-schema.ts';
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
  "log.level": "debug"
}`;

export function configurationPage(): string {
  const groups = Map.groupBy(CONFIG_NAMES, (name) => (name.includes('.') ? (name.split('.')[0] ?? '') : 'general'));
  return page(
    GENERATED,
    '# Configuration',
    'Each key has one value for a process. What comes later in this list wins:',
    [
      '1. what is built in,',
      `2. ${code(CONFIG_FILE_NAME)} in the data folder: the settings of this computer, which Archon writes as well,`,
      '3. settings of the organisation, in its database; then those of a user, where users have their own,',
      `4. a file that ${code('--config')} or ${code(CONFIG_FILE_VARIABLE)} names,`,
      '5. environment variables (an empty one counts as not set),',
      '6. flags of the command line.',
    ].join('\n'),
    'What 4 to 6 say is locked: it cannot be changed in Archon, which says where it can. [Settings](../operations/settings.md) tells the rest.',
    'Keys of a file are written with dots or nested:',
    `\`\`\`json\n${EXAMPLE}\n\`\`\``,
    `Relative paths in a file are resolved against its folder, others against the working folder. ${code('archon config')} shows the values in force and where each comes from; secrets are masked. A value that is not allowed ends the start with a message that names it, and so does a key that does not exist in a file that was named; in the file of the data folder such a key is told of and kept, as a newer version may have written it. Editors find mistakes with the [JSON schema](archon.config.schema.json) (${code('archon config schema')}).`,
    `**For** says whose a setting is: of the computer, of the organisation, or of users. **Start** is written for what is only read when Archon starts: a change of such a setting waits for a restart.`,
    ...[...groups].flatMap(([group, names]) => [
      `## ${group}`,
      table(
        ['key', 'environment', 'flag', 'takes', 'default', 'for', 'what it does'],
        names.map((name) => {
          const definition = keyDefinition(name);
          const fallback = definition.default === null ? '–' : shownValue(name, definition.default) || '(empty)';
          return [
            code(name),
            code(definition.env),
            code(flagName(name)),
            allowedValues(name),
            fallback,
            whose(definition),
            definition.secret ? `${definition.help} Secret: never shown or logged.` : definition.help,
          ];
        }),
      ),
    ]),
  );
}

const WHOSE = { device: 'computer', org: 'organisation', user: 'users' };

function whose({ section, scope, needs_restart }: ConfigKey): string {
  if (section === null) return 'configuration';
  return needs_restart ? `${WHOSE[scope]}; start` : WHOSE[scope];
}
