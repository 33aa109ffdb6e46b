import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assignSlots, mayServe, parseShard, type ShardNode, SLOTS, shardLabel, slotOf } from './shards.ts';

const automatic = fc
  .uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 })
  .map((ids) => ids.map((node_id): ShardNode => ({ node_id, fixed: null })));
const fixedShard = fc
  .integer({ min: 1, max: 6 })
  .chain((of) => fc.record({ index: fc.integer({ min: 1, max: of }), of: fc.constant(of) }));
const anyNodes = fc.uniqueArray(fc.record({ node_id: fc.uuid(), fixed: fc.option(fixedShard, { nil: null }) }), {
  maxLength: 10,
  selector: ({ node_id }) => node_id,
});
const others = (nodes: readonly ShardNode[], gone: ShardNode) => nodes.filter((node) => node !== gone);

describe('shards', () => {
  it('give every user exactly one live node, the same in whatever order nodes are listed', () => {
    fc.assert(
      fc.property(automatic, fc.string(), (nodes, user_id) => {
        const owner = assignSlots(nodes)[slotOf(user_id)];
        expect(nodes.map(({ node_id }) => node_id)).toContain(owner);
        expect(assignSlots([...nodes].reverse())[slotOf(user_id)]).toBe(owner);
      }),
    );
  });

  it('move nothing but the users of a node that comes or goes', () => {
    fc.assert(
      fc.property(automatic, fc.nat(), (nodes, pick) => {
        const gone = nodes[pick % nodes.length] as ShardNode;
        const before = assignSlots(nodes);
        const after = assignSlots(others(nodes, gone));
        for (let slot = 0; slot < SLOTS; slot += 1) {
          if (before[slot] === gone.node_id) expect(after[slot]).not.toBe(gone.node_id);
          else expect(after[slot]).toBe(before[slot]);
        }
      }),
    );
  });

  it('give a node only what it may serve, and leave nobody out whom a live node is for', () => {
    fc.assert(
      fc.property(anyNodes, (nodes) => {
        for (const [slot, owner] of assignSlots(nodes).entries()) {
          const able = nodes.filter((node) => mayServe(node, [slot]));
          if (owner === null) expect(able).toEqual([]);
          else expect(able.map(({ node_id }) => node_id)).toContain(owner);
        }
      }),
    );
  });

  it('spread users over four nodes so that each has a fair part', () => {
    const nodes = ['a', 'b', 'c', 'd'].map((node_id): ShardNode => ({ node_id, fixed: null }));
    const owners = assignSlots(nodes);
    for (const { node_id } of nodes) {
      const share = owners.filter((owner) => owner === node_id).length / SLOTS;
      expect(share).toBeGreaterThan(0.15);
      expect(share).toBeLessThan(0.35);
    }
  });

  it('of fixed parts cover every user once', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: SLOTS }), (of) => {
        const nodes = Array.from(
          { length: of },
          (_, at): ShardNode => ({ node_id: `n${at}`, fixed: { index: at + 1, of } }),
        );
        const owners = assignSlots(nodes);
        expect(owners).not.toContain(null);
        for (const node of nodes) {
          const able = owners.filter((_, slot) => mayServe(node, [slot])).length;
          expect(able).toBe(owners.filter((owner) => owner === node.node_id).length);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('are written as 2/4', () => {
    expect(parseShard('2/4')).toEqual({ index: 2, of: 4 });
    expect(shardLabel({ index: 2, of: 4 })).toBe('2/4');
    for (const text of ['', '0/4', '5/4', '1/0', '1/257', '1', '1/', '-1/4', '1/4 ', '1.0/4']) {
      expect(parseShard(text), text).toBeUndefined();
    }
  });
});
