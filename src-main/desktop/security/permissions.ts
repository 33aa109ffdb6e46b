/**
 * Item 5: handle session permission requests.
 *
 * The user interface needs none, not even the clipboard: copying goes through the bridge. So all are refused.
 */
import type { Session } from 'electron';

export function refusePermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false));
  session.setPermissionCheckHandler(() => false);
  // HID, serial and USB devices ask here.
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler((_request, answer) => answer({}));
}
