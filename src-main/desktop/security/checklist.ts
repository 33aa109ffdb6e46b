/**
 * The items of Electron's security checklist, in its words and order. The tests in tests/security/ name them, and the
 * page docs/operations/security.md is made from those tests.
 *
 * https://www.electronjs.org/docs/latest/tutorial/security#checklist-security-recommendations
 */
export const CHECKLIST = {
  1: 'Only load secure content',
  2: 'Do not enable Node.js integration for remote content',
  3: 'Enable context isolation in all renderers',
  4: 'Enable process sandboxing',
  5: 'Handle session permission requests from remote content',
  6: 'Do not disable webSecurity',
  7: 'Define a Content Security Policy',
  8: 'Do not enable allowRunningInsecureContent',
  9: 'Do not enable experimental features',
  10: 'Do not use enableBlinkFeatures',
  11: '<webview>: Do not use allowpopups',
  12: '<webview>: Verify options and params',
  13: 'Disable or limit navigation',
  14: 'Disable or limit creation of new windows',
  15: 'Do not use shell.openExternal with untrusted content',
  16: 'Use a current version of Electron',
  17: 'Validate the sender of all IPC messages',
  18: 'Avoid usage of the file:// protocol and prefer usage of custom protocols',
  19: 'Check which fuses you can change',
  20: 'Do not expose Electron APIs to untrusted web content',
} as const;

export type ChecklistItem = keyof typeof CHECKLIST;
