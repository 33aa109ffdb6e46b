import type { ArchonClient, OpsMatcher, OpsSilence } from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand } from '../command.ts';
import { duration } from '../durations.ts';
import { CommandError, type Ending } from '../exit-codes.ts';
import { checkMatchers, matcher } from '../ops-matchers.ts';
import { safeText } from '../output.ts';
import { opsGroup, timeOf, withOps } from './ops-group.ts';

interface Options {
  match?: OpsMatcher[];
  all?: boolean;
  for?: number;
  reason?: string;
  holdActions?: boolean;
  list?: boolean;
  end?: string;
}

export const opsSilenceCommand = defineCommand<Options>({
  declare: (program) =>
    opsGroup(program)
      .command('silence')
      .description('Keep alerts quiet for a time; list silences, or end one')
      .option(
        '--match <label=value>',
        'which, such as rule=dead-letters or worker=clean*; several must all match',
        matcher,
      )
      .option('--all', 'every alert')
      .option('--for <time>', 'how long, such as 30m, 2h or 1d', duration)
      .option('--reason <text>', 'why, for those who ask where the alert is')
      .option('--hold-actions', 'the agent does nothing by itself about them either')
      .option('--list', 'list the silences there are')
      .option('--end <id>', 'end a silence now'),

  run: async (context, options) => {
    const { end, list } = options;
    const wanted = list || end !== undefined ? undefined : draftOf(options);
    return await withOps(context, async ({ client }) => {
      if (end !== undefined) return tell(context, await client.opsAlerts.endSilence({ silence: end }), 'Ended');
      return wanted === undefined ? await showAll(context, client) : await begin(context, client, wanted);
    });
  },
});

interface Draft {
  matchers: OpsMatcher[];
  for_ms: number;
  reason: string;
  hold_actions: boolean;
}

/** What is missing is told before anything is opened. */
function draftOf({ match = [], all = false, for: for_ms, reason, holdActions = false }: Options): Draft {
  if (match.length > 0 === all) {
    throw new CommandError('usage', 'Say which alerts: --match rule=… (one or more), or --all for every alert.');
  }
  if (for_ms === undefined) throw new CommandError('usage', 'Say how long: --for 2h.');
  if (reason === undefined || reason.trim() === '') {
    throw new CommandError('usage', 'Say why: --reason "disk is being replaced". Others will ask where the alert is.');
  }
  return { matchers: match, for_ms, reason, hold_actions: holdActions };
}

async function begin(context: CommandContext, client: ArchonClient, draft: Draft): Promise<Ending> {
  const { matchers, for_ms, reason, hold_actions } = draft;
  checkMatchers(matchers, (await client.opsRules.list({})).items);
  const now_ms = Date.now();
  const [from, to] = [now_ms, now_ms + for_ms].map((ms) => new Date(ms).toISOString()) as [string, string];
  const time = { kind: 'once', from, to } as const;
  return tell(context, await client.opsAlerts.silence({ matchers, time, reason, hold_actions }), 'Silenced');
}

function tell({ output }: CommandContext, silence: OpsSilence, what: string): Ending {
  output.result(silence, () => {
    const quiet = `${silence.silenced} ${silence.silenced === 1 ? 'alert is' : 'alerts are'} quiet now`;
    output.line(`${what} ${matchersText(silence)} (${timeText(silence)}); ${quiet}.`);
    output.note(`Silence ${silence.id}; \`archon ops silence --end ${silence.id}\` ends it.`);
  });
  return 'ok';
}

async function showAll({ output }: CommandContext, client: ArchonClient): Promise<Ending> {
  const { items } = await client.opsAlerts.silences({});
  output.result({ items }, () => {
    output.table(items, [
      { title: 'id', value: ({ id }) => id },
      { title: 'status', value: ({ status }) => status },
      { title: 'which', value: matchersText, flexible: true },
      { title: 'when', value: timeText },
      { title: 'why', value: ({ reason }) => reason, flexible: true },
      { title: 'by', value: ({ created_by }) => created_by },
      { title: 'quiet now', value: ({ silenced }) => String(silenced), right: true },
    ]);
    if (items.length === 0) output.note('There are none.');
  });
  return 'ok';
}

const matchersText = ({ matchers }: OpsSilence): string =>
  matchers.length === 0 ? 'every alert' : matchers.map(({ label, value }) => safeText(`${label}=${value}`)).join(', ');

function timeText({ time }: OpsSilence): string {
  if (time.kind === 'once') return `until ${timeOf(time.to)} UTC`;
  return `${time.days.join(', ')} ${time.from}–${time.to} ${time.time_zone}`;
}
