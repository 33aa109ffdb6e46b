import { join } from 'node:path';
import type { ArchonClient, DemoCounts } from '../../../src-contract/index.ts';
import { appRoot } from '../../app-files.ts';
import { systemClock } from '../../clock.ts';
import { readDemoFiles } from '../../demo/demo-files.ts';
import { loadDemo } from '../../demo/load-demo.ts';
import { defineCommand, withConnection } from '../command.ts';

export const demoCommand = defineCommand({
  declare: (program) =>
    program.command('demo').description('Load the demo data: two people, some weeks, their conversations and memories'),

  run: (context) =>
    withConnection(context, async ({ client }) => {
      const added = await loadDemoData(client);
      context.output.result({ added }, () => context.output.line(describeDemo(added)));
      return 'ok';
    }),
});

export async function loadDemoData(client: ArchonClient): Promise<DemoCounts> {
  return await loadDemo(client, readDemoFiles(join(appRoot, 'resources', 'demo')), systemClock);
}

export function describeDemo(added: DemoCounts): string {
  if (added.sessions + added.working + added.longterm + added.links === 0) return 'The demo data is there already.';
  return (
    `Demo data loaded: ${added.sessions} sessions with ${added.messages} messages, ${added.working} working and ` +
    `${added.longterm} long-term memories, ${added.links} links. Try:\n` +
    '  archon search "deploy window" --user priya\n' +
    '  archon context --user tomas --query "what do we pay for flour?"'
  );
}
