import type { UserStats } from '../../../src-contract/index.ts';
import { defineCommand, wholeNumber, withConnection } from '../command.ts';
import { type Output, safeText } from '../output.ts';
import { listUsers } from './users.ts';

interface Options {
  user?: string;
  days: number;
}

export const statsCommand = defineCommand<Options>({
  declare: (program) =>
    program
      .command('stats')
      .description('Figures of one user, or of all')
      .option('--user <id>', 'whose; default: everybody')
      .option('--days <n>', 'window of the growth figures, 1 to 365', wholeNumber, 30),

  run: (context, options) =>
    withConnection(context, async ({ client }) => {
      const { output } = context;
      if (options.user !== undefined) {
        const stats = await client.stats.user({ user_id: options.user, days: options.days });
        output.result(stats, () => printUser(output, stats));
        return 'ok';
      }
      const users: UserStats[] = [];
      for await (const { user_id } of listUsers(client)) {
        users.push(await client.stats.user({ user_id, days: options.days }));
      }
      output.result({ users }, () => printAll(output, users));
      return 'ok';
    }),
});

const count = (value: number): string => value.toLocaleString('en');
const share = (value: number | null): string => (value === null ? '–' : value.toFixed(2));

function printAll(output: Output, users: readonly UserStats[]): void {
  if (users.length === 0) {
    output.note('There is no user yet. `archon demo` loads some.');
    return;
  }
  output.table(users, [
    { title: 'user', value: (user) => user.user_id, flexible: true },
    { title: 'sessions', value: (user) => count(user.counts.session), right: true },
    { title: 'working', value: (user) => count(user.counts.working), right: true },
    { title: 'long-term', value: (user) => count(user.counts.longterm), right: true },
    { title: 'tokens', value: (user) => count(sum(user.tokens)), right: true },
    { title: 'importance', value: (user) => share(user.average_importance), right: true },
  ]);
}

const sum = (tokens: UserStats['tokens']): number => tokens.session + tokens.working + tokens.longterm;

function printUser(output: Output, stats: UserStats): void {
  const layer = (name: keyof UserStats['counts']) =>
    `${count(stats.counts[name])} (${count(stats.tokens[name])} tokens)`;
  output.block([
    ['user', safeText(stats.user_id)],
    ['sessions', stats.session_status === 'healthy' ? layer('session') : 'the session store is away'],
    ['working memories', layer('working')],
    ['long-term memories', layer('longterm')],
    ['average importance', share(stats.average_importance)],
    ['average relevance', share(stats.average_relevance)],
    [`new in ${stats.growth.length} days`, sparkline(stats.growth.map((day) => day.working + day.longterm))],
  ]);
  if (stats.by_type.length > 0) {
    output.line();
    output.table(stats.by_type, [
      { title: 'type', value: (row) => row.memory_type },
      { title: 'count', value: (row) => count(row.count), right: true },
      { title: 'tokens', value: (row) => count(row.token_count), right: true },
    ]);
  }
  if (stats.most_accessed.length > 0) {
    output.line();
    output.table(stats.most_accessed, [
      { title: 'read', value: (row) => count(row.access_count), right: true },
      { title: 'most read', value: (row) => row.text, flexible: true },
    ]);
  }
}

const BARS = '▁▂▃▄▅▆▇█';

function sparkline(values: readonly number[]): string {
  const most = Math.max(1, ...values);
  const bars = values.map((value) => (value === 0 ? ' ' : BARS[Math.ceil((value / most) * BARS.length) - 1]));
  return `${bars.join('')}  ${count(values.reduce((total, value) => total + value, 0))}`;
}
