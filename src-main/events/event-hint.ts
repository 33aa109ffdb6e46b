/**
 * What nodes that share a database tell each other: hints only, for what they tell of is in the database.
 *
 * There is no NOTIFY in the transactions that write events. PostgreSQL lets those that notify commit one after the other,
 * each waiting for the disk, so eight writers at once came to a sixth of what they do without. A node tells of its writes
 * afterwards, of many at once, in a transaction of its own that waits for no disk.
 */
import { z } from 'zod';

export const HINT_CHANNEL = 'archon_events';
/** A payload must be below 8,000 bytes. */
export const ORGS_PER_HINT = 150;

const hint = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('events'), node: z.string(), orgs: z.array(z.string()) }),
  z.object({ kind: z.literal('settings'), org_id: z.string() }),
  z.object({ kind: z.literal('ops'), node: z.string(), org_id: z.string(), ring: z.boolean().optional() }),
]);

/**
 * `events`: a node has written events of these organisations. `settings`: settings of an organisation were changed; told
 * in the transaction that does it, for they seldom are. `ops`: so are notes of the ops agent;
 * with `ring` its agent is to look at once.
 */
export type NodeHint = z.infer<typeof hint>;

export function toPayload(told: NodeHint): string {
  return JSON.stringify(told);
}

/** Undefined for what others may send on the channel. */
export function parsePayload(payload: string): NodeHint | undefined {
  try {
    return hint.safeParse(JSON.parse(payload)).data;
  } catch {
    return undefined;
  }
}
