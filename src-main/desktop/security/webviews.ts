/**
 * Items 11 and 12: `<webview>` elements. The app has none, and one that somebody brings in is not attached, whatever its
 * options are.
 */
import type { WebContents } from 'electron';

export function refuseWebviews(contents: WebContents): void {
  contents.on('will-attach-webview', (event) => event.preventDefault());
}
