/** The desktop this app runs on: the test process, over the IPC channel. */

import { connectSides, type Remote } from '../link.ts';
import type { AppSide, DesktopSide } from '../sides.ts';

const side: Partial<AppSide> = {};

export const desktop: Remote<DesktopSide> = connectSides<DesktopSide>(
  {
    send: (message) => {
      if (process.connected) process.send?.(message);
    },
    onMessage: (listener) => process.on('message', listener),
  },
  side,
);
// Without its desktop there is nothing to run for.
process.on('disconnect', () => process.exit(70));

/** Offers functions of the app to the desktop. */
export function offer(functions: Partial<AppSide>): void {
  Object.assign(side, functions);
}

/** For calls whose answer nobody waits for. */
export function tell(call: Promise<unknown>): void {
  call.catch(() => {});
}
