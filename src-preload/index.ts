/**
 * Gives the window `window.archon`, and nothing else of Electron.
 *
 * Item 20 of Electron's security checklist: no API of Electron is handed over. Every function takes and gives plain
 * values; the page can name neither a channel nor a listener of ipcRenderer. The script runs sandboxed, so it can
 * require nothing but electron.
 */
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import { BRIDGE_NAME, type DesktopBridge, type DesktopCommand, PORT_MESSAGE } from '../src-contract/desktop-bridge.ts';
import { type CallAnswer, CHANNELS } from '../src-main/desktop/bridge/channels.ts';
import { Mailbox } from './mailbox.ts';

const memories = new Mailbox<string>();
const pages = new Mailbox<string>();
const commands = new Mailbox<DesktopCommand>();
const closings = new Mailbox<undefined>();
ipcRenderer.on(CHANNELS.openMemory, (_event, memory_id: string) => memories.deliver(memory_id));
ipcRenderer.on(CHANNELS.openPage, (_event, path: string) => pages.deliver(path));
ipcRenderer.on(CHANNELS.command, (_event, command: DesktopCommand) => commands.deliver(command));
ipcRenderer.on(CHANNELS.closing, () => closings.deliver(undefined));
// Ports cannot pass the context bridge, but the window's own messages carry them.
ipcRenderer.on(CHANNELS.port, ({ ports }) => window.postMessage(PORT_MESSAGE, window.location.origin, [...ports]));

/** Asks main; an error arrives with main's own words. */
async function call<T>(channel: string, ...args: unknown[]): Promise<T> {
  const answer: CallAnswer = await ipcRenderer.invoke(channel, ...args);
  if (!answer.ok) throw new Error(answer.message);
  return answer.value as T;
}

const bridge: DesktopBridge = {
  platform: process.platform,
  connect: () => ipcRenderer.send(CHANNELS.connect),
  pathOf: (file) => webUtils.getPathForFile(file),
  saveExport: (job_id) => call(CHANNELS.saveExport, job_id),
  showFile: (path) => call(CHANNELS.showFile, path),
  openExternal: (url) => call(CHANNELS.openExternal, url),
  copyText: (text) => call(CHANNELS.copyText, text),
  setTheme: (theme) => call(CHANNELS.setTheme, theme),
  onOpenMemory: (listener) => memories.listen(listener),
  onOpenPage: (listener) => pages.listen(listener),
  onCommand: (listener) => commands.listen(listener),
  onClosing: (listener) => closings.listen(() => listener()),
};

contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
