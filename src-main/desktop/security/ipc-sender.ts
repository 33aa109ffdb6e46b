/**
 * Item 17: validate the sender of all IPC messages.
 *
 * The preload script runs in whatever page the window shows, so a message alone proves nothing. It counts when it comes
 * from the top frame of our window and that frame's origin is ours, exactly: a prefix of the URL would also fit
 * `app://archon.example`.
 */
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';

export type SenderEvent = Pick<IpcMainEvent | IpcMainInvokeEvent, 'sender' | 'senderFrame'>;

/** @returns why the sender is not trusted, or undefined when it is */
export function distrust(
  event: SenderEvent,
  window: WebContents | undefined,
  trusted_origin: string,
): string | undefined {
  if (window === undefined || event.sender !== window) return 'it comes from another window';
  const frame = event.senderFrame;
  if (frame === null) return 'its frame is gone';
  if (frame.parent !== null) return 'it comes from a frame inside the page';
  if (frame.origin !== trusted_origin) return `its origin is ${frame.origin}`;
  return undefined;
}
