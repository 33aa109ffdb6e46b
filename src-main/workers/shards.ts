/**
 * Which node is there for which users.
 *
 * A user belongs to one of 256 slots, for good; slots belong to nodes. Every node computes this from the list of live
 * nodes alone, so nobody has to hand anything out. A node started with `--shard i/n` has the slots of that part; the
 * others share what is left by rendezvous hashing: when a node comes or goes only its own slots change hands.
 */
import { createHash } from 'node:crypto';

export const SLOTS = 256;
const ALL_SLOTS: readonly number[] = Array.from({ length: SLOTS }, (_, slot) => slot);

/** Part of the users. */
export interface Shard {
  /** For people, as `2/4`. */
  label: string;
  slots: readonly number[];
}

/** The part a node was started for: the `index`-th of `of`, from 1. */
export interface FixedShard {
  index: number;
  of: number;
}

export interface ShardNode {
  node_id: string;
  fixed: FixedShard | null;
}

/** `archon_user_slot` in SQL is the same. */
export const slotOf = (user_id: string): number => createHash('sha256').update(user_id, 'utf8').digest().readUInt8(0);

/** Reads `2/4`; undefined when it is no part of 1 to 256. */
export function parseShard(text: string): FixedShard | undefined {
  const [, index, of] = /^([1-9]\d{0,2})\/([1-9]\d{0,2})$/.exec(text)?.map(Number) ?? [];
  if (index === undefined || of === undefined || of > SLOTS || index > of) return undefined;
  return { index, of };
}

export const shardLabel = ({ index, of }: FixedShard): string => `${index}/${of}`;

const covers = ({ index, of }: FixedShard, slot: number): boolean => slot % of === index - 1;

/** The live node of every slot; null where only nodes for other fixed parts are there. */
export function assignSlots(nodes: readonly ShardNode[]): (string | null)[] {
  const automatic = nodes.filter(({ fixed }) => fixed === null);
  return ALL_SLOTS.map((slot) => {
    const fixed = nodes.filter((node) => node.fixed !== null && covers(node.fixed, slot));
    return preferred(fixed.length > 0 ? fixed : automatic, slot);
  });
}

/** May a node take users of these slots? One that shares automatically may take any, a fixed one only its own. */
export function mayServe(node: ShardNode, slots: readonly number[] | null): boolean {
  const { fixed } = node;
  if (fixed === null || fixed.of === 1) return true;
  return slots?.every((slot) => covers(fixed, slot)) ?? false;
}

/** The one whose hash with the slot is highest. */
function preferred(nodes: readonly ShardNode[], slot: number): string | null {
  let best: { node_id: string; weight: string } | undefined;
  for (const { node_id } of nodes) {
    const weight = createHash('sha256').update(`${slot} ${node_id}`).digest('hex');
    if (best === undefined || weight > best.weight) best = { node_id, weight };
  }
  return best?.node_id ?? null;
}
