import { once } from 'node:events';
import { defineCommand } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { profileToOpen } from '../profile-to-open.ts';
import { startUnlessStopped } from '../start-unless-stopped.ts';
import { opsGroup } from './ops-group.ts';

export const opsRunCommand = defineCommand({
  talkative: true,
  log_file: 'ops',

  declare: (program) =>
    opsGroup(program)
      .command('run')
      .description('Run the ops agent alone, beside servers and workers on the same PostgreSQL server'),

  run: async ({ loaded, profile, logger, logs, output, host }) => {
    const opened = profileToOpen(loaded.config, profile);
    const { config } = opened;
    if (config['database.url'] === null) {
      throw new CommandError(
        'usage',
        'The embedded database belongs to one process, which runs the ops agent itself (`archon serve`). ' +
          'Set database.url to a PostgreSQL server to run the agent on its own.',
        'DATABASE_EMBEDDED',
      );
    }
    if (config.profile?.read_only) {
      throw new CommandError(
        'usage',
        `"${opened.profile?.name}" is for reading only: the agent would write.`,
        'READ_ONLY',
      );
    }
    const { OpsEngine } = await import('../../ops-engine.ts');
    const engine = new OpsEngine({ config, logger, logs, origin: loaded.origin });
    if (!(await startUnlessStopped(engine, host.signal))) return 'ok';
    output.result({ pid: process.pid }, () => {
      output.line('The ops agent runs here.');
      output.line('Ctrl-C ends it after what it is at.');
    });
    if (!host.signal.aborted) await once(host.signal, 'abort');
    await engine.stop();
    return 'ok';
  },
});
