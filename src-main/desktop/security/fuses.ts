/**
 * Item 19: check which fuses you can change.
 *
 * Values packaging is to burn into Electron's executable, which it does not yet, by their names in `FuseV1Options` of @electron/fuses.
 * https://www.electronjs.org/docs/latest/tutorial/fuses
 */
export const FUSES = {
  /** ELECTRON_RUN_AS_NODE would make the signed app a Node that runs anything. Utility processes do not need it. */
  RunAsNode: false,
  EnableCookieEncryption: true,
  /** NODE_OPTIONS could load code into the app. */
  EnableNodeOptionsEnvironmentVariable: false,
  /** --inspect would open a debugger on the app. */
  EnableNodeCliInspectArguments: false,
  /** The archive of the app is checked against its hash (macOS, Windows) … */
  EnableEmbeddedAsarIntegrityValidation: true,
  /** … and nothing beside it is loaded instead. */
  OnlyLoadAppFromAsar: true,
  LoadBrowserProcessSpecificV8Snapshot: false,
  /** No page of ours is a file:// page. */
  GrantFileProtocolExtraPrivileges: false,
} as const;
