/**
 * A process that appends messages to one session of a SQLite store and prints the id of each once it is stored.
 *
 * Arguments: file, begin of the message ids, how many. An error is printed as a line of JSON.
 */

import { SqliteSessionStore } from '../../src-main/storage/sessions/sqlite-session-store.ts';
import { SqliteFileError } from '../../src-main/storage/sqlite-faults.ts';
import { APPEND_SCOPE, SESSION_MIGRATIONS, sessionRecord, testMessage } from './session-backends.ts';

const [, , file = '', prefix = '', count = '0'] = process.argv;
const store = new SqliteSessionStore(file, SESSION_MIGRATIONS);
const begin = sessionRecord(Date.now());
try {
  for (let n = 1; n <= Number(count); n += 1) {
    const message = testMessage(n, { message_id: `${prefix}${n}`, content: 'x'.repeat(2000) });
    await store.append(APPEND_SCOPE, begin.session_id, [message], Date.now(), { begin });
    process.stdout.write(`${message.message_id}\n`);
  }
} catch (error) {
  const cause = error instanceof Error ? error.cause : undefined;
  const kind = cause instanceof SqliteFileError ? cause.kind : undefined;
  process.stdout.write(`${JSON.stringify({ error: String(error), kind })}\n`);
}
await store.close();
