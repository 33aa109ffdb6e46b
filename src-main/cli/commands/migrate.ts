import { defineCommand } from '../command.ts';
import { profileToOpen } from '../profile-to-open.ts';

export const migrateCommand = defineCommand<{ dryRun?: boolean }>({
  declare: (program) =>
    program
      .command('migrate')
      .description('Bring the database to the version of this app; `serve` does it too')
      .option('--dry-run', 'only say what would be done'),

  run: async ({ host, loaded, profile, logger, output }, options) => {
    const { Engine } = await import('../../engine.ts');
    const engine = new Engine({ config: profileToOpen(loaded.config, profile).config, logger });
    const report = await engine.migrate({ dry_run: options.dryRun ?? false, signal: host.signal });
    output.result(report, () => {
      output.block([
        ['version found', String(report.current)],
        ['version needed', String(report.target)],
      ]);
      for (const { version, name } of report.pending) {
        output.line(`${report.applied ? 'applied' : 'pending'}  ${version} ${name}`);
      }
      if (report.pending.length === 0) output.line('Nothing to do.');
    });
    return 'ok';
  },
});
