/**
 * Items 2, 3, 4, 6, 8, 9 and 10: what a page of ours may be.
 *
 * Most are Electron's defaults. They are written out so that a change of a default, or of this file, is seen by the
 * tests in tests/security/.
 */
import type { WebPreferences } from 'electron';

export function securePreferences(preload: string | undefined): WebPreferences {
  return {
    ...(preload === undefined ? {} : { preload }),
    // 2. Do not enable Node.js integration for remote content
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    // 3. Enable context isolation in all renderers
    contextIsolation: true,
    // 4. Enable process sandboxing
    sandbox: true,
    // 6. Do not disable webSecurity
    webSecurity: true,
    // 8. Do not enable allowRunningInsecureContent
    allowRunningInsecureContent: false,
    // 9. Do not enable experimental features (and 10: enableBlinkFeatures is not named at all)
    experimentalFeatures: false,
    // 11. and 12. There are no <webview> elements to verify.
    webviewTag: false,
    navigateOnDragDrop: false,
    // It would fetch dictionaries from a server.
    spellcheck: false,
  };
}
