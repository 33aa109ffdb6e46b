import { useBlocker } from '@tanstack/react-router';
import { useState } from 'react';

export interface LeaveGuard {
  /** Leaves now, or asks first. */
  leave(): void;
  /** To be shown while it asks. */
  asking: boolean;
  stay(): void;
  goOn(): void;
}

/**
 * Asks before an open form is left with changes in it: by its own buttons, by a link, by "back", or (in the browser's
 * own words) by closing the page. Changes of the place that keep the form open pass.
 *
 * @param hasChanges asked each time somebody leaves
 */
export function useLeaveGuard(hasChanges: () => boolean, onLeave: () => void): LeaveGuard {
  const [asking, setAsking] = useState(false);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const memoryOf = ({ search }: { search: object }) => (search as { memory?: string }).memory;
      const keepsForm = current.pathname === next.pathname && memoryOf(current) === memoryOf(next);
      return !keepsForm && hasChanges();
    },
    enableBeforeUnload: hasChanges,
    withResolver: true,
  });
  return {
    leave: () => (hasChanges() ? setAsking(true) : onLeave()),
    asking: asking || blocker.status === 'blocked',
    stay: () => {
      setAsking(false);
      blocker.reset?.();
    },
    goOn: () => {
      setAsking(false);
      if (blocker.status === 'blocked') blocker.proceed();
      else onLeave();
    },
  };
}
