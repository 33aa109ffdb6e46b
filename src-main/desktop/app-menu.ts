/** The application menu with its accelerators. */
import type { MenuItemConstructorOptions } from 'electron';
import type { DesktopCommand } from '../../src-contract/index.ts';
import { APP_NAME } from './identity.ts';

export interface AppMenuOptions {
  platform: NodeJS.Platform;
  /** Run from the sources: reload and developer tools are there. */
  development: boolean;
  command: (command: DesktopCommand) => void;
  quit: () => void;
  openApiReference: () => void;
  openDocumentation: () => void;
  openLogs: () => void;
}

export function appMenu(options: AppMenuOptions): MenuItemConstructorOptions[] {
  const mac = options.platform === 'darwin';
  return [
    ...(mac ? [macMenu(options)] : []),
    fileMenu(options, mac),
    editMenu(),
    viewMenu(options),
    windowMenu(mac),
    helpMenu(options),
  ];
}

/** macOS keeps an item with this accelerator in the menu of the app itself. */
const quitItem = ({ quit }: AppMenuOptions): MenuItemConstructorOptions => ({
  id: 'quit',
  label: `Quit ${APP_NAME}`,
  accelerator: 'CmdOrCtrl+Q',
  click: quit,
});

const macMenu = (options: AppMenuOptions): MenuItemConstructorOptions => ({
  label: APP_NAME,
  submenu: [
    { role: 'about' },
    { type: 'separator' },
    { role: 'services' },
    { type: 'separator' },
    { role: 'hide' },
    { role: 'hideOthers' },
    { role: 'unhide' },
    { type: 'separator' },
    quitItem(options),
  ],
});

const fileMenu = (options: AppMenuOptions, mac: boolean): MenuItemConstructorOptions => ({
  label: '&File',
  submenu: [
    item('Import …', 'open-import', 'CmdOrCtrl+O', options),
    item('Export …', 'open-export', 'CmdOrCtrl+E', options),
    { type: 'separator' },
    { role: 'close' },
    ...(mac ? [] : [{ type: 'separator' as const }, quitItem(options)]),
  ],
});

const editMenu = (): MenuItemConstructorOptions => ({
  label: '&Edit',
  submenu: [
    { role: 'undo' },
    { role: 'redo' },
    { type: 'separator' },
    { role: 'cut' },
    { role: 'copy' },
    { role: 'paste' },
    { role: 'pasteAndMatchStyle' },
    { role: 'delete' },
    { role: 'selectAll' },
  ],
});

const viewMenu = (options: AppMenuOptions): MenuItemConstructorOptions => ({
  label: '&View',
  submenu: [
    item('Search and Commands …', 'open-palette', 'CmdOrCtrl+K', options),
    item('Memory', 'go-memory', 'CmdOrCtrl+1', options),
    item('Switch Theme', 'toggle-theme', 'CmdOrCtrl+Shift+T', options),
    { type: 'separator' },
    ...(options.development ? developmentItems() : []),
    { role: 'resetZoom' },
    { role: 'zoomIn' },
    { role: 'zoomOut' },
    { type: 'separator' },
    { role: 'togglefullscreen' },
  ],
});

const developmentItems = (): MenuItemConstructorOptions[] => [
  { role: 'reload' },
  { role: 'forceReload' },
  { role: 'toggleDevTools' },
  { type: 'separator' },
];

const windowMenu = (mac: boolean): MenuItemConstructorOptions => ({
  label: '&Window',
  role: 'window',
  submenu: mac
    ? [{ role: 'minimize' }, { role: 'zoom' }, { type: 'separator' }, { role: 'front' }]
    : [{ role: 'minimize' }],
});

const helpMenu = (options: AppMenuOptions): MenuItemConstructorOptions => ({
  label: '&Help',
  role: 'help',
  submenu: [
    { id: 'documentation', label: 'Documentation', accelerator: 'F1', click: options.openDocumentation },
    { id: 'api-reference', label: 'API Reference', click: options.openApiReference },
    item('Keyboard Shortcuts', 'open-shortcuts', undefined, options),
    { type: 'separator' },
    { id: 'logs', label: 'Show Logs', click: options.openLogs },
  ],
});

function item(
  label: string,
  command: DesktopCommand,
  accelerator: string | undefined,
  options: AppMenuOptions,
): MenuItemConstructorOptions {
  const click = () => options.command(command);
  return accelerator === undefined ? { id: command, label, click } : { id: command, label, accelerator, click };
}
