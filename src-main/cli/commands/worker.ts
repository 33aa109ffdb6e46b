import { once } from 'node:events';
import { InvalidArgumentError } from 'commander';
import { type FixedShard, parseShard, shardLabel } from '../../workers/shards.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { profileToOpen } from '../profile-to-open.ts';
import { startUnlessStopped } from '../start-unless-stopped.ts';

function shard(value: string): FixedShard {
  const parsed = parseShard(value);
  if (parsed === undefined) throw new InvalidArgumentError('It must be a part such as 2/4, of at most 256.');
  return parsed;
}

export const workerCommand = defineCommand<{ shard?: FixedShard }>({
  talkative: true,
  log_file: 'worker',

  declare: (program) =>
    program
      .command('worker')
      .description('Run workers alone, beside servers and other workers on the same PostgreSQL server')
      .option('--shard <i/n>', 'be there for the i-th of n parts of the users; without it the nodes share them', shard),

  run: async ({ loaded, profile, logger, output, host }, options) => {
    const opened = profileToOpen(loaded.config, profile);
    const { config } = opened;
    const database_url = config['database.url'];
    if (database_url === null) {
      throw new CommandError(
        'usage',
        'The embedded database belongs to one process, which runs its workers itself (`archon serve`). ' +
          'Set database.url to a PostgreSQL server to run workers on their own.',
        'DATABASE_EMBEDDED',
      );
    }
    if (config.profile?.read_only) {
      throw new CommandError(
        'usage',
        `"${opened.profile?.name}" is for reading only: workers would write.`,
        'READ_ONLY',
      );
    }
    const { WorkerEngine } = await import('../../worker-engine.ts');
    const engine = new WorkerEngine({
      config,
      database_url,
      logger,
      origin: loaded.origin,
      ...(options.shard ? { shard: options.shard } : {}),
    });
    if (!(await startUnlessStopped(engine, host.signal))) return 'ok';
    const part = options.shard ? shardLabel(options.shard) : null;
    output.result({ pid: process.pid, shard: part }, () => {
      output.line(part === null ? 'Workers run here.' : `Workers run here, for part ${part} of the users.`);
      output.line('Ctrl-C ends them after the step they are at.');
    });
    if (!host.signal.aborted) await once(host.signal, 'abort');
    await engine.stop();
    return 'ok';
  },
});
