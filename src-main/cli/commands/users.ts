import type { ArchonClient, MemoryUser } from '../../../src-contract/index.ts';
import { defineCommand, given, withConnection } from '../command.ts';

const PAGE = 500;

export const usersCommand = defineCommand<{ search?: string }>({
  declare: (program) =>
    program
      .command('users')
      .description('List the users with any memory')
      .option('--search <text>', 'part of the user id'),

  run: (context, options) =>
    withConnection(context, async ({ client }) => {
      const users: MemoryUser[] = [];
      for await (const user of listUsers(client, options.search)) users.push(user);
      context.output.result({ users }, () => {
        if (users.length === 0) context.output.note('There is no user yet. `archon demo` loads some.');
        else {
          context.output.table(users, [
            { title: 'user', value: (user) => user.user_id, flexible: true },
            { title: 'sessions', value: (user) => String(user.session_count), right: true },
            { title: 'working', value: (user) => String(user.working_count), right: true },
            { title: 'long-term', value: (user) => String(user.longterm_count), right: true },
          ]);
        }
      });
      return 'ok';
    }),
});

/** Every user, page after page. */
export async function* listUsers(client: ArchonClient, search?: string): AsyncGenerator<MemoryUser> {
  let cursor: string | undefined;
  do {
    const page = await client.memories.users({ limit: PAGE, ...given({ search, cursor }) });
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}
