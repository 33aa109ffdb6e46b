import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  heldCount,
  type ListPage,
  nextSeq,
  overlay,
  type Patches,
  placeOf,
  pruned,
  released,
  withPatches,
} from './memory-list-model.ts';

interface Item {
  id: string;
  rank: number;
  text: string;
}

const compare = (a: Item, b: Item) => a.rank - b.rank || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0);
const item = (id: string, rank: number, text = id): Item => ({ id, rank, text });
const none: Patches<Item> = new Map();
const ids = (items: readonly Item[]) => items.map(({ id }) => id);

describe('a list under changes', () => {
  it('shows a changed item where it stood, and none that is gone', () => {
    const pages = [{ items: [item('a', 1), item('b', 2), item('c', 3)], seq: nextSeq() }];
    const patches = withPatches(
      none,
      new Map([
        ['b', item('b', 2, 'new')],
        ['c', null],
      ]),
      nextSeq(),
    );
    expect(overlay(pages, patches, compare, true)).toEqual([item('a', 1), item('b', 2, 'new')]);
  });

  it('puts what comes back at its place, and what belongs behind the last page nowhere yet', () => {
    const pages = [{ items: [item('a', 1), item('c', 3)], seq: nextSeq() }];
    const patches = withPatches(
      none,
      new Map([
        ['b', item('b', 2)],
        ['z', item('z', 9)],
      ]),
      nextSeq(),
    );
    expect(ids(overlay(pages, patches, compare, false))).toEqual(['a', 'b', 'c']);
    expect(ids(overlay(pages, patches, compare, true))).toEqual(['a', 'b', 'c', 'z']);
  });

  it('does not let a page that was asked for before a change bring the old back', () => {
    const asked = nextSeq();
    const patches = withPatches(none, new Map([['b', null]]), nextSeq());
    const pages = [{ items: [item('a', 1), item('b', 2)], seq: asked }];
    expect(ids(overlay(pages, patches, compare, true))).toEqual(['a']);
    const later = [{ items: [item('a', 1), item('b', 2)], seq: nextSeq() }];
    expect(ids(overlay(later, patches, compare, true))).toEqual(['a', 'b']);
    expect(pruned(later, patches, compare, true).size).toBe(0);
  });

  it('does not let an answer that was asked for earlier win over a later one', () => {
    const [early, late] = [nextSeq(), nextSeq()];
    const known = withPatches(none, new Map([['a', item('a', 1, 'late')]]), late);
    expect(withPatches(known, new Map([['a', item('a', 1, 'early')]]), early).get('a')?.item?.text).toBe('late');
  });

  it('holds new ones back until asked, however they change meanwhile', () => {
    const pages = [{ items: [item('b', 2)], seq: nextSeq() }];
    const held = withPatches(none, new Map([['a', item('a', 1)]]), nextSeq(), () => true);
    const changed = withPatches(held, new Map([['a', item('a', 1, 'changed')]]), nextSeq());
    expect(ids(overlay(pages, changed, compare, true))).toEqual(['b']);
    expect(heldCount(pages, changed)).toBe(1);
    expect(overlay(pages, released(changed), compare, true)).toEqual([item('a', 1, 'changed'), item('b', 2)]);
    expect(heldCount(pages, withPatches(changed, new Map([['a', null]]), nextSeq()))).toBe(0);
  });

  it('forgets what a page yet to come will tell', () => {
    const pages = [{ items: [item('a', 1)], seq: nextSeq() }];
    const patches = withPatches(
      none,
      new Map([
        ['z', item('z', 9)],
        ['y', null],
      ]),
      nextSeq(),
    );
    expect(pruned(pages, patches, compare, false).size).toBe(0);
  });

  it('finds the place of an item', () => {
    const rows = [item('a', 1), item('c', 3)];
    expect(placeOf(rows, item('b', 2), compare)).toBe(1);
    expect(placeOf(rows, item('d', 4), compare)).toBe(2);
  });
});

/** A server that is written to, and a reader who asks for pages and for changed items and gets the answers in any order. */
type Step =
  | { do: 'put'; id: string; rank: number }
  | { do: 'delete'; id: string }
  | { do: 'ask page' }
  | { do: 'ask changed' }
  | { do: 'answer'; which: number }
  | { do: 'prune' };

const id = fc.constantFrom(...'abcdefgh');
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('put' as const), id, rank: fc.integer({ min: 0, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('delete' as const), id }) },
  { weight: 2, arbitrary: fc.constant({ do: 'ask page' as const }) },
  { weight: 3, arbitrary: fc.constant({ do: 'ask changed' as const }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('answer' as const), which: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.constant({ do: 'prune' as const }) },
);

class Reader {
  readonly #server = new Map<string, Item>();
  readonly #changed = new Set<string>();
  #answers: { page: boolean; take(): void }[] = [];
  #versions = 0;
  pages: ListPage<Item>[] = [];
  patches: Patches<Item> = none;
  isWhole = false;

  run(one: Step): void {
    switch (one.do) {
      case 'put':
        this.#versions += 1;
        this.#server.set(one.id, item(one.id, one.rank, `version ${this.#versions}`));
        this.#changed.add(one.id);
        return;
      case 'delete':
        this.#server.delete(one.id);
        this.#changed.add(one.id);
        return;
      case 'ask page':
        this.#askPage();
        return;
      case 'ask changed':
        this.#askChanged();
        return;
      case 'answer': {
        const [answer] = this.#answers.splice(one.which % Math.max(1, this.#answers.length), 1);
        answer?.take();
        return;
      }
      case 'prune':
        if (this.#answers.length === 0) this.patches = pruned(this.pages, this.patches, compare, this.isWhole);
    }
  }

  /** Until everything was told and answered. */
  settle(): void {
    this.#askChanged();
    while (this.#answers.length > 0) this.run({ do: 'answer', which: 0 });
  }

  shown(): Item[] {
    return overlay(this.pages, this.patches, compare, this.isWhole);
  }

  /** What the server would answer for as far as the pages reach. */
  expected(): Item[] {
    const all = [...this.#server.values()].sort(compare);
    const end = this.pages.at(-1)?.items.at(-1);
    return this.isWhole || end === undefined ? all : all.filter((one) => compare(one, end) <= 0);
  }

  #askPage(): void {
    // One at a time: where the next begins is known only then.
    if (this.isWhole || this.#answers.some(({ page }) => page)) return;
    const end = this.pages.at(-1)?.items.at(-1);
    const rest = [...this.#server.values()].sort(compare).filter((one) => end === undefined || compare(one, end) > 0);
    const seq = nextSeq();
    this.#answers.push({
      page: true,
      take: () => {
        this.pages = [...this.pages, { items: rest.slice(0, 2), seq }];
        this.isWhole = rest.length <= 2;
      },
    });
  }

  #askChanged(): void {
    const seq = nextSeq();
    const answers = new Map([...this.#changed].map((one) => [one, this.#server.get(one) ?? null] as const));
    this.#changed.clear();
    this.#answers.push({ page: false, take: () => (this.patches = withPatches(this.patches, answers, seq)) });
  }
}

describe('a list that is read while it is written to', () => {
  it('ends as the server has it, each item once and in order, whatever came first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const reader = new Reader();
        reader.run({ do: 'ask page' });
        reader.run({ do: 'answer', which: 0 });
        for (const one of steps) reader.run(one);
        reader.settle();
        expect(reader.shown()).toEqual(reader.expected());
      }),
      { numRuns: 500 },
    );
  });
});
