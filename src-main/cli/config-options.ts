/** A flag for every configuration key. */
import { type Command, Option } from 'commander';
import type { ConfigName } from '../settings/config-schema.ts';
import { allowedValues, CONFIG_NAMES, flagName, keyDefinition, shownValue } from '../settings/describe-key.ts';

/** Values of configuration flags by key. */
export type ConfigFlags = Partial<Record<ConfigName, string | boolean>>;

const isSwitch = (name: ConfigName): boolean => typeof keyDefinition(name).default === 'boolean';

/** Adds the flags; `hidden` keeps them out of the help. */
export function addConfigOptions(command: Command, hidden: boolean): void {
  for (const name of CONFIG_NAMES) command.addOption(configOption(name, hidden));
}

function configOption(name: ConfigName, hidden: boolean): Option {
  const definition = keyDefinition(name);
  const argument = isSwitch(name) ? '[true|false]' : '<value>';
  const fallback = definition.default === null ? '' : ` Default: ${shownValue(name, definition.default) || 'none'}.`;
  const option = new Option(
    `${flagName(name)} ${argument}`,
    `${definition.help} Takes ${allowedValues(name)}.${fallback}`,
  );
  option.helpGroup('Configuration (also in the file and the environment):');
  return hidden && name !== 'data_dir' ? option.hideHelp() : option;
}

/** The configuration flags among the options of a command. */
export function configFlags(options: Readonly<Record<string, unknown>>): ConfigFlags {
  const flags: ConfigFlags = {};
  for (const name of CONFIG_NAMES) {
    const value = options[configOption(name, true).attributeName()];
    if (typeof value === 'string' || typeof value === 'boolean') flags[name] = value;
  }
  return flags;
}
