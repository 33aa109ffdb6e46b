/** What stands for the services of an engine while there is none: calls are answered in order, and can be made again. */
import type { ArchonError } from '../errors.ts';
import type { Services } from '../services.ts';

/** @param why told to every call; asked anew each time */
export function servicesAway(why: () => ArchonError): Services {
  return new Proxy({} as Services, {
    get: (_target, name) => {
      // Asked of everything that is awaited or printed.
      if (typeof name === 'symbol' || name === 'then' || name === 'toJSON') return undefined;
      throw why();
    },
  });
}
