/**
 * A process with a session store and its drain, to be killed: it appends to sessions in turn and prints the session and
 * message id of each append once it is answered, `ready` first.
 *
 * Arguments as JSON: URL of the database, of Redis or the file of SQLite, begin of the message ids.
 */
import { pino } from 'pino';
import { SessionEventDrain } from '../../src-main/events/session-event-drain.ts';
import { Database } from '../../src-main/storage/database.ts';
import { RedisSessionStore } from '../../src-main/storage/sessions/redis-session-store.ts';
import { SqliteSessionStore } from '../../src-main/storage/sessions/sqlite-session-store.ts';
import { APPEND_SCOPE, connectRedis, REDIS_PREFIX, SESSION_MIGRATIONS, sessionRecord } from './session-backends.ts';

export interface SessionWriterOptions {
  database_url: string;
  redis_url?: string;
  sqlite_file?: string;
  prefix: string;
  /** How many sessions. */
  sessions: number;
}

const {
  database_url,
  redis_url,
  sqlite_file = '',
  prefix,
  sessions,
} = JSON.parse(process.argv[2] ?? '') as SessionWriterOptions;
const logger = pino({ level: 'silent' });
const database = new Database({
  pool: { connectionString: database_url, max: 2 },
  logger,
  statement_timeout_ms: 30_000,
});
const store = redis_url
  ? new RedisSessionStore(connectRedis({ 'redis.url': redis_url }), REDIS_PREFIX)
  : new SqliteSessionStore(sqlite_file, SESSION_MIGRATIONS);
// Short, so that it is killed in the middle of bringing, again and again.
const drain = new SessionEventDrain({ outbox: store.outbox, database, logger, tuning: { gather: 1, look: 50 } });
drain.start();
process.stdout.write('ready\n');

const write = async (session_id: string) => {
  const begin = sessionRecord(Date.now(), { session_id });
  for (let n = 1; ; n += 1) {
    const message_id = `${prefix}${n}`;
    const message = { message_id, role: 'user', content: 'x', timestamp: begin.started_at, token_count: 1 } as const;
    await store.append(APPEND_SCOPE, session_id, [message], Date.now(), { begin });
    process.stdout.write(`${session_id} ${message_id}\n`);
    // SQLite answers at once: others would never have a turn.
    await new Promise((resolve) => setImmediate(resolve));
  }
};
await Promise.all(Array.from({ length: sessions }, (_, n) => write(`session-${n}`)));
