import { describe, expect, it } from 'vitest';
import type { BulkAction } from '../../../src-contract/index.ts';
import { type BulkCall, type BulkServer, type OpenKeys, runBulk, stepsOf } from './bulk-run.ts';

const ids = Array.from({ length: 2500 }, (_, index) => `m${index}`);
const done = async (input: BulkCall) => ({ changed: input.ids, missing: [] });
class Refused extends Error {}

const run = (some: readonly string[], action: BulkAction, openKeys: OpenKeys, call: BulkServer['call']) =>
  runBulk(stepsOf({ ids: some, action }), openKeys, { call, isOpen: (error) => !(error instanceof Refused) });

/** Calls that note their keys, and are answered, lost or refused. */
function keyed() {
  const keys: string[] = [];
  const answering = (answer: BulkServer['call']) => async (input: BulkCall) => {
    keys.push(input.idempotency_key);
    return await answer(input);
  };
  const failing = (error: Error) =>
    answering(async () => {
      throw error;
    });
  return { keys, answered: answering(done), lost: failing(new Error('the answer was lost')), failing };
}

/** A server that tags, and tells only which memories changed. */
function tagServer(tags: Map<string, Set<string>>) {
  const call = async ({ ids: asked, action }: BulkCall) => {
    const changed: string[] = [];
    for (const id of asked) {
      const has = tags.get(id);
      if (has === undefined || !('tags' in action)) continue;
      const before = has.size;
      for (const tag of action.tags)
        if (action.kind === 'tag') has.add(tag);
        else has.delete(tag);
      if (has.size !== before) changed.push(id);
    }
    return { changed, missing: asked.filter((id) => !tags.has(id)) };
  };
  return { call, isOpen: () => false };
}

describe('a change of many memories', () => {
  it('is made in pieces, each with a key of its own', async () => {
    const calls: BulkCall[] = [];
    const result = await run(ids, { kind: 'delete' }, new Map(), async (input) => {
      calls.push(input);
      return { changed: input.ids.slice(1), missing: input.ids.slice(0, 1) };
    });
    expect(calls.map((call) => call.ids.length)).toEqual([1000, 1000, 500]);
    expect(new Set(calls.map((call) => call.idempotency_key)).size).toBe(3);
    expect(result.changed).toHaveLength(2497);
    expect(result).toMatchObject({ missing: ['m0', 'm1000', 'm2000'], error: null });
  });

  it('knows what was done when it ends early', async () => {
    const broken = new Error('the disk is full');
    const result = await run(ids, { kind: 'delete' }, new Map(), async (input) => {
      if (input.ids[0] === 'm1000') throw broken;
      return await done(input);
    });
    const changed = ids.slice(0, 1000);
    expect(result).toEqual({
      changed,
      missing: [],
      undo: [{ ids: changed, action: { kind: 'restore' } }],
      error: broken,
    });
  });

  it('asks with the same key again for what was not answered, and with another once it was', async () => {
    const openKeys: OpenKeys = new Map();
    const { keys, lost, answered } = keyed();
    const [some, others] = [ids.slice(0, 10), ids.slice(0, 11)];
    await run(some, { kind: 'delete' }, openKeys, lost);
    await run(others, { kind: 'delete' }, openKeys, lost);
    await run(some, { kind: 'restore' }, openKeys, lost);
    await run(some, { kind: 'delete' }, openKeys, answered);
    await run(some, { kind: 'delete' }, openKeys, answered);
    const [first, another, otherAction, again, later] = keys;
    expect(again).toBe(first);
    expect(new Set([first, another, otherAction, later]).size).toBe(4);
  });

  it('is a new action once another was answered, or when it was refused', async () => {
    const openKeys: OpenKeys = new Map();
    const { keys, lost, answered, failing } = keyed();
    const some = ids.slice(0, 10);
    await run(some, { kind: 'delete' }, openKeys, lost);
    await run(some, { kind: 'restore' }, openKeys, answered);
    await run(some, { kind: 'delete' }, openKeys, failing(new Refused()));
    await run(some, { kind: 'delete' }, openKeys, answered);
    expect(new Set(keys).size).toBe(4);
    expect(openKeys.size).toBe(0);
  });

  it('keeps the key of a later piece while the pieces before it are asked for again', async () => {
    const openKeys: OpenKeys = new Map();
    const { keys, lost, answered } = keyed();
    const breaking = async (input: BulkCall) => await (input.ids[0] === 'm1000' ? lost(input) : answered(input));
    await run(ids.slice(0, 1500), { kind: 'delete' }, openKeys, breaking);
    await run(ids.slice(0, 1500), { kind: 'delete' }, openKeys, answered);
    const [first, second, firstAgain, secondAgain] = keys;
    expect(firstAgain).not.toBe(first);
    expect(secondAgain).toBe(second);
  });

  it('is taken back without what was so before', async () => {
    const tags = () =>
      new Map([
        ['m1', new Set(['a'])],
        ['m2', new Set(['b', 'c'])],
        ['m3', new Set<string>()],
        ['m4', new Set(['a', 'b'])],
      ]);
    for (const kind of ['tag', 'untag'] as const) {
      const now = tags();
      const server = tagServer(now);
      const steps = stepsOf({ ids: ['m1', 'm2', 'm3', 'm4', 'm5'], action: { kind, tags: ['a', 'b'] } });
      const { changed, missing, undo } = await runBulk(steps, new Map(), server);
      expect(changed.toSorted()).toEqual(kind === 'tag' ? ['m1', 'm2', 'm3'] : ['m1', 'm2', 'm4']);
      expect(missing).toEqual(['m5']);
      expect(now).not.toEqual(tags());
      await runBulk(undo, new Map(), server);
      expect(now).toEqual(tags());
    }
  });

  it('is taken back last step first, by the opposite of each', async () => {
    const { undo } = await run(['m1'], { kind: 'tag', tags: ['a', 'b'] }, new Map(), done);
    expect(undo.map(({ action }) => action)).toEqual([
      { kind: 'untag', tags: ['b'] },
      { kind: 'untag', tags: ['a'] },
    ]);
    const unpinned = await run(['m1'], { kind: 'unpin' }, new Map(), done);
    expect(unpinned.undo).toEqual([{ ids: ['m1'], action: { kind: 'pin' } }]);
  });
});
