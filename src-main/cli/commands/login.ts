import { join } from 'node:path';
import { sqliteMigrationsFolder } from '../../app-files.ts';
import { systemClock } from '../../clock.ts';
import { CODE_MINUTES, LoginCodes } from '../../identity/login-codes.ts';
import { answers, readServerFile } from '../../server/server-file.ts';
import { HistoryStore } from '../../storage/history-store.ts';
import { defineCommand } from '../command.ts';
import { CommandError } from '../exit-codes.ts';
import { openBrowser } from '../open-browser.ts';

export const loginCommand = defineCommand<{ open?: boolean }>({
  declare: (program) =>
    program
      .command('login')
      .description('Print a link that lets a browser into the running server, once')
      .option('--open', 'open it in the browser'),

  run: async ({ host, loaded, output }, options) => {
    const { data_dir } = loaded.config;
    const server = readServerFile(data_dir);
    if (server === undefined || !(await answers(server))) {
      throw new CommandError('not_found', 'No server runs on this data folder; `archon serve` starts one.');
    }
    // The server shares `history.db`: what is written here counts there at once.
    const history = new HistoryStore(join(data_dir, 'history.db'), sqliteMigrationsFolder);
    let code: string;
    try {
      code = new LoginCodes(history.db, systemClock).create();
    } finally {
      history.close();
    }
    const login_url = loginUrl(server.url, code);
    output.result({ login_url, minutes: CODE_MINUTES }, () => {
      output.line(login_url);
      output.note(`It works once, within ${CODE_MINUTES} minutes.`);
    });
    if (options.open) {
      const { problem } = await openBrowser(login_url, host.env);
      if (problem !== undefined) output.warning(`The browser was not opened: ${problem}.`);
    }
    return 'ok';
  },
});

/** After `#`: a browser does not send that part to anybody, and keeps nothing of worth once the code is used. */
export const loginUrl = (server_url: string, code: string): string => `${server_url}/#code=${code}`;
