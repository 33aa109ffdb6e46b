/** Entry of the desktop app. What must happen before Electron is ready happens here, synchronously. */
import { resolve } from 'node:path';
import {
  app,
  BrowserWindow,
  clipboard,
  dialog,
  ipcMain,
  Menu,
  MessageChannelMain,
  Notification,
  nativeImage,
  nativeTheme,
  protocol,
  safeStorage,
  screen,
  shell,
  Tray,
} from 'electron';
import { deepLinkOf } from './desktop/deep-links.ts';
import { DesktopApp } from './desktop/desktop-app.ts';
import { nameApp, registerLinks } from './desktop/identity.ts';
import { APP_ORIGIN, PROBLEM_ORIGIN } from './desktop/origins.ts';
import { registerAppScheme } from './desktop/security/app-scheme.ts';
import { hardenEverything } from './desktop/security/harden.ts';
import { becomeSingleInstance } from './desktop/single-instance.ts';

nameApp(app);
// Item 4 of the security checklist, for every renderer there may ever be.
app.enableSandbox();
registerAppScheme(protocol);

const desktop = new DesktopApp({
  electron: {
    app,
    BrowserWindow,
    clipboard,
    dialog,
    ipcMain,
    Menu,
    MessageChannelMain,
    nativeImage,
    nativeTheme,
    Notification,
    protocol,
    safeStorage,
    screen,
    shell,
    Tray,
  },
  env: process.env,
  platform: process.platform,
  working_dir: process.cwd(),
  bundle_dir: import.meta.dirname,
});

const isFirst = becomeSingleInstance(app, (memory_id) => {
  if (memory_id === undefined) desktop.showWindow();
  else desktop.openMemory(memory_id);
});
if (isFirst) run();
else app.quit();

function run(): void {
  registerLinks(app, process.argv[1] === undefined ? undefined : resolve(process.argv[1]));
  hardenEverything(app, {
    origins: [desktop.dev_server_origin ?? APP_ORIGIN, PROBLEM_ORIGIN],
    dev_server_origin: desktop.dev_server_origin,
    openExternal: (url) => {
      desktop.links.open(url).catch((error) => desktop.logger.warn({ err: error }, 'a link was not opened'));
    },
    logger: () => desktop.logger,
  });
  app.on('open-url', (event, link) => {
    event.preventDefault();
    desktop.openLink(link);
  });
  process.on('uncaughtException', (error) => desktop.fail(error));
  process.on('unhandledRejection', (error) => desktop.logger.error({ err: error }, 'a rejection nobody handled'));
  // Not awaited: Electron becomes ready only when this module has been run to its end.
  app
    .whenReady()
    .then(async () => {
      const memory_id = deepLinkOf(process.argv);
      await desktop.start();
      if (memory_id !== undefined) desktop.openMemory(memory_id);
    })
    // Without a window nobody would see that it runs.
    .catch((error) => desktop.fail(error));
}
