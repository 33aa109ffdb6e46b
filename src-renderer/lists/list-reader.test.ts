import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { itemsOf } from './list-model.ts';
import { type InUse, type ListAnswer, ListReader } from './list-reader.ts';

interface Item {
  id: string;
  score: number;
  version: number;
}

/** As on the server: the highest score first, the highest id first among equals. */
const order = (a: Item, b: Item): number => b.score - a.score || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** A request that looks at the data at one moment and answers at a later one; a test says when. */
interface Call {
  look: () => unknown;
  seen: unknown;
  phase: 'asked' | 'seen';
  resolve(answer: unknown): void;
  reject(error: Error): void;
}

/** A server whose scores fade, whose answers take as long as they take, and a reader of it; nothing happens by itself. */
class World {
  readonly #rows = new Map<string, { base: number; matches: boolean; version: number }>();
  readonly #page: number;
  #now = 0;
  #version = 0;
  inUse: InUse = { rows: 0, isScrolled: false };
  readonly calls: Call[] = [];
  readonly asked: string[] = [];
  readonly timers: (() => void)[] = [];
  readonly events: string[] = [];
  readonly reader: ListReader<Item>;

  constructor(page: number) {
    this.#page = page;
    this.reader = new ListReader<Item>(
      {
        order,
        page: ({ cursor }) => this.#call('page', () => this.#answer(cursor)),
        some: (ids, at) =>
          this.#call(`some ${ids.length}`, () => this.list(Number(at)).filter(({ id }) => ids.includes(id))),
        isTransient: () => true,
        later: (work) => {
          this.timers.push(work);
          return () => {
            const index = this.timers.indexOf(work);
            if (index >= 0) this.timers.splice(index, 1);
          };
        },
        now_ms: () => 0,
      },
      undefined,
    );
    this.reader.inUse = () => this.inUse;
  }

  write(id: string, base: number, matches: boolean): void {
    this.#version += 1;
    this.#rows.set(id, { base, matches, version: this.#version });
    this.events.push(id);
  }

  /** Scores fade alike, and what fades too far is not in the list. */
  list(at: number): Item[] {
    return [...this.#rows]
      .filter(([, row]) => row.matches && row.base - at > 0)
      .map(([id, { base, version }]) => ({ id, score: base - at, version }))
      .sort(order);
  }

  fade(): void {
    this.#now += 1;
  }

  tell(): void {
    const id = this.events.shift();
    if (id !== undefined) this.reader.noteChanged([id]);
  }

  /** The stream broke: what it would have told is lost, and it says so. */
  gap(): void {
    this.events.length = 0;
    this.reader.readAnew();
  }

  async proceed(index: number): Promise<void> {
    const call = this.calls[index % Math.max(1, this.calls.length)];
    if (call?.phase === 'asked') {
      call.seen = call.look();
      call.phase = 'seen';
    } else if (call !== undefined) this.#end(call).resolve(call.seen);
    await settled();
  }

  async fail(index: number): Promise<void> {
    const call = this.calls[index % Math.max(1, this.calls.length)];
    if (call !== undefined) this.#end(call).reject(new Error('the connection broke'));
    await settled();
  }

  async fire(index: number): Promise<void> {
    this.timers.splice(index % Math.max(1, this.timers.length), 1)[0]?.();
    await settled();
  }

  /** Until nobody writes, asks or waits any more. */
  async quiet(): Promise<void> {
    while (this.events.length > 0 || this.calls.length > 0 || this.timers.length > 0) {
      this.tell();
      await this.proceed(0);
      await this.fire(0);
    }
  }

  get shown(): Item[] {
    return itemsOf(this.reader.state().model);
  }

  /** What the server would answer for what has been read. */
  get expected(): Item[] {
    const { model, scored_at } = this.reader.state();
    const all = this.list(Number(scored_at));
    const end = model.pages.at(-1)?.end;
    return end === undefined ? all : all.filter((item) => order(item, end) <= 0);
  }

  #answer(cursor: string | undefined): ListAnswer<Item> {
    const after: { at: number; item: Item } | undefined = cursor === undefined ? undefined : JSON.parse(cursor);
    const at = after?.at ?? this.#now;
    const rest = this.list(at).filter((item) => after === undefined || order(item, after.item) > 0);
    const items = rest.slice(0, this.#page);
    const next_cursor = rest.length > items.length ? JSON.stringify({ at, item: items.at(-1) }) : null;
    return { items, next_cursor, scored_at: String(at) };
  }

  #call<T>(name: string, look: () => T): Promise<T> {
    this.asked.push(name);
    return new Promise((resolve, reject) => {
      this.calls.push({
        look,
        seen: undefined,
        phase: 'asked',
        resolve: resolve as (answer: unknown) => void,
        reject,
      });
    });
  }

  #end(call: Call): Call {
    this.calls.splice(this.calls.indexOf(call), 1);
    return call;
  }
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

const numbered = (count: number) => Array.from({ length: count }, (_, index) => `m${String(index).padStart(4, '0')}`);

/** A world whose list has been read up to so many pages. */
async function read(count: number, page: number, pages: number): Promise<World> {
  const world = new World(page);
  for (const [index, id] of numbered(count).entries()) world.write(id, 10_000 - index, true);
  world.events.length = 0;
  world.reader.start(true);
  await world.quiet();
  for (let more = 1; more < pages; more += 1) {
    world.reader.readMore();
    await world.quiet();
  }
  return world;
}

describe('a list that is read while others write', () => {
  it('comes to what the server has, whatever happens in whichever order', async () => {
    const id = fc.integer({ min: 0, max: 14 }).map((index) => `m${index}`);
    const written = fc.tuple(id, fc.integer({ min: 1, max: 12 }), fc.boolean());
    const at = <T extends string>(name: T) => fc.tuple(fc.constant(name), fc.nat(5));
    const plain = (name: 'tell' | 'more' | 'gap' | 'fade') => fc.constant([name] as const);
    const step = fc.oneof(
      { weight: 6, arbitrary: written.map((row) => ['write', ...row] as const) },
      { weight: 6, arbitrary: plain('tell') },
      { weight: 10, arbitrary: at('proceed') },
      { weight: 5, arbitrary: at('fire') },
      { weight: 3, arbitrary: plain('more') },
      { weight: 1, arbitrary: plain('gap') },
      { weight: 1, arbitrary: plain('fade') },
      { weight: 1, arbitrary: at('fail') },
      { weight: 1, arbitrary: fc.tuple(fc.constant('look' as const), fc.nat(12), fc.boolean()) },
    );
    const before = fc.array(written, { minLength: 8, maxLength: 20, size: 'max' });
    const steps = fc.array(step, { minLength: 5, maxLength: 80, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), before, steps, async (page, rows, steps) => {
        const world = new World(page);
        for (const row of rows) world.write(...row);
        world.events.length = 0;
        world.reader.start(true);
        await world.proceed(0);
        await world.proceed(0);
        for (const one of steps) {
          if (one[0] === 'write') world.write(one[1], one[2], one[3]);
          else if (one[0] === 'proceed') await world.proceed(one[1]);
          else if (one[0] === 'fire') await world.fire(one[1]);
          else if (one[0] === 'fail') await world.fail(one[1]);
          else if (one[0] === 'look') world.inUse = { rows: one[1], isScrolled: one[2] };
          else if (one[0] === 'tell') world.tell();
          else if (one[0] === 'more') world.reader.readMore();
          else if (one[0] === 'gap') world.gap();
          else world.fade();
          const { shown } = world;
          expect(new Set(shown.map((item) => item.id)).size).toBe(shown.length);
          expect(shown.toSorted(order)).toEqual(shown);
        }
        await world.quiet();
        // Its reading may have failed, and waits for somebody to ask again.
        world.reader.wake();
        await world.quiet();
        expect(world.shown).toEqual(world.expected);
      }),
      { numRuns: 600 },
    );
  });

  it('puts what is new at its place in any order, without reading a page again', async () => {
    const world = await read(20, 5, 2);
    const pages = world.asked.filter((name) => name === 'page').length;
    world.write('new', 9_996.5, true);
    world.write('far', 1, true);
    await world.quiet();
    expect(world.shown.map(({ id }) => id).slice(3, 6)).toEqual(['m0003', 'new', 'm0004']);
    expect(world.shown.map(({ id }) => id)).not.toContain('far');
    expect(world.asked.filter((name) => name === 'page')).toHaveLength(pages);
  });

  it('leaves a memory away that stops to match, and takes it back to its place', async () => {
    const world = await read(20, 5, 2);
    const before = world.shown.map(({ id }) => id);
    world.write('m0003', 9_997, false);
    await world.quiet();
    expect(world.shown.map(({ id }) => id)).toEqual(before.filter((id) => id !== 'm0003'));
    world.write('m0003', 9_997, true);
    await world.quiet();
    expect(world.shown.map(({ id }) => id)).toEqual(before);
  });

  it('keeps a change that was read while a page was on its way', async () => {
    const world = await read(20, 5, 1);
    world.reader.readMore();
    await world.proceed(0);
    world.write('m0001', 0, false);
    world.write('m0007', 0, false);
    world.tell();
    world.tell();
    await world.fire(0);
    await world.proceed(1);
    await world.proceed(1);
    expect(world.shown.map(({ id }) => id)).not.toContain('m0001');
    await world.quiet();
    expect(world.shown).toHaveLength(8);
    expect(world.shown).toEqual(world.expected);
  });

  it('does not put an older answer over a page that was asked for later', async () => {
    const world = await read(20, 5, 1);
    world.write('m0007', 9_993, true);
    world.tell();
    await world.fire(0);
    await world.proceed(0);
    world.write('m0007', 9_993, true);
    world.reader.readMore();
    await world.proceed(1);
    await world.proceed(1);
    await world.proceed(0);
    expect(world.shown).toEqual(world.expected);
  });

  it('answers many changes with the list read again, which is never empty meanwhile', async () => {
    const world = await read(20, 5, 2);
    world.inUse = { rows: 3, isScrolled: false };
    const lengths = new Set<number>();
    world.reader.subscribe(() => lengths.add(world.shown.length));
    world.asked.length = 0;
    world.write('m0000', 0, false);
    world.events.length = 0;
    world.reader.noteChanged(numbered(1001));
    await world.quiet();
    expect(world.asked).toEqual(['page']);
    expect(lengths.has(0)).toBe(false);
    expect(world.shown.map(({ id }) => id)).toEqual(['m0001', 'm0002', 'm0003', 'm0004', 'm0005']);
  });

  it('asks in few calls what a stream of changes did', async () => {
    const world = await read(20, 5, 2);
    world.asked.length = 0;
    world.reader.noteChanged(numbered(450));
    await world.quiet();
    expect(world.asked).toEqual(['some 200', 'some 200', 'some 50']);
  });

  it('reads again, after a gap, what is in sight and no more', async () => {
    const world = await read(100, 5, 12);
    world.inUse = { rows: 12, isScrolled: true };
    world.asked.length = 0;
    // Twelve new above: what was the twelfth row is now further down.
    for (const id of numbered(12)) world.write(`new ${id}`, 20_000, true);
    world.gap();
    await world.quiet();
    expect(world.asked).toEqual(Array.from({ length: 5 }, () => 'page'));
    expect(world.shown).toEqual(world.expected);
    expect(world.shown.map(({ id }) => id)).toContain('m0011');
  });

  it('reads again to the end of it however much is written meanwhile', async () => {
    const world = await read(60, 5, 12);
    world.inUse = { rows: 58, isScrolled: true };
    world.asked.length = 0;
    world.gap();
    for (let round = 0; round < 40; round += 1) {
      world.write('m0005', 9_990 + (round % 3), true);
      world.tell();
      await world.proceed(round);
      await world.fire(0);
      await world.proceed(round + 1);
    }
    await world.quiet();
    expect(world.asked.filter((name) => name === 'page')).toHaveLength(12);
    expect(world.shown).toEqual(world.expected);
  });

  it('says why there is nothing, and reads when it can', async () => {
    const world = new World(5);
    world.write('m', 1, true);
    world.reader.start(true);
    await world.fail(0);
    expect(world.reader.state().error).toBeInstanceOf(Error);
    world.reader.wake();
    await world.quiet();
    expect(world.reader.state().error).toBeNull();
    expect(world.shown).toHaveLength(1);
  });

  it('says when the next page could not be read, and asks for it once more', async () => {
    const world = await read(20, 5, 1);
    world.reader.readMore();
    await world.fail(0);
    expect(world.reader.state().more).toBe('failed');
    world.reader.readMore();
    await world.quiet();
    expect(world.reader.state().more).toBe('rest');
    expect(world.shown).toHaveLength(10);
  });

  it('hands over what it knows, and whether it may have missed something', async () => {
    const world = await read(20, 5, 2);
    expect(world.reader.stop()).toMatchObject({ isCurrent: true });
    world.reader.start(false);
    world.reader.noteChanged(['m0001']);
    const { isCurrent, model } = world.reader.stop();
    expect(isCurrent).toBe(false);
    expect(itemsOf(model)).toHaveLength(10);
    expect(world.timers).toEqual([]);
  });
});
