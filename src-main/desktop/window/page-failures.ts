/** When the page or another process of the app dies: it is logged, and the person is asked what to do about the page. */
import type { App, BrowserWindow, Dialog, WebContents } from 'electron';
import type { Logger } from 'pino';

export interface PageFailureDeps {
  dialog: Pick<Dialog, 'showMessageBox'>;
  logger: () => Logger;
  quit: () => void;
}

const RELOAD = 0;

/** Offers a reload when the page's process is gone. The engine lives in another process and goes on. */
export function offerReload(page: WebContents, window: BrowserWindow, deps: PageFailureDeps): void {
  page.on('render-process-gone', async (_event, { reason, exitCode }) => {
    // It was told to go: the window is closing.
    if (reason === 'clean-exit') return;
    deps.logger().error({ reason, exit_code: exitCode }, 'the process of the window is gone');
    const { response } = await deps.dialog.showMessageBox(window, {
      type: 'error',
      title: 'Archon',
      message: 'The window stopped working.',
      detail:
        `Memory and running imports are not affected: they do not depend on the window. ` +
        `Reload it to go on. (Reason: ${reason})`,
      buttons: ['Reload', 'Quit Archon'],
      defaultId: RELOAD,
      cancelId: RELOAD,
      noLink: true,
    });
    if (response !== RELOAD) deps.quit();
    else if (!window.isDestroyed()) page.reload();
  });
  page.on('unresponsive', () => deps.logger().warn('the window does not answer'));
  page.on('responsive', () => deps.logger().info('the window answers again'));
  page.on('preload-error', (_event, _path, error) =>
    deps.logger().error({ err: error }, 'the preload script of the window failed'),
  );
}

export function logChildProcesses(app: App, logger: () => Logger): void {
  app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
    if (reason !== 'clean-exit') logger().error({ type, name, reason, exit_code: exitCode }, 'a process is gone');
  });
}
