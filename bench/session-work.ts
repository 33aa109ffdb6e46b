/** Appending a message to a short and to a long session: it must cost the same. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 as uuidv7 } from 'uuid';
import type { Message } from '../src-contract/index.ts';
import { sessionsMigrationsFolder } from '../src-main/app-files.ts';
import { defaultConfig } from '../src-main/settings/config-schema.ts';
import { createRedis } from '../src-main/storage/sessions/redis-connection.ts';
import { RedisSessionStore } from '../src-main/storage/sessions/redis-session-store.ts';
import type { SessionRecord, SessionStore } from '../src-main/storage/sessions/session-store.ts';
import { SqliteSessionStore } from '../src-main/storage/sessions/sqlite-session-store.ts';
import { randomNumbers } from '../tests/support/random-numbers.ts';
import { redisAvailable, startRedis } from '../tests/support/redis-server.ts';
import { measureAgainst, type Row } from './measure.ts';
import { sentence } from './sample-text.ts';

const SCOPE = { org_id: '00000000-0000-7000-8000-000000000001', actor: 'bench' };
const random = randomNumbers(11);

function message(): Message {
  const content = sentence(random);
  return { message_id: uuidv7(), role: 'user', content, timestamp: new Date().toISOString(), token_count: 20 };
}

function record(session_id: string): SessionRecord {
  const now = new Date();
  return {
    session_id,
    user_id: 'bench',
    title: null,
    started_at: now.toISOString(),
    last_accessed_at: now.toISOString(),
    expires_at: new Date(now.getTime() + 3_600_000).toISOString(),
    ttl_seconds: 3600,
    context: { active_project_id: null, active_task_ids: [], mentioned_files: [], metadata: {} },
  };
}

async function benchStore(store: SessionStore): Promise<Row> {
  for (const [name, length] of [
    ['short', 10],
    ['long', 10_000],
  ] as const) {
    await store.create(SCOPE, record(name), [], Date.now());
    for (let done = 0; done < length; done += 500) {
      const batch = Array.from({ length: Math.min(500, length - done) }, message);
      await store.append(SCOPE, name, batch, Date.now());
    }
  }
  // The short session must stay short while it is measured: it begins anew at every call, before the clock starts.
  const shorts = Array.from({ length: 7 * 200 }, (_, index) => `short-${index}`);
  for (const name of shorts) await store.create(SCOPE, record(name), Array.from({ length: 10 }, message), Date.now());
  const result = await measureAgainst(
    200,
    () => store.append(SCOPE, 'long', [message()], Date.now()),
    (index) => store.append(SCOPE, shorts[index] ?? 'short', [message()], Date.now()),
  );
  return {
    measure: 'append to 10,000 messages (floor: to 10)',
    store: store.kind === 'redis' ? 'Redis' : 'SQLite',
    p50: result.work.p50_ms,
    p95: result.work.p95_ms,
    floor_p50: result.floor.p50_ms,
    ratio: result.ratio,
    unit: 'ms',
  };
}

export async function benchSessions(): Promise<Row[]> {
  const rows: Row[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'archon-bench-'));
  const sqlite = new SqliteSessionStore(join(folder, 'sessions.db'), sessionsMigrationsFolder);
  rows.push(await benchStore(sqlite));
  await sqlite.close();
  rmSync(folder, { recursive: true, force: true });
  if (redisAvailable) {
    const server = await startRedis();
    const connection = createRedis({ ...defaultConfig(folder), 'redis.url': server.url });
    if (connection === undefined) throw new Error('no Redis connection');
    const store = new RedisSessionStore(connection, 'bench:');
    rows.push(await benchStore(store));
    await store.close();
    await server.stop();
  }
  return rows;
}
