import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient, TransferJob } from '../../../src-contract/index.ts';
import { router } from '../../../src-main/api/router.ts';
import { commandLineContext } from '../../../src-main/cli/connection.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { type Config, defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';
import { type RedisServer, redisAvailable, startRedis } from '../../support/redis-server.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';
import { writeChatGptExport, writeClaudeCodeSession } from '../../support/transfer-generators.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'test' };

interface Setup {
  name: string;
  available: boolean;
  /** Configuration of another, empty installation each time. */
  newConfig(data_dir: string): Promise<Partial<Config>>;
  remove(): Promise<void>;
}

let postgres: PostgresServer | undefined;
let redis: RedisServer | undefined;
let installations = 0;

const setups: readonly Setup[] = [
  {
    name: 'embedded database and SQLite',
    available: true,
    newConfig: async (data_dir) => {
      copyTemplate(data_dir);
      return {};
    },
    remove: async () => {},
  },
  {
    name: 'PostgreSQL and Redis',
    available: postgresAvailable && redisAvailable,
    newConfig: async () => {
      postgres ??= await startPostgres({ fsync: 'off' });
      redis ??= await startRedis();
      installations += 1;
      return {
        'database.url': await postgres.createDatabase(`installation_${installations}`),
        'redis.url': redis.url,
        'redis.key_prefix': `installation${installations}:`,
      };
    },
    remove: async () => {
      await postgres?.remove();
      await redis?.stop();
    },
  },
];

describe.each(setups.filter(({ available }) => available))('import and export on $name', ({ newConfig, remove }) => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-transfer-'));
  const engines: Engine[] = [];
  let client: ArchonClient;
  const start = async (name: string): Promise<ArchonClient> => {
    const data_dir = join(folder, name);
    const engine = new Engine({
      config: { ...defaultConfig(data_dir), ...(await newConfig(data_dir)) },
      logger: silentLogger,
    });
    await engine.start();
    engines.push(engine);
    return createRouterClient(router, {
      context: { ...commandLineContext(engine.services, silentLogger), scope },
    });
  };
  beforeAll(async () => {
    client = await start('first');
  });
  afterAll(async () => {
    for (const engine of engines) await engine.stop();
    await remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const finished = async (of: ArchonClient, job: TransferJob): Promise<TransferJob> => {
    const now = () => of.transfer.job({ job_id: job.job_id });
    await expect.poll(async () => (await now()).state, { timeout: 120_000 }).not.toBe('running');
    const done = await now();
    expect(done.failure).toBeNull();
    return done;
  };
  const importFile = async (of: ArchonClient, path: string, user_id?: string) => {
    const job = await of.transfer.import({ source: { kind: 'file', path }, ...(user_id ? { user_id } : {}) });
    const done = await finished(of, job);
    if (done.kind !== 'import') throw new Error('not an import');
    return done;
  };
  const exportAll = async (of: ArchonClient, name: string) => {
    const done = await finished(of, await of.transfer.export({ scope: { kind: 'org' } }));
    const file = await of.transfer.download({ job_id: done.job_id });
    const path = join(folder, name);
    const bytes = new Uint8Array(await file.arrayBuffer());
    writeFileSync(path, bytes);
    const lines = gunzipSync(readFileSync(path)).toString('utf8').trimEnd().split('\n');
    return { path, manifest: JSON.parse(lines.at(-1) ?? '') };
  };

  it('imports conversations once, however often', async () => {
    const chatGpt = join(folder, 'conversations.json');
    const chatGptHolds = await writeChatGptExport(chatGpt, { conversations: 12, messages_per: 50 });
    const claudeCode = join(folder, 'session.jsonl');
    const claudeCodeHolds = await writeClaudeCodeSession(claudeCode, { messages: 600 });
    const files = [
      [chatGpt, chatGptHolds, 'chatgpt'],
      [claudeCode, claudeCodeHolds, 'claude-code'],
    ] as const;
    for (const [path, holds, format] of files) {
      const first = await importFile(client, path, 'ana');
      expect(first).toMatchObject({ format, error_count: 0, added: holds });
      const again = await importFile(client, path, 'ana');
      expect(again.added).toMatchObject({ sessions: 0, messages: 0, working: 0 });
      expect(again.already_there).toMatchObject(holds);
    }
    const { counts } = await client.stats.user({ user_id: 'ana' });
    expect(counts).toMatchObject({
      session: chatGptHolds.sessions + claudeCodeHolds.sessions,
      working: chatGptHolds.working + claudeCodeHolds.working,
    });
  });

  it('moves everything to another installation, field by field', async () => {
    const fact = await client.longterm.create({
      user_id: 'ana',
      memory_type: 'fact',
      content: { text: 'Lives in Porto', since: { year: 2024 } },
      tags: ['home'],
      pinned: true,
    });
    const next = await client.longterm.supersede({ id: fact.id, content: { text: 'Lives in Lisbon' } });
    const { items } = await client.working.list({ user_id: 'ana', limit: 5 });
    const [one, two] = items;
    if (one === undefined || two === undefined) throw new Error('nothing was imported');
    await client.memories.link({ from_id: next.id, to_id: one.id, relation: 'derived_from' });
    await client.working.delete({ id: two.id });
    await client.sessions.create({
      user_id: 'bob',
      session_id: 'bob {1}/ü',
      title: 'Tidy',
      context: { mentioned_files: ['a.ts'], metadata: { deep: [1, { x: null }] } },
      messages: [{ role: 'tool', content: 'ok', metadata: { exit: 0 } }],
    });
    const before = await exportAll(client, 'before.archon.gz');
    const other = await start('second');
    await importFile(other, before.path);
    const after = await exportAll(other, 'after.archon.gz');
    expect(after.manifest).toEqual(before.manifest);
    const statistics = async (of: ArchonClient, user_id: string) => {
      const { average_relevance: _fading, ...rest } = await of.stats.user({ user_id });
      return rest;
    };
    for (const user_id of ['ana', 'bob']) {
      expect(await statistics(other, user_id)).toEqual(await statistics(client, user_id));
    }
    const history = async (of: ArchonClient) => await of.memories.history({ id: fact.id });
    expect(await history(other)).toEqual(await history(client));
    const again = await importFile(other, before.path);
    expect(Object.values(again.added).every((count) => count === 0)).toBe(true);
  });
});
