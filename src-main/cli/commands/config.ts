import { CONFIG_NAMES, keyDefinition, shownValue } from '../../settings/describe-key.ts';
import { describeSource } from '../../settings/load-config.ts';
import { defineCommand } from '../command.ts';
import { addConfigOptions } from '../config-options.ts';

export const configCommand = defineCommand({
  declare: (program) => {
    const command = program
      .command('config')
      .description('Show the configuration and where each value comes from; its commands change settings');
    addConfigOptions(command, false);
    return command;
  },

  run: async ({ loaded, output }) => {
    const keys = CONFIG_NAMES.map((name) => ({
      name,
      // Secrets are masked for programs too: output of this command ends up in bug reports.
      value: keyDefinition(name).secret ? shownValue(name, loaded.config[name]) : loaded.config[name],
      source: describeSource(loaded.sources[name]),
    }));
    output.result({ file: loaded.file ?? null, keys }, () => {
      output.table(keys, [
        { title: 'key', value: (key) => key.name },
        { title: 'value', value: (key) => shownValue(key.name, loaded.config[key.name]), flexible: true },
        { title: 'from', value: (key) => key.source },
      ]);
    });
    return 'ok';
  },
});
