import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { isQueued } from '../../../src-contract/index.ts';
import { journalMigrationsFolder } from '../../app-files.ts';
import { ArchonError, notFound } from '../../errors.ts';
import type { Made } from '../../memory/made.ts';
import { JournalDrain, type JournalEvents } from './journal-drain.ts';
import type { Writers } from './journaled-writes.ts';
import { QueuedWrites } from './queued-writes.ts';
import { JournalFullError, WriteJournal } from './write-journal.ts';

const SCOPE = { org_id: '018f0000-0000-7000-8000-000000000001', actor: 'ada' };
const OTHER = { org_id: '018f0000-0000-7000-8000-000000000002', actor: 'bea' };
/** A bound for the slowest machine, never a measure. */
const PATIENCE = { interval: 2, timeout: 30_000 };
const logger = pino({ level: 'silent' });
const clock = { now: () => Date.parse('2026-11-30T10:00:00Z') };

/** A store that keeps memories by id, in the order in which they were written first, and can be away. */
class FakeStore {
  isAway = false;
  /** It does what it is asked, and then its answer is lost. */
  losesAnswers = false;
  /** The next write takes until then. */
  holdsNext: Promise<void> | undefined;
  /** What a write with this text fails with. */
  failsWith: ((text: string) => Error | undefined) | undefined;
  readonly rows = new Map<string, string>();

  readonly writers = {
    working: {
      create: async (_scope: unknown, input: { content: { text: string } }, made?: Made) => {
        await this.#reach(input.content.text);
        const id = made?.ids[0] ?? '';
        if (!this.rows.has(id)) this.rows.set(id, input.content.text);
        else if (!made?.again) throw new Error(`${id} was made twice`);
        this.#answer();
        return { id };
      },
      update: async (_scope: unknown, input: { id: string; content: { text: string } }) => {
        await this.#reach(input.content.text);
        if (!this.rows.has(input.id)) throw notFound('working memory', input.id);
        this.rows.set(input.id, input.content.text);
        this.#answer();
        return { id: input.id };
      },
      delete: async (_scope: unknown, { id }: { id: string }) => {
        await this.#reach();
        if (!this.rows.delete(id)) throw notFound('working memory', id);
        this.#answer();
        return { id };
      },
    },
  } as unknown as Writers;

  async ping(): Promise<void> {
    if (this.isAway) throw away();
  }

  async #reach(text = ''): Promise<void> {
    // Time in which others may come first.
    await new Promise((resolve) => setImmediate(resolve));
    if (this.isAway) throw away();
    const held = this.holdsNext;
    this.holdsNext = undefined;
    await held;
    const failure = this.failsWith?.(text);
    if (failure) throw failure;
  }

  #answer(): void {
    if (this.losesAnswers) throw away();
  }
}

const away = () => new ArchonError('STORAGE_UNAVAILABLE', 'The database is away.');

class World {
  readonly folder = mkdtempSync(join(tmpdir(), 'archon-journal-'));
  readonly store = new FakeStore();
  readonly told: string[] = [];
  journal!: WriteJournal;
  drain!: JournalDrain;
  writes!: QueuedWrites;
  readonly #max_bytes: number;

  constructor(max_bytes = 1_000_000) {
    this.#max_bytes = max_bytes;
    this.open();
  }

  open(): void {
    this.journal = new WriteJournal(join(this.folder, 'journal.db'), journalMigrationsFolder, {
      max_bytes: () => this.#max_bytes,
    });
    const events: JournalEvents = {
      drained: (_org, store, count) => this.told.push(`drained ${store} ${count}`),
      refused: ({ operation }, { code }) => this.told.push(`refused ${operation} ${code}`),
    };
    const { journal, store } = this;
    this.drain = new JournalDrain({
      store: 'database',
      journal,
      writers: store.writers,
      ping: () => store.ping(),
      events,
      clock,
      logger,
      tuning: { retry: [1, 5], look: 1000 },
    });
    this.writes = new QueuedWrites({ journal, writers: store.writers, drains: { database: this.drain }, clock });
    this.drain.start();
  }

  /** As a process that ends: what was on its way is done, nothing else is. */
  async crash(): Promise<void> {
    await this.drain.stop();
    this.journal.close();
    this.open();
  }

  async drained(): Promise<void> {
    await expect
      .poll(() => this.journal.waiting('database') === 0 && this.drain.away === undefined, PATIENCE)
      .toBe(true);
  }

  async remove(): Promise<void> {
    await this.drain.stop();
    this.journal.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  note(text: string, user_id = 'ada', idempotency_key?: string) {
    return this.writes.perform(SCOPE, 'working.create', {
      user_id,
      memory_type: 'conversation',
      content: { text },
      ...(idempotency_key === undefined ? {} : { idempotency_key }),
    });
  }

  edit(id: string, text: string) {
    return this.writes.perform(SCOPE, 'working.update', { id, content: { text } });
  }
}

describe('writes while their store is away', () => {
  const worlds: World[] = [];
  const world = (max_bytes?: number) => {
    const made = new World(max_bytes);
    worlds.push(made);
    return made;
  };
  afterEach(async () => {
    for (const made of worlds.splice(0)) await made.remove();
  });

  it('are done at once while it is there', async () => {
    const w = world();
    const answer = await w.note('hello');
    expect(isQueued(answer)).toBe(false);
    expect([...w.store.rows.values()]).toEqual(['hello']);
    expect(w.journal.waiting('database')).toBe(0);
  });

  it('are queued with the id they will have, and are in it in order when it is back', async () => {
    const w = world();
    w.store.isAway = true;
    const first = await w.note('one');
    expect(first).toMatchObject({ status: 'queued', store: 'database', queued_at: '2026-11-30T10:00:00.000Z' });
    const id = isQueued(first) ? first.id : '';
    expect(await w.edit(id, 'one, better')).toMatchObject({ status: 'queued', id });
    await w.note('two');
    expect(w.writes.status(SCOPE)).toMatchObject({ database: { waiting: 3, error: 'The database is away.' } });
    expect(w.writes.status(OTHER)).toMatchObject({ database: { waiting: 0 } });
    w.store.isAway = false;
    await w.drained();
    expect([...w.store.rows]).toEqual([
      [id, 'one, better'],
      [expect.any(String), 'two'],
    ]);
    expect(w.told).toEqual(['drained database 3']);
  });

  it('are brought those of one user in order, those of others at once, and one that is slow holds up no other user', async () => {
    const w = world();
    w.store.isAway = true;
    for (const text of ['held', 'after it']) await w.note(text, 'ada');
    for (const text of ['one', 'two']) await w.note(text, 'ben');
    await w.note('three', 'cleo');
    const free = Promise.withResolvers<void>();
    w.store.holdsNext = free.promise;
    w.store.isAway = false;
    await expect.poll(() => [...w.store.rows.values()], PATIENCE).toEqual(['one', 'three']);
    free.resolve();
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['one', 'three', 'held', 'after it', 'two']);
    expect(w.writes.status(SCOPE).refused).toBe(0);
  });

  it('are brought one after the other where they do not say whose they are', async () => {
    const w = world();
    w.store.isAway = true;
    const first = await w.note('first', 'ada');
    await w.edit(isQueued(first) ? first.id : '', 'changed');
    await w.note('after the change', 'ben');
    const free = Promise.withResolvers<void>();
    w.store.holdsNext = free.promise;
    w.store.isAway = false;
    await expect.poll(() => w.store.holdsNext === undefined, PATIENCE).toBe(true);
    expect(w.store.rows.size).toBe(0);
    free.resolve();
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['changed', 'after the change']);
  });

  it('are refused at once when no store would take them', async () => {
    const w = world();
    w.store.isAway = true;
    const first = await w.note('one');
    const id = isQueued(first) ? first.id : '';
    const toItself = w.writes.perform(SCOPE, 'memories.link', { from_id: id, to_id: id, relation: 'supports' });
    await expect(toItself).rejects.toMatchObject({ code: 'VALIDATION_FAILED' });
    expect(w.journal.waiting('database')).toBe(1);
  });

  it('survive the end of the process', async () => {
    const w = world();
    w.store.isAway = true;
    await w.note('kept');
    await w.crash();
    w.store.isAway = false;
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['kept']);
  });

  it('make one memory when the answer of the first attempt was lost', async () => {
    const w = world();
    w.store.losesAnswers = true;
    expect(await w.note('once')).toMatchObject({ status: 'queued' });
    w.store.losesAnswers = false;
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['once']);
  });

  it('are one write when they are repeated with their key, and another request with it is refused', async () => {
    const w = world();
    w.store.isAway = true;
    const first = await w.note('keyed', 'ada', 'k1');
    expect(await w.note('keyed', 'ada', 'k1')).toEqual(first);
    await expect(w.note('other', 'ada', 'k1')).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' });
    expect(w.journal.waiting('database')).toBe(1);
  });

  it('wait behind one that is on its way to its store, when they are about the same memory', async () => {
    const w = world();
    const { id } = (await w.note('first')) as { id: string };
    w.store.isAway = true;
    await w.edit(id, 'second');
    const { promise, resolve } = Promise.withResolvers<void>();
    w.store.holdsNext = promise;
    w.store.isAway = false;
    await expect.poll(() => w.store.holdsNext === undefined, PATIENCE).toBe(true);
    const [edit, other] = await Promise.all([w.edit(id, 'third'), w.note('of another memory', 'bea')]);
    expect(isQueued(edit)).toBe(true);
    expect(isQueued(other)).toBe(false);
    resolve();
    await w.drained();
    expect(w.store.rows.get(id)).toBe('third');
  });

  it('that the store refuses are kept aside, can be queued again, and hold up nothing', async () => {
    const w = world();
    w.store.isAway = true;
    await w.edit('018f0000-0000-7000-8000-0000000000aa', 'of a memory that is gone');
    await w.note('behind it');
    w.store.isAway = false;
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['behind it']);
    expect(w.told).toContain('refused working.update NOT_FOUND');
    const { items } = w.writes.refused(SCOPE, { limit: 10 });
    expect(items).toMatchObject([
      {
        operation: 'working.update',
        error: { code: 'NOT_FOUND' },
        input: { content: { text: 'of a memory that is gone' } },
      },
    ]);
    expect(w.writes.refused(OTHER, { limit: 10 }).items).toEqual([]);
    const id = items[0]?.id ?? '';
    expect(() => w.writes.discard(OTHER, id)).toThrow(/no refused write/);
    w.store.rows.set('018f0000-0000-7000-8000-0000000000aa', 'back');
    w.writes.retry(SCOPE, id);
    await w.drained();
    expect(w.store.rows.get('018f0000-0000-7000-8000-0000000000aa')).toBe('of a memory that is gone');
    expect(w.writes.status(SCOPE).refused).toBe(0);
  });

  it('are refused in words when the journal is full, and what is in it stays', async () => {
    const w = world(1500);
    w.store.isAway = true;
    await w.note('x'.repeat(100));
    await expect(w.note('y'.repeat(600))).rejects.toBeInstanceOf(JournalFullError);
    w.store.isAway = false;
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['x'.repeat(100)]);
  });

  it('of a user are brought before the user is erased, and those that were refused are gone', async () => {
    const w = world();
    w.store.isAway = true;
    await w.edit('018f0000-0000-7000-8000-0000000000bb', 'words of nobody knows whom');
    w.store.isAway = false;
    await w.drained();
    w.store.isAway = true;
    await w.note('of ada', 'ada');
    await w.note('of bea', 'bea');
    const erase = async () => {
      for (const [id, text] of w.store.rows) if (text === 'of ada') w.store.rows.delete(id);
    };
    await expect(w.writes.erasing(SCOPE, 'ada', erase)).rejects.toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(w.journal.waiting('database')).toBe(2);
    w.store.isAway = false;
    const typo = async () => {
      throw new ArchonError('VALIDATION_FAILED', 'confirm must repeat the user id');
    };
    await expect(w.writes.erasing(SCOPE, 'ada', typo)).rejects.toThrow('confirm');
    expect([...w.store.rows.values()]).toEqual(['of ada', 'of bea']);
    expect(w.writes.status(SCOPE).refused).toBe(1);
    await w.writes.erasing(SCOPE, 'ada', erase);
    expect([...w.store.rows.values()]).toEqual(['of bea']);
    expect(w.writes.status(SCOPE).refused).toBe(0);
  });

  it('wait while the store takes none though it answers, and one that fails by itself holds up no other', async () => {
    const w = world();
    w.store.isAway = true;
    await w.note('first');
    const { id } = (await w.note('second')) as { id: string };
    await w.edit(id, 'third');
    w.store.failsWith = () => new ArchonError('STORAGE_FULL', 'The disk of the database is full.');
    w.store.isAway = false;
    await expect.poll(() => w.drain.away?.error, PATIENCE).toBe('The disk of the database is full.');
    expect(w.writes.status(SCOPE)).toMatchObject({ database: { waiting: 3 }, refused: 0 });
    const deadlock = Object.assign(new Error('deadlock detected'), { code: '40P01' });
    w.store.failsWith = (text) =>
      text === 'second' ? new ArchonError('STORAGE_UNAVAILABLE', 'busy', { cause: deadlock }) : undefined;
    await expect.poll(() => w.journal.waiting('database'), PATIENCE).toBe(2);
    expect([...w.store.rows.values()]).toEqual(['first']);
    w.store.failsWith = undefined;
    await w.drained();
    expect([...w.store.rows.values()]).toEqual(['first', 'third']);
  });

  it('with one key at once are one write', async () => {
    const w = world();
    const { promise, resolve } = Promise.withResolvers<void>();
    w.store.losesAnswers = true;
    w.store.holdsNext = promise;
    const answers = Promise.all([w.note('keyed', 'ada', 'k'), w.note('keyed', 'ada', 'k')]);
    resolve();
    const [first, second] = await answers;
    expect(second).toEqual(first);
    w.store.losesAnswers = false;
    await w.drained();
    expect(w.writes.status(SCOPE).refused).toBe(0);
  });

  it('stay refused when they cannot be queued again', async () => {
    const w = world(2500);
    w.store.isAway = true;
    await w.edit('018f0000-0000-7000-8000-0000000000cc', 'x'.repeat(1000));
    w.store.isAway = false;
    await w.drained();
    w.store.isAway = true;
    await w.note('y'.repeat(1000));
    const [refused] = w.writes.refused(SCOPE, { limit: 10 }).items;
    expect(() => w.writes.retry(SCOPE, refused?.id ?? '')).toThrow(JournalFullError);
    expect(w.writes.refused(SCOPE, { limit: 10 }).items).toHaveLength(1);
  });

  it('never lose what was answered for, nor make it twice, nor change its order, whatever happens', async () => {
    const step = fc.oneof(
      { weight: 6, arbitrary: fc.record({ do: fc.constant('create' as const), user: fc.nat(2) }) },
      { weight: 4, arbitrary: fc.record({ do: fc.constant('edit' as const), which: fc.nat(30) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('delete' as const), which: fc.nat(30) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('away', 'back', 'lossy', 'crash', 'settle') }) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const w = new World();
        const expected = new Map<string, string>();
        const ids: string[] = [];
        let count = 0;
        for (const one of steps) {
          count += 1;
          const text = `text ${count}`;
          if (one.do === 'create' && 'user' in one) {
            const answer = await w.note(text, `user ${one.user}`);
            const { id } = answer as { id: string };
            ids.push(id);
            expected.set(id, text);
          } else if ('which' in one) {
            const id = ids[one.which % Math.max(1, ids.length)];
            if (id === undefined || !expected.has(id)) continue;
            if (one.do === 'edit') {
              await w.edit(id, text);
              expected.set(id, text);
            } else {
              await w.writes.perform(SCOPE, 'working.delete', { id });
              expected.delete(id);
            }
          } else if (one.do === 'away') w.store.isAway = true;
          else if (one.do === 'back') {
            w.store.isAway = false;
            w.store.losesAnswers = false;
          } else if (one.do === 'lossy') w.store.losesAnswers = true;
          else if (one.do === 'crash') await w.crash();
          else await new Promise((resolve) => setTimeout(resolve, 3));
        }
        w.store.isAway = false;
        w.store.losesAnswers = false;
        await w.drained();
        expect(new Map([...w.store.rows].sort())).toEqual(new Map([...expected].sort()));
        expect(w.writes.status(SCOPE).refused).toBe(0);
        await w.remove();
      }),
      { numRuns: 60 },
    );
  }, 60_000);
});
