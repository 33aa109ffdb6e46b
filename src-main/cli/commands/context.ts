import type { AssembledContext } from '../../../src-contract/index.ts';
import { defineCommand, given, wholeNumber, withConnection } from '../command.ts';
import { type Output, safeText } from '../output.ts';

interface Options {
  user: string;
  session?: string;
  query?: string;
  maxTokens: number;
}

export const contextCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('context')
      .description('Assemble what an agent should know, under a token budget')
      .requiredOption('--user <id>', 'whose memory')
      .option('--session <id>', 'the conversation the agent is in')
      .option('--query <text>', "what the agent is about to answer; default: the session's last user message")
      .option('--max-tokens <n>', 'budget, 2000 to 16000', wholeNumber, 8000),

  run: (context, options) =>
    withConnection(context, async ({ client }) => {
      const answer = await client.context.assemble({
        user_id: options.user,
        max_tokens: options.maxTokens,
        ...given({ session_id: options.session, query: options.query }),
      });
      context.output.result(answer, () => printContext(context.output, answer));
      return 'ok';
    }),
});

function printContext(output: Output, answer: AssembledContext): void {
  const source = (name: keyof AssembledContext['sources']) => {
    const { count, candidates, tokens } = answer.sources[name];
    return `${count} of ${candidates}, ${tokens.toLocaleString('en')} tokens`;
  };
  output.block([
    ['status', answer.status_reason ? `${answer.status}: ${answer.status_reason}` : answer.status],
    ['tokens', `${answer.total_tokens.toLocaleString('en')} of ${answer.max_tokens.toLocaleString('en')}`],
    ['session messages', source('session')],
    ['long-term memories', source('longterm')],
    ['working memories', source('working')],
    ['left out', String(answer.left_out_count)],
  ]);
  if (answer.memory_block !== '') {
    output.line(`\n${output.style('bold', 'Memories')}`);
    output.line(safeText(answer.memory_block));
  }
  if (answer.messages.length > 0) output.line(`\n${output.style('bold', 'Messages')}`);
  for (const message of answer.messages) {
    output.line(`${output.style('dim', `${message.timestamp}  ${message.role}`)}\n${safeText(message.content)}\n`);
  }
}
