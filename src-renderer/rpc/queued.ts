/** A change that could not be made yet, because its store is away, but is kept by the engine. */
import { toast } from 'sonner';
import { isQueued } from '../../src-contract/index.ts';

const ID = 'queued-write';

/** Says so when the change is queued. @returns whether it is */
export function tellIfQueued(answer: unknown): boolean {
  if (!isQueued(answer)) return false;
  const store = answer.store === 'database' ? 'The database' : 'The store of the sessions';
  // One word, however many changes are made meanwhile.
  toast.info(`${store} is away. Your change is kept, and is made as soon as it is back.`, { id: ID });
  return true;
}
