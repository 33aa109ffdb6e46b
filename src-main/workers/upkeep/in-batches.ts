import type { Transaction } from '../../storage/database.ts';
import type { RunContext } from '../worker.ts';

/** Removed at a time: one backend serves the whole embedded database. */
export const BATCH = 500;

/** Steps until one is not full any more. */
export async function inBatches(context: RunContext, remove: (tx: Transaction) => Promise<number>): Promise<void> {
  for (;;) {
    const { changed } = await context.batch(async (tx) => {
      const removed = await remove(tx);
      return { items: removed, changed: removed };
    });
    if (changed < BATCH) return;
  }
}
