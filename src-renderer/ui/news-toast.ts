/** Messages of what begins and ends: the newer takes the place of the older. */
import { toast } from 'sonner';

/**
 * The id of the newer message; the older goes. Each has one of its own, for a message that is just closing, as when a person
 * has pressed its button, takes along what is put in its place.
 */
export function newsId(key: string, what: 'begun' | 'ended'): string {
  toast.dismiss(`${key} ${what === 'begun' ? 'ended' : 'begun'}`);
  return `${key} ${what}`;
}
