import { describe, expect, it } from 'vitest';
import { type BulkCall, inverse, type OpenKeys, runBulk } from './bulk-run.ts';

const ids = Array.from({ length: 2500 }, (_, index) => `m${index}`);
const done = async (input: BulkCall) => ({ changed: input.ids, missing: [] });

describe('a change of many memories', () => {
  it('is made in pieces, each with a key of its own', async () => {
    const calls: BulkCall[] = [];
    const result = await runBulk(ids, { kind: 'delete' }, new Map(), async (input) => {
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
    const result = await runBulk(ids, { kind: 'delete' }, new Map(), async (input) => {
      if (input.ids[0] === 'm1000') throw broken;
      return await done(input);
    });
    expect(result).toEqual({ changed: ids.slice(0, 1000), missing: [], error: broken });
  });

  it('asks with the same key again for what was not answered, and with another once it was', async () => {
    const openKeys: OpenKeys = new Map();
    const keys: string[] = [];
    const lost = async (input: BulkCall) => {
      keys.push(input.idempotency_key);
      throw new Error('the answer was lost');
    };
    const answered = async (input: BulkCall) => {
      keys.push(input.idempotency_key);
      return await done(input);
    };
    const [some, others] = [ids.slice(0, 10), ids.slice(0, 11)];
    await runBulk(some, { kind: 'delete' }, openKeys, lost);
    await runBulk(others, { kind: 'delete' }, openKeys, lost);
    await runBulk(some, { kind: 'restore' }, openKeys, lost);
    await runBulk(some, { kind: 'delete' }, openKeys, answered);
    await runBulk(some, { kind: 'delete' }, openKeys, answered);
    const [first, another, otherAction, again, later] = keys;
    expect(again).toBe(first);
    expect(new Set([first, another, otherAction, later]).size).toBe(4);
  });

  it('is taken back by its opposite', () => {
    expect(inverse({ kind: 'tag', tags: ['a'] })).toEqual({ kind: 'untag', tags: ['a'] });
    expect(inverse(inverse({ kind: 'unpin' }))).toEqual({ kind: 'unpin' });
    expect(inverse({ kind: 'delete' })).toEqual({ kind: 'restore' });
  });
});
