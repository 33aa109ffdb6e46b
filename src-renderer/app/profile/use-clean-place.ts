import { useRouter } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

/**
 * The place on the page tells of the data that were open: a user, a memory, filters. It is left before a view of other data
 * is drawn.
 *
 * @returns whether views may be drawn
 */
export function useCleanPlace(epoch: number): boolean {
  const router = useRouter();
  const [shown, setShown] = useState(epoch);
  useEffect(() => {
    if (shown === epoch) return;
    let isCurrent = true;
    const { pathname } = router.state.location;
    void router.navigate({ to: pathname, search: {}, replace: true }).finally(() => {
      if (isCurrent) setShown(epoch);
    });
    return () => {
      isCurrent = false;
    };
  }, [epoch, shown, router]);
  return shown === epoch;
}
