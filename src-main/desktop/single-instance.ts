/** One Archon at a time: a second start brings the first to the front and hands over its link. */
import type { App } from 'electron';
import { deepLinkOf } from './deep-links.ts';

/** @returns false in a second process, which has to end */
export function becomeSingleInstance(app: App, onSecondStart: (memory_id: string | undefined) => void): boolean {
  if (!app.requestSingleInstanceLock()) return false;
  app.on('second-instance', (_event, argv) => onSecondStart(deepLinkOf(argv)));
  return true;
}
