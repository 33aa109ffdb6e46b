/** What a run consists of: one for all, one for each node, or one for each part of the users. */
import { assertNever } from '../errors.ts';
import type { BoardNode, RunRecord } from './records.ts';
import { assignSlots, mayServe, type Shard, SLOTS, shardLabel } from './shards.ts';
import type { Spread } from './worker.ts';

/** What is a part's own in a run that is made of it. */
export type Part = Partial<Pick<RunRecord, 'preferred_node' | 'pinned' | 'shard' | 'slots'>>;

/** The parts of a new run, without what is at it already. */
export function partsOf(spread: Spread, nodes: readonly BoardNode[], active: readonly RunRecord[]): Part[] {
  switch (spread) {
    case 'once':
      return active.length > 0 ? [] : [{}];
    case 'each_node':
      return nodes
        .filter(({ node_id }) => !active.some((run) => run.preferred_node === node_id))
        .map(({ node_id }) => ({ preferred_node: node_id, pinned: true }));
    case 'users':
      return active.some(({ slots }) => slots === null) ? [] : shardsWithout(nodes, active);
    default:
      return assertNever(spread);
  }
}

/**
 * A run for users that none of the nodes may take whole, as those that went left it: its parts for the nodes there are
 * now. None while somebody may take it, or nobody is there for any of its users.
 */
export function partsOfStranded({ slots }: RunRecord, nodes: readonly BoardNode[]): Part[] {
  if (nodes.some((node) => mayServe(node, slots))) return [];
  return asParts(nodes, (slot) => slots === null || slots.includes(slot));
}

function shardsWithout(nodes: readonly BoardNode[], active: readonly RunRecord[]): Part[] {
  // Whoever comes will take it.
  if (nodes.length === 0) return active.length > 0 ? [] : [{}];
  const taken = new Set(active.flatMap(({ slots }) => slots ?? []));
  return asParts(nodes, (slot) => !taken.has(slot));
}

function asParts(nodes: readonly BoardNode[], isWanted: (slot: number) => boolean): Part[] {
  return shardsOf(nodes)
    .map(({ node_id, shard }) => ({ node_id, label: shard.label, slots: shard.slots.filter(isWanted) }))
    .filter(({ slots }) => slots.length > 0)
    .map(({ node_id, label, slots }) =>
      slots.length === SLOTS ? { preferred_node: node_id } : { preferred_node: node_id, shard: label, slots },
    );
}

/** The parts of the users that live nodes are there for, with their nodes. */
function shardsOf(nodes: readonly BoardNode[]): { node_id: string; shard: Shard }[] {
  const owners = assignSlots(nodes);
  const automatic = nodes
    .filter(({ fixed }) => fixed === null)
    .map(({ node_id }) => node_id)
    .sort();
  return nodes
    .map(({ node_id, fixed }) => ({
      node_id,
      shard: {
        label: fixed ? shardLabel(fixed) : `${automatic.indexOf(node_id) + 1}/${automatic.length}`,
        slots: owners.flatMap((owner, slot) => (owner === node_id ? [slot] : [])),
      },
    }))
    .filter(({ shard }) => shard.slots.length > 0);
}
