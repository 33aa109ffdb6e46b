/** What happens to sessions, in the event log: of calls one by one, of imports by the session. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventEnvelope } from '../../../src-contract/index.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'agent' };
const said = (message_id: string) => ({ message_id, role: 'user' as const, content: `I say ${message_id}.` });

describe('events of sessions', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-session-events-'));
  copyTemplate(join(folder, 'data'));
  let engine: Engine;
  const start = async () => {
    engine = new Engine({ config: defaultConfig(join(folder, 'data')), logger: silentLogger });
    await engine.start();
  };
  beforeAll(start);
  afterAll(async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Events of a user, oldest first, without what the log adds. */
  const eventsOf = async (user_id: string): Promise<Pick<EventEnvelope, 'type' | 'payload'>[]> => {
    await engine.flush();
    return await engine.database.withScope(scope, (tx) =>
      tx.sql(`SELECT type, payload FROM archon_events WHERE user_id = $1 ORDER BY id`, [user_id]),
    );
  };

  it('tell of begin, messages, change and end', async () => {
    const { sessions } = engine.services;
    const session_id = 'talk';
    await sessions.create(scope, { session_id, user_id: 'ana', messages: [said('m1'), said('m2')] });
    await sessions.append(scope, { session_id, messages: [said('m3')] });
    await engine.flush();
    await sessions.append(scope, { session_id, messages: [said('m3')] });
    await sessions.update(scope, { session_id, title: 'Boats' });
    await sessions.delete(scope, { session_id });
    await expect(sessions.delete(scope, { session_id })).rejects.toThrow(/no session/);
    expect(await eventsOf('ana')).toEqual([
      { type: 'memory.session.created', payload: { session_id } },
      { type: 'memory.message.added', payload: { session_id, message_ids: ['m1', 'm2'] } },
      { type: 'memory.message.added', payload: { session_id, message_ids: ['m3'] } },
      { type: 'memory.session.updated', payload: { session_id } },
      { type: 'memory.session.deleted', payload: { session_id } },
    ]);
  });

  it('tell of a session that an append begins, once', async () => {
    const append = { session_id: 'begun', user_id: 'ben' };
    await engine.services.sessions.append(scope, { ...append, messages: [said('m1')] });
    await engine.services.sessions.append(scope, { ...append, messages: [said('m2')] });
    const types = (await eventsOf('ben')).map(({ type }) => type);
    expect(types.filter((type) => type === 'memory.session.created')).toHaveLength(1);
  });

  it('reach a reader of the feed by themselves, with who did it', async () => {
    const events = await engine.services.events.open(scope, { user_id: 'cleo' });
    await engine.services.sessions.create(scope, { session_id: 'live', user_id: 'cleo' });
    const { value } = await events.next();
    expect(value).toMatchObject({ type: 'memory.session.created', actor: 'agent', payload: { session_id: 'live' } });
    await events.return();
  });

  it('tell of imported sessions, not of every message in them', async () => {
    const ids = ['5e1c8a52-3b7d-4f60-9a2e-7d41c0b96f13', 'c94f0d27-81ae-4b35-b6d8-2f70e5a1934c'];
    const messages = Array.from({ length: 450 }, (_, n) => ({ role: 'user', content: `Message ${n}` }));
    const path = join(folder, 'talks.jsonl');
    writeFileSync(path, ids.map((id) => `${JSON.stringify({ id, messages })}\n`).join(''));
    const { transfer } = engine.services;
    const job = await transfer.startImport(scope, { source: { kind: 'file', path }, format: 'auto', user_id: 'dora' });
    expect(await transfer.finished(scope, job.job_id)).toMatchObject({ state: 'succeeded', added: { messages: 900 } });
    const events = await eventsOf('dora');
    expect(events.filter(({ type }) => type === 'memory.session.created').map(({ payload }) => payload)).toEqual(
      ids.map((session_id) => ({ session_id })),
    );
    expect(events.filter(({ type }) => type === 'memory.message.added')).toEqual([]);
    expect(events.length).toBeLessThan(20);
  });

  it('are written before the engine stops', async () => {
    await engine.services.sessions.create(scope, { session_id: 'last words', user_id: 'emil' });
    await engine.stop();
    await start();
    expect(await eventsOf('emil')).toEqual([{ type: 'memory.session.created', payload: { session_id: 'last words' } }]);
  });
});
