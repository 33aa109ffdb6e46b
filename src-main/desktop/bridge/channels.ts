/** Names of the messages between preload script and main process. */
export const CHANNELS = {
  /** Page → main: asks for a port to the engine. */
  connect: 'archon:connect',
  /** Main → page: the port. */
  port: 'archon:port',
  /** Main → page. */
  openMemory: 'archon:open-memory',
  openPage: 'archon:open-page',
  command: 'archon:command',
  closing: 'archon:closing',
  /** Page → main, answered with a {@link CallAnswer}. */
  saveExport: 'archon:save-export',
  showFile: 'archon:show-file',
  openExternal: 'archon:open-external',
  copyText: 'archon:copy-text',
  setTheme: 'archon:set-theme',
} as const;

/** Electron puts its own words around the message of an error; so errors travel as answers. */
export type CallAnswer = { ok: true; value: unknown } | { ok: false; message: string };
