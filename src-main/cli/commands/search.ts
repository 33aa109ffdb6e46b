import { type Command, Option } from 'commander';
import {
  LONGTERM_TYPES,
  MEMORY_LAYERS,
  type SearchHit,
  type SearchInput,
  WORKING_TYPES,
} from '../../../src-contract/index.ts';
import { type CommandContext, defineCommand, given, listOf, wholeNumber, withConnection } from '../command.ts';
import { safeText } from '../output.ts';

interface Options {
  user: string;
  layer?: SearchInput['layers'][number];
  type?: NonNullable<SearchInput['memory_type']>;
  tag?: string[];
  session?: string;
  after?: string;
  before?: string;
  asOf?: string;
  limit: number;
}

export const searchCommand = defineCommand<Options>({
  declare: (program: Command) =>
    program
      .command('search <query>')
      .description('Find memories of a user by words')
      .requiredOption('--user <id>', 'whose memory')
      .addOption(new Option('--layer <layer>', 'only this layer').choices(MEMORY_LAYERS))
      .option('--type <types>', `only these types: ${[...WORKING_TYPES, ...LONGTERM_TYPES].join(', ')}`, listOf)
      .option('--tag <tags>', 'only memories with all of these tags', listOf)
      .option('--session <id>', 'only memories of this session')
      .option('--after <time>', 'created at or after this time (ISO 8601)')
      .option('--before <time>', 'created before this time (ISO 8601)')
      .option('--as-of <time>', 'what was held to be true at this time (ISO 8601)')
      .option('--limit <n>', 'at most so many', wholeNumber, 20),

  run: (context, options, query) =>
    withConnection(context, async ({ client }) => {
      const answer = await client.search.query({
        user_id: options.user,
        query: query ?? '',
        limit: options.limit,
        ...given({
          layers: options.layer === undefined ? undefined : [options.layer],
          memory_type: options.type,
          tags: options.tag,
          session_id: options.session,
          created_after: options.after,
          created_before: options.before,
          as_of: options.asOf,
        }),
      });
      context.output.result(answer, () => printHits(context, answer.hits));
      return 'ok';
    }),
});

/** Characters of a memory shown to people; `--json` gives all of it. */
const SHOWN_CHARACTERS = 400;

function printHits({ output }: CommandContext, hits: readonly SearchHit[]): void {
  if (hits.length === 0) output.note('Nothing found.');
  for (const { memory, score, reason } of hits) {
    const facts = `${memory.layer} ${memory.memory_type}  ${memory.created_at.slice(0, 10)}`;
    output.line(`${output.style('bold', score.toFixed(2))}  ${facts}  ${output.style('dim', safeText(reason))}`);
    const text = safeText(memory.content.text);
    const shown = text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS).trimEnd()} …` : text;
    output.line(`${shown.replaceAll(/^/gm, '      ')}\n`);
  }
}
