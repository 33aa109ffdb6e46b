import { useRef } from 'react';

/** What a form hands over; nothing when a button of the page asks. */
interface Submission {
  preventDefault(): void;
}

/**
 * Does the work once at a time: who asks meanwhile, by Enter pressed twice, asks for what is on its way. The browser must
 * not send the form itself then either.
 *
 * @param gate kept as long as the form
 */
export function oneAtATime<S extends Submission>(
  gate: { isBusy: boolean },
  work: (submission?: S) => Promise<unknown>,
): (submission?: S) => Promise<void> {
  return async (submission) => {
    submission?.preventDefault();
    if (gate.isBusy) return;
    gate.isBusy = true;
    try {
      await work(submission);
    } finally {
      gate.isBusy = false;
    }
  };
}

/** {@link oneAtATime} for a form of the page. */
export function useOneAtATime<S extends Submission>(work: (submission?: S) => Promise<unknown>) {
  const gate = useRef({ isBusy: false });
  return oneAtATime(gate.current, work);
}
