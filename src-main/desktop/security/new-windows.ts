/**
 * Item 14: disable or limit creation of new windows. There is one window; a link that wants another goes to the person's
 * browser if {@link ExternalLinks} lets it, else nowhere.
 */
import type { WebContents } from 'electron';

export function refuseNewWindows(contents: WebContents, openExternal: (url: string) => void): void {
  contents.setWindowOpenHandler(({ url }) => {
    openExternal(url);
    return { action: 'deny' };
  });
}
