import type { MouseEvent } from 'react';

export interface HeldBack {
  'aria-disabled': true;
  'aria-description': string;
  onClick(event: MouseEvent): void;
}

/**
 * For a button that cannot be pressed now. It still takes the focus, so that everybody can learn why; a form is not sent
 * with it either.
 */
export const heldBack = (why: string): HeldBack => ({
  'aria-disabled': true,
  'aria-description': why,
  onClick: (event) => event.preventDefault(),
});
