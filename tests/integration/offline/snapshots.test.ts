import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ArchonClient, Snapshot } from '../../../src-contract/index.ts';
import { fill, OfflineStage, SCOPE } from '../../support/offline-stage.ts';
import { type PostgresServer, postgresAvailable, startPostgres } from '../../support/postgres-server.ts';

const USERS = ['Ana', 'Bö', 'Cy'];

describe.runIf(postgresAvailable)('a snapshot of a profile on PostgreSQL', () => {
  let postgres: PostgresServer;
  let stage: OfflineStage;
  let client: ArchonClient;
  beforeAll(async () => {
    postgres = await startPostgres({ fsync: 'off' });
    stage = new OfflineStage({ 'database.url': await postgres.createDatabase('source') });
    await stage.start();
    client = stage.client;
    await fill(client, USERS);
  });
  afterAll(async () => {
    await stage?.close();
    await postgres?.remove();
  });

  const linesOf = (bytes: Uint8Array) => gunzipSync(bytes).toString('utf8').trimEnd().split('\n');
  const manifestOf = async (of: ArchonClient) => {
    const { job_id } = await of.transfer.export({ scope: { kind: 'org' } });
    await expect.poll(async () => (await of.transfer.job({ job_id })).state, { timeout: 60_000 }).toBe('succeeded');
    const file = await of.transfer.download({ job_id });
    return JSON.parse(linesOf(new Uint8Array(await file.arrayBuffer())).at(-1) ?? '') as object;
  };
  const copyOf = (snapshot: Snapshot) => {
    expect(snapshot).toMatchObject({ state: 'succeeded', profile_id: expect.any(String) });
    return snapshot.state === 'succeeded' ? (snapshot.profile_id ?? '') : '';
  };
  /** What snapshots leave in the data folder besides what they tell. */
  const archives = () => readdirSync(join(stage.config.data_dir, 'offline', 'archives'));

  it('becomes a copy that says what the source said at the time, whatever time it is', async () => {
    const { snapshot_id } = await client.offline.snapshot({ name: 'As it was', into: 'copy' });
    const source = await manifestOf(client);
    const profile_id = copyOf(await stage.ended(snapshot_id));
    expect(stage.profiles.get(profile_id)).toMatchObject({ name: 'As it was', source: 'The source' });
    // Its secrets and settings are those of the installation.
    const own = readdirSync(stage.folderOf(profile_id)).filter((file) => /secret|config/.test(file));
    expect(own).toEqual([]);
    await client.longterm.create({
      user_id: 'Ana',
      memory_type: 'fact',
      content: { text: 'Learnt later' },
      provenance: { source: 'test' },
    });
    const session_id = 'Ana’s session';
    const settings = { 'memory.session_ttl_minutes': 5, 'memory.working_ttl_days': 7 };
    await stage.explore(profile_id, { years_later: 3, settings }, async (copy) => {
      expect(await manifestOf(copy)).toEqual(source);
      expect((await copy.sessions.get({ session_id, message_limit: 5 })).messages).toHaveLength(5);
      const { hits } = await copy.search.query({ user_id: 'Ana', query: 'Graz' });
      expect(hits.map(({ memory }) => memory.content.text)).toContain('Ana lives in Graz');
      // What is taken of the copy shows the same moment.
      const { job_id } = await copy.transfer.export({ scope: { kind: 'org' } });
      await expect.poll(async () => (await copy.transfer.job({ job_id })).state, { timeout: 60_000 }).toBe('succeeded');
      const file = await copy.transfer.download({ job_id });
      const [header] = linesOf(new Uint8Array(await file.arrayBuffer()));
      expect(JSON.parse(header ?? '')).toMatchObject({ created_at: stage.profiles.get(profile_id)?.taken_at });
    });
    expect(archives()).toEqual([]);
  });

  it('of chosen users becomes an archive of these, which can be opened beside all other data', async () => {
    const { snapshot_id } = await client.offline.snapshot({ name: 'Two', users: ['Ana', 'Cy'], into: 'archive' });
    const done = await stage.ended(snapshot_id);
    expect(done).toMatchObject({ state: 'succeeded', profile_id: null, archive: { file_name: /2-users/ } });
    const { path } = await stage.offline.archiveFile(SCOPE, snapshot_id);
    const opened = await client.offline.openArchive({ name: 'Opened', source: { kind: 'snapshot', snapshot_id } });
    const profile_id = copyOf(await stage.ended(opened.snapshot_id));
    await stage.explore(profile_id, {}, async (copy) => {
      expect(await manifestOf(copy)).toEqual(JSON.parse(linesOf(readFileSync(path)).at(-1) ?? ''));
      expect((await copy.memories.users({})).items.map(({ user_id }) => user_id)).toEqual(['Ana', 'Cy']);
    });
    await client.offline.forget({ snapshot_id });
    expect(existsSync(path)).toBe(false);
    await expect(client.offline.read({ snapshot_id })).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('can be compared with another, and with what is in the open profile', async () => {
    const take = async () => {
      const { snapshot_id } = await client.offline.snapshot({ name: 'Compared', into: 'archive' });
      await stage.ended(snapshot_id);
      return { kind: 'snapshot', snapshot_id } as const;
    };
    const before = await take();
    const { items } = await client.longterm.list({ user_id: 'Bö' });
    await client.longterm.update({ id: items[0]?.id ?? '', tags: ['moved'] });
    await client.sessions.delete({ session_id: 'Cy’s session' });
    const after = await take();
    const found = await stage.compared(await client.offline.compare({ before, after }));
    expect(found).toMatchObject({
      state: 'succeeded',
      counts: {
        session: { gone: 1, added: 0, changed: 0 },
        message: { gone: 30, added: 0, changed: 0 },
        longterm: { changed: 1, added: 0, gone: 0 },
        working: { changed: 0, added: 0, gone: 0 },
      },
      before: { users: 3 },
    });
    const { comparison_id } = found;
    const changed = await client.offline.differences({ comparison_id, kind: 'changed' });
    expect(changed.items).toMatchObject([
      {
        layer: 'longterm',
        user_id: 'Bö',
        fields: [{ field: 'tags', before: '[]', after: '["moved"]' }, { field: 'updated_at' }],
      },
    ]);
    const page = await client.offline.differences({ comparison_id, layer: 'message', limit: 20 });
    const rest = await client.offline.differences({
      comparison_id,
      layer: 'message',
      limit: 20,
      cursor: page.next_cursor ?? '',
    });
    expect([page.items.length, rest.items.length, rest.next_cursor]).toEqual([20, 10, null]);
    const open = await stage.compared(await client.offline.compare({ before: after, after: { kind: 'open' } }));
    expect(open).toMatchObject({ state: 'succeeded', listed: 0, after_name: 'The source' });
  });
});
