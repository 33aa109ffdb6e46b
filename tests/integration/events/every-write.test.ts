/** Every write of the API is in the event log; a route that is added must be added here too. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRouterClient } from '@orpc/server';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type ArchonClient,
  contract,
  EVENT_PAYLOADS,
  type EventEnvelope,
  type EventType,
} from '../../../src-contract/index.ts';
import { router } from '../../../src-main/api/router.ts';
import { Engine } from '../../../src-main/engine.ts';
import { LOCAL_ORG_ID } from '../../../src-main/identity/scope.ts';
import { listRoutes } from '../../../src-main/server/route-table.ts';
import { defaultConfig } from '../../../src-main/settings/config-schema.ts';
import { copyTemplate } from '../../support/template-folder.ts';
import { silentLogger } from '../../support/test-databases.ts';

const scope = { org_id: LOCAL_ORG_ID, actor: 'operator' };

describe('every write', () => {
  const folder = mkdtempSync(join(tmpdir(), 'archon-every-write-'));
  copyTemplate(join(folder, 'data'));
  let engine: Engine;
  let client: ArchonClient;
  beforeAll(async () => {
    engine = new Engine({ config: defaultConfig(join(folder, 'data')), logger: silentLogger });
    await engine.start();
    const host = { kind: 'server', api: () => ({ url: null, problem: null }) } as const;
    const context = { services: engine.services, scope, logger: silentLogger, host, local: true, interactive: true };
    client = createRouterClient(router, { context });
  });
  afterAll(async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Types of the events that a write left, in order. Each fits its schema and says who did it. */
  const eventsOf = async (write: () => Promise<unknown>): Promise<EventType[]> => {
    await engine.flush();
    const { last_id } = await client.events.stats({});
    await write();
    await engine.flush();
    const left: EventEnvelope[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page = await client.events.list({ limit: 500, ...(cursor ? { cursor } : {}) });
      left.unshift(...page.items.filter(({ id }) => Number(id) > Number(last_id ?? 0)).reverse());
      cursor = page.next_cursor;
    }
    for (const { type, payload, actor } of left) {
      const schema = EVENT_PAYLOADS[type as EventType];
      expect(schema.strict().parse(payload), type).toEqual(payload);
      expect(actor, type).toBe('operator');
    }
    return left.map(({ type }) => type as EventType);
  };
  const content = { text: 'Ana sails on Sundays.' };
  const fact = (user_id = 'ana') => client.longterm.create({ user_id, memory_type: 'fact', content });
  const action = (user_id = 'ana') => client.working.create({ user_id, memory_type: 'action', content });
  const webhook = () => client.webhooks.create({ name: 'mine', url: 'https://example.com/', enabled: false });
  const talk = (session_id: string) =>
    client.sessions.create({ session_id, user_id: 'ana', messages: [{ role: 'user', content: 'Hello.' }] });

  const RULE = {
    name: 'Fuller than usual',
    conditions: [
      { signal: 'disk_percent' as const, operator: '>' as const, limit: { kind: 'number' as const, value: 70 } },
    ],
    severity: 'low' as const,
  };

  /** What each writing route leaves, or why it leaves nothing. */
  const WRITES: Record<string, (() => Promise<void>) | { nothing: string }> = {
    'sessions.create': async () => {
      expect(await eventsOf(() => talk('a'))).toEqual(['memory.session.created', 'memory.message.added']);
    },
    'sessions.append': async () => {
      await talk('b');
      const messages = [{ role: 'user' as const, content: 'More.' }];
      expect(await eventsOf(() => client.sessions.append({ session_id: 'b', messages }))).toEqual([
        'memory.message.added',
      ]);
    },
    'sessions.update': async () => {
      await talk('c');
      expect(await eventsOf(() => client.sessions.update({ session_id: 'c', title: 'Boats' }))).toEqual([
        'memory.session.updated',
      ]);
    },
    'sessions.delete': async () => {
      await talk('d');
      expect(await eventsOf(() => client.sessions.delete({ session_id: 'd' }))).toEqual(['memory.session.deleted']);
    },
    'working.create': async () => expect(await eventsOf(() => action())).toEqual(['memory.working.created']),
    'working.createBatch': async () => {
      const one = { user_id: 'ana', memory_type: 'action' as const, content };
      const types = await eventsOf(() => client.working.createBatch({ items: [one, one] }));
      expect(types).toEqual(['memory.working.created', 'memory.working.created']);
    },
    'working.update': async () => {
      const { id } = await action();
      expect(await eventsOf(() => client.working.update({ id, tags: ['x'] }))).toEqual(['memory.working.updated']);
    },
    'working.delete': async () => {
      const { id } = await action();
      expect(await eventsOf(() => client.working.delete({ id }))).toEqual(['memory.working.deleted']);
    },
    'longterm.create': async () => expect(await eventsOf(() => fact())).toEqual(['memory.longterm.created']),
    'longterm.createBatch': async () => {
      const one = { user_id: 'ana', memory_type: 'fact' as const, content };
      const types = await eventsOf(() => client.longterm.createBatch({ items: [one, one] }));
      expect(types).toEqual(['memory.longterm.created', 'memory.longterm.created']);
    },
    'longterm.update': async () => {
      const { id } = await fact();
      expect(await eventsOf(() => client.longterm.update({ id, pinned: true }))).toEqual(['memory.longterm.updated']);
    },
    'longterm.supersede': async () => {
      const { id } = await fact();
      const types = await eventsOf(() => client.longterm.supersede({ id, content: { text: 'On Mondays.' } }));
      expect(types.toSorted()).toEqual(['memory.longterm.created', 'memory.longterm.superseded']);
    },
    'longterm.delete': async () => {
      const { id } = await fact();
      expect(await eventsOf(() => client.longterm.delete({ id }))).toEqual(['memory.longterm.deleted']);
    },
    'memories.bulk': async () => {
      const ids = [(await fact()).id, (await action()).id];
      const deleted = await eventsOf(() => client.memories.bulk({ ids, action: { kind: 'delete' } }));
      expect(deleted.toSorted()).toEqual(['memory.longterm.deleted', 'memory.working.deleted']);
      const restored = await eventsOf(() => client.memories.bulk({ ids, action: { kind: 'restore' } }));
      expect(restored.toSorted()).toEqual(['memory.longterm.restored', 'memory.working.restored']);
    },
    'memories.link': async () => {
      const link = { from_id: (await fact()).id, to_id: (await fact()).id, relation: 'supports' as const };
      expect(await eventsOf(() => client.memories.link(link))).toEqual(['memory.link.created']);
      expect(await eventsOf(() => client.memories.link(link))).toEqual([]);
    },
    'memories.unlink': async () => {
      const link = { from_id: (await fact()).id, to_id: (await fact()).id, relation: 'supports' as const };
      await client.memories.link(link);
      expect(await eventsOf(() => client.memories.unlink(link))).toEqual(['memory.link.removed']);
    },
    'memories.erase': async () => {
      await client.sessions.create({ session_id: 'last', user_id: 'gone' });
      await fact('gone');
      const types = await eventsOf(() => client.memories.erase({ user_id: 'gone', confirm: 'gone' }));
      expect(types.toSorted()).toEqual(['memory.session.deleted', 'memory.user.erased']);
    },
    'context.assemble': async () => {
      const asked = { user_id: 'ana', query: 'When does Ana sail?' };
      expect(await eventsOf(() => client.context.assemble(asked))).toEqual(['memory.context.assembled']);
    },
    'controls.set': async () => {
      const off = { user_id: 'ana', controls: { layers: { working: false } } };
      expect(await eventsOf(() => client.controls.set(off))).toEqual(['settings.changed']);
      expect(await eventsOf(() => client.controls.set(off))).toEqual([]);
    },
    'transfer.import': async () => {
      const types = await eventsOf(() => importFile('talk.jsonl'));
      expect(new Set(types)).toEqual(new Set(['memory.session.created', 'memory.imported']));
    },
    'app.loadDemo': async () => {
      const types = await eventsOf(() => client.app.loadDemo({}));
      expect(new Set(types)).toEqual(
        new Set<EventType>([
          'memory.session.created',
          'memory.message.added',
          'memory.working.created',
          'memory.longterm.created',
          'memory.longterm.superseded',
          'memory.link.created',
        ]),
      );
    },
    'webhooks.create': async () => expect(await eventsOf(() => webhook())).toEqual(['settings.changed']),
    'webhooks.update': async () => {
      const { id } = await webhook();
      expect(await eventsOf(() => client.webhooks.update({ id, name: 'other' }))).toEqual(['settings.changed']);
    },
    'webhooks.rotateSecret': async () => {
      const { id } = await webhook();
      expect(await eventsOf(() => client.webhooks.rotateSecret({ id }))).toEqual(['settings.changed']);
    },
    'webhooks.remove': async () => {
      const { id } = await webhook();
      expect(await eventsOf(() => client.webhooks.remove({ id }))).toEqual(['settings.changed']);
    },
    'workers.runNow': { nothing: 'a run is told of when it begins' },
    'workers.pause': async () => {
      expect(await eventsOf(() => client.workers.pause({ worker: 'retention' }))).toEqual(['worker.state.changed']);
    },
    'workers.resume': async () => {
      await client.workers.pause({ worker: 'consolidation' });
      const types = await eventsOf(() => client.workers.resume({ worker: 'consolidation' }));
      expect(types).toEqual(['worker.state.changed']);
    },
    'workers.restart': { nothing: 'a run is told of when it begins' },
    'workers.cancel': { nothing: 'a run that had begun is told of when it ends' },
    'workers.setSchedule': async () => {
      const manual = { worker: 'cleanup', schedule: { kind: 'manual' as const } };
      expect(await eventsOf(() => client.workers.setSchedule(manual))).toEqual(['settings.changed']);
      expect(await eventsOf(() => client.workers.setSchedule(manual))).toEqual([]);
    },
    'resilience.isolate': async () => {
      const isolate = () => client.resilience.isolate({ breaker: 'llm', reason: 'too dear' });
      expect(await eventsOf(isolate)).toEqual(['system.breaker.changed']);
    },
    'resilience.release': async () => {
      await client.resilience.isolate({ breaker: 'smtp', reason: 'no mail today' });
      expect(await eventsOf(() => client.resilience.release({ breaker: 'smtp' }))).toEqual(['system.breaker.changed']);
    },
    'resilience.reset': { nothing: 'a breaker that was open is told of as it closes' },
    'resilience.probe': { nothing: 'a breaker that was open is told of as it closes' },
    'resilience.update': async () => {
      const change = { service: 'slack' as const, threshold: 7 };
      expect(await eventsOf(() => client.resilience.update(change))).toEqual(['settings.changed']);
      expect(await eventsOf(() => client.resilience.update(change))).toEqual([]);
    },
    'settings.set': async () => {
      const set = (value: number, threshold: number) =>
        client.settings.set({
          changes: [
            { key: 'memory.working_ttl_days', value },
            { key: 'workers.retention_schedule', value: `${value}h` },
            { key: 'resilience.webhook.threshold', value: threshold },
          ],
        });
      // Of the organisation, of the worker, and of this computer.
      const types = await eventsOf(() => set(20, 3));
      expect(types).toEqual(['settings.changed', 'settings.changed', 'settings.changed']);
      expect(await eventsOf(() => set(20, 3))).toEqual([]);
    },
    'settings.undo': async () => {
      await client.settings.set({ changes: [{ key: 'events.retry_attempts', value: 9 }] });
      const [entry] = (await client.settings.history({ scope: 'org', limit: 1 })).items;
      expect(await eventsOf(() => client.settings.undo({ id: entry?.id ?? '', scope: 'org' }))).toEqual([
        'settings.changed',
      ]);
    },
    'settings.import': async () => {
      const document = { format: 'archon-settings', version: 1, settings: { 'events.retry_attempts': 7 } };
      expect(await eventsOf(() => client.settings.import({ document }))).toEqual(['settings.changed']);
      expect(await eventsOf(() => client.settings.import({ document }))).toEqual([]);
    },
    'settings.test': { nothing: 'a request to a service' },
    'settings.restart': { nothing: 'the engine ends and begins as at any start' },
    'logs.setLevel': async () => {
      const change = { level: 'debug' as const, minutes: 1 };
      expect(await eventsOf(() => client.logs.setLevel(change))).toEqual(['settings.changed']);
      expect(await eventsOf(() => client.logs.setLevel(change))).toEqual([]);
    },
    'webhooks.test': { nothing: 'is in the log of its requests' },
    'deadLetters.replay': { nothing: 'is in the log of replays; told of when the subscriber has taken the event' },
    'deadLetters.replayMany': { nothing: 'is in the log of replays; told of likewise' },
    'deadLetters.cancelReplayRun': { nothing: 'is in the log of replays' },
    'deadLetters.discard': { nothing: 'tells of each letter (delivery.test.ts); there is none here' },
    'journal.retry': { nothing: 'a write of this node; what it does is told of' },
    'journal.discard': { nothing: 'a write of this node that never was in its store' },
    'search.query': { nothing: 'reads' },
    'transfer.preview': { nothing: 'reads' },
    'transfer.export': { nothing: 'reads; the job is in the history of this node' },
    'transfer.cancel': { nothing: 'a job of this node; what it did is told of' },
    'transfer.pause': { nothing: 'a job of this node; what it did is told of' },
    'transfer.resume': { nothing: 'goes on with an import; what it does is told of' },
    'transfer.forget': { nothing: 'a job of this node; no memory goes' },
    'transfer.beginUpload': { nothing: 'a file on its way to this node, no memory yet' },
    'transfer.sendChunk': { nothing: 'a file on its way to this node, no memory yet' },
    'offline.snapshot': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.openArchive': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.pause': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.resume': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.cancel': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.forget': { nothing: 'files and copies of this computer; the memory it is made of stays as it is' },
    'offline.compare': { nothing: 'reads; what it finds is of this node' },
    'offline.forgetComparison': { nothing: 'likewise' },
    'backups.create': { nothing: 'a file of this node' },
    'secrets.rotate': { nothing: 'the key is of this node, and the secrets stay what they are' },
    'doctor.fix': { nothing: 'files of this node; what else it does tells of itself' },
    'app.createToken': { nothing: 'tokens are of this node, not in the database' },
    'app.revokeToken': { nothing: 'tokens are of this node, not in the database' },
    'opsRules.create': async () => {
      expect(await eventsOf(() => client.opsRules.create(RULE))).toEqual(['settings.changed']);
    },
    'opsRules.update': async () => {
      const { id, revision } = await client.opsRules.create({ ...RULE, name: 'To be changed' });
      const draft = { ...RULE, name: 'Changed' };
      expect(await eventsOf(() => client.opsRules.update({ rule: id, revision, draft }))).toEqual(['settings.changed']);
    },
    'opsRules.remove': async () => {
      const { id, revision } = await client.opsRules.create({ ...RULE, name: 'To be removed' });
      expect(await eventsOf(() => client.opsRules.remove({ rule: id, revision }))).toEqual(['settings.changed']);
    },
    'ops.run': { nothing: 'reads; what it does is in the log of actions' },
    'ops.pause': { nothing: 'a note of the ops agent' },
    'ops.resume': { nothing: 'a note of the ops agent' },
    'opsAlerts.acknowledge': { nothing: 'is in the timeline of the alert' },
    'opsAlerts.unacknowledge': { nothing: 'is in the timeline of the alert' },
    'opsAlerts.note': { nothing: 'is in the timeline of the alert' },
    'opsAlerts.silence': { nothing: 'a note of the ops agent' },
    'opsAlerts.endSilence': { nothing: 'a note of the ops agent' },
    'opsRules.preview': { nothing: 'reads' },
    'opsActions.preview': { nothing: 'reads' },
    'opsActions.run': { nothing: 'is in the log of actions; what it does is told of' },
    'opsActions.approve': { nothing: 'is in the log of actions' },
    'opsActions.reject': { nothing: 'is in the log of actions' },
    'opsActions.apply': { nothing: 'is in the log of actions' },
    'opsActions.dismiss': { nothing: 'a note of the ops agent' },
    'opsChannels.create': { nothing: 'a note of the ops agent' },
    'opsChannels.update': { nothing: 'a note of the ops agent' },
    'opsChannels.remove': { nothing: 'a note of the ops agent' },
    'opsChannels.test': { nothing: 'is in the log of deliveries' },
    'opsReports.create': { nothing: 'a report of this installation' },
    'opsReports.remove': { nothing: 'a report of this installation' },
    'opsReports.send': { nothing: 'is in the log of deliveries' },
    'profiles.create': { nothing: 'profiles are of this computer, not in any database' },
    'profiles.update': { nothing: 'profiles are of this computer, not in any database' },
    'profiles.remove': { nothing: 'profiles are of this computer, not in any database' },
    'profiles.test': { nothing: 'only looks' },
    'profiles.activate': { nothing: 'which database is open is of this computer' },
  };

  const importFile = async (name: string) => {
    const path = join(folder, name);
    const messages = [
      { role: 'user', content: 'Remember that I sail.' },
      { role: 'assistant', content: 'I will.' },
    ];
    writeFileSync(path, `${JSON.stringify({ id: 'c94f0d27-81ae-4b35-b6d8-2f70e5a1934c', messages })}\n`);
    const job = await client.transfer.import({ source: { kind: 'file', path }, format: 'auto', user_id: 'dora' });
    await engine.services.transfer.finished(scope, job.job_id);
  };

  const writing = listRoutes(contract).filter(({ method }) => method !== 'GET');
  it.each(writing.map(({ name }) => name))('%s leaves its event', async (name) => {
    const write = WRITES[name];
    expect(write, `say in this test which events ${name} leaves, or why none`).toBeDefined();
    if (typeof write === 'function') await write();
  });
});
