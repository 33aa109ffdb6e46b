import { useBlocker } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';

/** Asks every form that is open. */
const forms = new Set<() => boolean>();

/** Whether something is written anywhere on the page that is not saved yet. */
export const isAnythingUnsaved = (): boolean => [...forms].some((hasChanges) => hasChanges());

export interface LeaveGuard {
  /** Leaves now, or asks first. */
  leave(): void;
  /** To be shown while it asks. */
  asking: boolean;
  stay(): void;
  goOn(): void;
}

export interface LeaveGuardOptions {
  /** Asked each time somebody leaves. */
  hasChanges(): boolean;
  onLeave(): void;
  /**
   * The members of the URL that say what the form is about: while they stay as they are, the form stays open. Without
   * them, as long as the page is the same.
   */
  member?: string | readonly string[];
}

/**
 * Asks before an open form is left with changes in it: by its own buttons, by a link, by "back", or (in the browser's
 * own words) by closing the page. Changes of the place that keep the form open pass.
 */
export function useLeaveGuard({ hasChanges, onLeave, member }: LeaveGuardOptions): LeaveGuard {
  const [asking, setAsking] = useState(false);
  const current = useRef(hasChanges);
  current.current = hasChanges;
  useEffect(() => {
    const ask = () => current.current();
    forms.add(ask);
    return () => {
      forms.delete(ask);
    };
  }, []);
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => {
      const members = [member ?? []].flat();
      const about = ({ search }: { search: object }) =>
        JSON.stringify(members.map((name) => (search as Record<string, unknown>)[name] ?? null));
      const keepsForm = current.pathname === next.pathname && about(current) === about(next);
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
