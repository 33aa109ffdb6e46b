import { Ago } from '../../../../ui/Time.tsx';
import { useNow } from '../../../../ui/use-now.ts';

/** When a letter is replayed by itself: a time to come, or that it is due. */
export function RetryTime({ at }: { at: string }) {
  return Date.parse(at) > useNow() ? <Ago time={at} /> : 'due';
}
