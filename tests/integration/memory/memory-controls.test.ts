/** The memory controls on every database: set, inherited, honoured by contexts, known to other nodes. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DEFAULT_CONTROLS, type EventEnvelope } from '../../../src-contract/index.ts';
import { ArchonError } from '../../../src-main/errors.ts';
import { EventFeed } from '../../../src-main/events/event-feed.ts';
import type { Scope } from '../../../src-main/identity/scope.ts';
import { MemoryControlSettings } from '../../../src-main/memory/memory-controls.ts';
import { KnownRows } from '../../../src-main/settings/known-rows.ts';
import { type MemoryServices, memoryServices } from '../../support/memory-services.ts';
import { databaseKinds, silentLogger, type TestDatabase } from '../../support/test-databases.ts';

const ALL = { session: true, working: true, longterm: true };

describe.each(databaseKinds.filter(({ available }) => available))('memory controls on $name', (kind) => {
  let test: TestDatabase;
  let services: MemoryServices;
  let scope: Scope;
  beforeAll(async () => {
    test = await kind.open();
    services = memoryServices(test.database);
  });
  afterAll(async () => {
    await services?.close();
    await test?.remove();
  });
  beforeEach(async () => {
    scope = await test.newScope();
  });

  const set = (controls: Parameters<MemoryControlSettings['set']>[1]['controls'], user_id?: string) =>
    services.controls.set(scope, { controls, ...(user_id === undefined ? {} : { user_id }) });
  const changes = (): Promise<Pick<EventEnvelope, 'user_id' | 'payload'>[]> =>
    test.database.withScope(scope, (tx) =>
      tx.sql(`SELECT user_id, payload FROM archon_events WHERE type = 'settings.changed' ORDER BY id`),
    );

  it('are the built-in ones until somebody changes them', async () => {
    const nothing = { enabled: null, layers: { session: null, working: null, longterm: null }, max_tokens: null };
    const state = { overrides: nothing, inherited: DEFAULT_CONTROLS, effective: DEFAULT_CONTROLS };
    expect(await services.controls.get(scope, undefined)).toEqual({ user_id: null, ...state });
    expect(await services.controls.get(scope, 'ana')).toEqual({ user_id: 'ana', ...state });
  });

  it('of a user go before the default of all, switch by switch, and null goes back to it', async () => {
    expect(await set({ layers: { working: false }, max_tokens: 4000 })).toMatchObject({
      user_id: null,
      overrides: { enabled: null, layers: { session: null, working: false, longterm: null }, max_tokens: 4000 },
      inherited: DEFAULT_CONTROLS,
      effective: { enabled: true, layers: { ...ALL, working: false }, max_tokens: 4000 },
    });
    expect(await set({ layers: { working: true, session: false }, max_tokens: 9000 }, 'ana')).toMatchObject({
      overrides: { layers: { session: false, working: true, longterm: null }, max_tokens: 9000 },
      inherited: { layers: { ...ALL, working: false }, max_tokens: 4000 },
      effective: { layers: { ...ALL, session: false }, max_tokens: 9000 },
    });
    expect((await services.controls.get(scope, 'ben')).effective).toEqual({
      enabled: true,
      layers: { ...ALL, working: false },
      max_tokens: 4000,
    });
    const back = await set({ layers: { working: null, session: null }, max_tokens: null }, 'ana');
    expect(back.effective).toEqual(back.inherited);
    expect(back.overrides.max_tokens).toBeNull();
  });

  it('are told of when they change, with what changed, and only then', async () => {
    await set({ enabled: false, max_tokens: 3000 }, 'ana');
    await set({ enabled: false, max_tokens: 3000 }, 'ana');
    await set({}, 'ana');
    await set({ layers: { session: null } });
    await set({ max_tokens: null }, 'ana');
    await set({ layers: { longterm: true } });
    expect(await changes()).toEqual([
      { user_id: 'ana', payload: { keys: ['memory.enabled', 'memory.max_tokens'] } },
      { user_id: 'ana', payload: { keys: ['memory.max_tokens'] } },
      { user_id: null, payload: { keys: ['memory.layers.longterm'] } },
    ]);
  });

  it('may be set by many at once', async () => {
    const settings = Array.from({ length: 12 }, (_, index) =>
      set({ enabled: index % 2 === 0, layers: { session: index % 3 === 0, longterm: true }, max_tokens: 2000 + index }),
    );
    await Promise.all(settings);
    const { effective } = await services.controls.get(scope, undefined);
    expect(await services.controls.effective(scope, 'ana')).toEqual(effective);
  });

  describe('in contexts', () => {
    const assemble = (asked: { max_tokens?: number; layers?: typeof ALL } = {}) =>
      services.context.assemble(scope, { user_id: 'ana', session_id: 'talk', query: 'boat', layers: ALL, ...asked });
    beforeEach(async () => {
      const messages = [{ role: 'user' as const, content: 'Where is my boat?' }];
      await services.sessions.create(scope, { session_id: 'talk', user_id: 'ana', messages });
      const boat = { user_id: 'ana', content: { text: 'The boat lies in Ulm.' } };
      await services.longterm.create(scope, { ...boat, memory_type: 'fact' });
      await services.working.create(scope, { ...boat, content: { text: 'Painted the boat.' }, memory_type: 'action' });
      expect((await assemble()).memories).toHaveLength(2);
    });
    afterEach(() => services.sessions.delete(scope, { session_id: 'talk' }));

    it('switch memory off as a whole, at once, and on again', async () => {
      await set({ enabled: false }, 'ana');
      expect(await assemble()).toMatchObject({
        status: 'healthy',
        status_reason: 'Memory is switched off for this user by the memory controls.',
        messages: [],
        memories: [],
        memory_block: '',
        total_tokens: 0,
        sources: { session: { enabled: false }, working: { enabled: false }, longterm: { enabled: false } },
      });
      await set({ enabled: null }, 'ana');
      const context = await assemble();
      expect(context.memories).toHaveLength(2);
      expect(context.status_reason).toBeNull();
    });

    it('switch single layers off; what a request does not ask for stays out as well', async () => {
      await set({ layers: { longterm: false } });
      const context = await assemble();
      expect(context.memories.map(({ memory }) => memory.layer)).toEqual(['working']);
      expect(context.messages).toHaveLength(1);
      expect(context.status_reason).toBe('Switched off for this user by the memory controls: longterm.');
      const less = await assemble({ layers: { ...ALL, working: false } });
      expect(less.memories).toEqual([]);
      const asked = await assemble({ layers: { ...ALL, longterm: false } });
      expect(asked.status_reason).toBeNull();
    });

    it('bound the tokens: a request may ask for less, never for more', async () => {
      expect((await assemble()).max_tokens).toBe(8000);
      await set({ max_tokens: 3000 }, 'ana');
      expect((await assemble()).max_tokens).toBe(3000);
      expect((await assemble({ max_tokens: 2000 })).max_tokens).toBe(2000);
      expect((await assemble({ max_tokens: 16_000 })).max_tokens).toBe(3000);
      await set({ max_tokens: 16_000 }, 'ana');
      expect((await assemble({ max_tokens: 16_000 })).max_tokens).toBe(16_000);
    });
  });

  describe('as a node knows them', () => {
    /** A node that counts how often it asks the database, and may find it away. */
    const newNode = (known?: KnownRows) => {
      const node: { asked: number; away: boolean; after?: (() => Promise<void>) | undefined } = {
        asked: 0,
        away: false,
      };
      const database = {
        withScope: (async (of, work) => {
          node.asked += 1;
          if (node.away) throw new ArchonError('STORAGE_UNAVAILABLE', 'away');
          const answer = await test.database.withScope(of, work);
          await node.after?.();
          return answer;
        }) as TestDatabase['database']['withScope'],
      };
      const controls = new MemoryControlSettings({ database, clock: services.clock, ...(known ? { known } : {}) });
      return Object.assign(node, { controls });
    };

    it('survive a restart', async () => {
      await set({ enabled: false }, 'ana');
      expect(await newNode().controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
    });

    it('cost no question while they are fresh', async () => {
      const node = newNode();
      for (let n = 0; n < 5; n += 1) await node.controls.effective(scope, 'ana');
      expect(node.asked).toBe(1);
      services.clock.advance({ minutes: 1 });
      await node.controls.effective(scope, 'ana');
      expect(node.asked).toBe(2);
    });

    it('hold as last known while the database is away', async () => {
      const node = newNode();
      await node.controls.set(scope, { user_id: 'ana', controls: { enabled: false } });
      await node.controls.effective(scope, 'ana');
      node.away = true;
      services.clock.advance({ minutes: 60 });
      expect(await node.controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
      // Asked once, not with every context: each question of a database that is away may take seconds.
      const { asked } = node;
      await node.controls.effective(scope, 'ana');
      expect(node.asked).toBe(asked);
      expect(await node.controls.effective(scope, 'never seen')).toEqual(DEFAULT_CONTROLS);
    });

    it('hold after a restart that finds the database away, for the user and by default', async () => {
      const kept = new Map<string, string>();
      const known = () =>
        new KnownRows({
          kept_as: 'memory_controls',
          history: {
            getSetting: (key) => kept.get(key),
            writeSetting: async (key, value) => void kept.set(key, value),
          },
          logger: silentLogger,
        });
      const before = newNode(known());
      await before.controls.set(scope, { user_id: 'ana', controls: { enabled: false } });
      // Changed by another node, and read by this one once it was told of.
      await set({ enabled: true, layers: { longterm: false } }, 'ben');
      await before.controls.refresh(scope);
      await before.controls.set(scope, { controls: { layers: { session: false } } });

      const after = newNode(known());
      after.away = true;
      expect(await after.controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
      expect(await after.controls.effective(scope, 'ben')).toMatchObject({
        enabled: true,
        layers: { session: false, working: true, longterm: false },
      });
      expect(await after.controls.effective(scope, 'never seen')).toMatchObject({ layers: { ...ALL, session: false } });
      const stranger = await test.newScope();
      expect(await after.controls.effective(stranger, 'ana')).toEqual(DEFAULT_CONTROLS);

      // Nothing is kept of a user who was erased.
      before.controls.forget(scope, 'ana');
      await before.controls.set(scope, { controls: { max_tokens: 3000 } });
      expect([...kept.values()].join()).not.toContain('ana');
    });

    const keeping = () => {
      const kept = new Map<string, string>();
      const history = {
        getSetting: (key: string) => kept.get(key),
        writeSetting: async (key: string, value: string) => void kept.set(key, value),
      };
      return new KnownRows({ kept_as: 'memory_controls', history, logger: silentLogger });
    };

    it('hold as they were last changed, not as they were last used, when the database goes away', async () => {
      const node = newNode(keeping());
      expect(await node.controls.effective(scope, 'ana')).toEqual(DEFAULT_CONTROLS);
      await node.controls.set(scope, { user_id: 'ana', controls: { enabled: false } });
      node.away = true;
      expect(await node.controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
    });

    it('hold as another node changed them, for a user and for everybody, when the database goes away', async () => {
      const node = newNode(keeping());
      for (const user_id of ['ana', 'ben']) await node.controls.effective(scope, user_id);
      await set({ enabled: false }, 'ana');
      await set({ layers: { session: false } });
      // What a hint makes a node do.
      node.controls.askAgain(scope.org_id);
      await node.controls.refresh(scope);
      node.away = true;
      expect(await node.controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
      expect(await node.controls.effective(scope, 'ben')).toMatchObject({ layers: { ...ALL, session: false } });
    });

    it('are not kept as a slow read found them before a change', async () => {
      const known = keeping();
      const node = newNode(known);
      const hold = () => {
        const [read, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        node.after = async () => {
          node.after = undefined;
          read.resolve();
          await goOn.promise;
        };
        return { read: read.promise, goOn: goOn.resolve };
      };
      const slow = hold();
      const getting = node.controls.get(scope, 'ana');
      await slow.read;
      await node.controls.set(scope, { user_id: 'ana', controls: { enabled: false } });
      slow.goOn();
      await getting;
      const off = [{ user_id: 'ana', key: 'memory.enabled', value: false }];
      expect(known.rows(scope.org_id)).toEqual(off);

      const slower = hold();
      const refreshing = node.controls.refresh(scope);
      await slower.read;
      await node.controls.set(scope, { user_id: 'ben', controls: { enabled: false } });
      slower.goOn();
      await refreshing;
      expect(known.rows(scope.org_id)).toEqual([...off, { user_id: 'ben', key: 'memory.enabled', value: false }]);
    });

    it('change on every node as soon as the change is told of', async () => {
      const other = newNode();
      const feed = new EventFeed({ database: test.database, logger: silentLogger, shared: true });
      const heard = Promise.withResolvers<void>();
      feed.onSettingsChanged((org_id) => {
        other.controls.askAgain(org_id);
        // The first says that listening has begun.
        heard.resolve();
      });
      feed.start();
      await heard.promise;
      expect(await other.controls.effective(scope, 'ana')).toEqual(DEFAULT_CONTROLS);
      await set({ enabled: false }, 'ana');
      await expect.poll(() => other.controls.effective(scope, 'ana')).toMatchObject({ enabled: false });
      await set({ enabled: null }, 'ana');
      await set({ max_tokens: 5000 });
      await expect
        .poll(() => other.controls.effective(scope, 'ana'))
        .toMatchObject({ enabled: true, max_tokens: 5000 });
      await feed.stop();
    });
  });

  it('belong to one organisation', async () => {
    await set({ enabled: false });
    await set({ enabled: false }, 'ana');
    const other = await test.newScope();
    expect((await services.controls.get(other, 'ana')).effective).toEqual(DEFAULT_CONTROLS);
    const seen = await test.database.withScope(other, (tx) => tx.sql('SELECT * FROM archon_settings'));
    expect(seen).toEqual([]);
  });

  it('go with the user who is erased; the default stays', async () => {
    await set({ max_tokens: 6000 });
    await set({ enabled: false }, 'ana');
    await services.memories.erase(scope, { user_id: 'ana', confirm: 'ana' });
    services.controls.forget(scope, 'ana');
    expect(await services.controls.effective(scope, 'ana')).toEqual({ ...DEFAULT_CONTROLS, max_tokens: 6000 });
    const rows = await test.database.withScope(scope, (tx) => tx.sql('SELECT user_id FROM archon_settings'));
    expect(rows).toEqual([{ user_id: '' }]);
  });
});
