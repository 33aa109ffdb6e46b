/** When the page or another process of the app dies: it is logged, and the person is asked what to do about the page. */
import type { App, BrowserWindow, Dialog, WebContents } from 'electron';
import type { Logger } from 'pino';

export interface PageFailureDeps {
  dialog: Pick<Dialog, 'showMessageBox'>;
  logger: () => Logger;
  quit: () => void;
}

const RELOAD = 0;

/**
 * Offers a reload when the page's process is gone. The engine lives in another process and goes on. A window that nobody
 * sees asks once it is shown again: a question that comes from nowhere is none anybody can answer.
 */
export function offerReload(page: WebContents, window: BrowserWindow, deps: PageFailureDeps): void {
  page.on('render-process-gone', (_event, { reason, exitCode }) => {
    // It was told to go: the window is closing.
    if (reason === 'clean-exit') return;
    deps.logger().error({ reason, exit_code: exitCode }, 'the process of the window is gone');
    onceInSight(window, () => {
      ask(page, window, deps, reason).catch((error) =>
        deps.logger().error({ err: error }, 'the question whether to reload the window failed'),
      );
    });
  });
  page.on('unresponsive', () => deps.logger().warn('the window does not answer'));
  page.on('responsive', () => deps.logger().info('the window answers again'));
  page.on('preload-error', (_event, _path, error) =>
    deps.logger().error({ err: error }, 'the preload script of the window failed'),
  );
}

async function ask(page: WebContents, window: BrowserWindow, deps: PageFailureDeps, reason: string): Promise<void> {
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
}

function onceInSight(window: BrowserWindow, act: () => void): void {
  const look = () => {
    if (window.isDestroyed() || !window.isVisible() || window.isMinimized()) return;
    window.off('show', look);
    window.off('restore', look);
    act();
  };
  window.on('show', look);
  window.on('restore', look);
  look();
}

export function logChildProcesses(app: App, logger: () => Logger): void {
  app.on('child-process-gone', (_event, { type, reason, exitCode, name }) => {
    if (reason !== 'clean-exit') logger().error({ type, name, reason, exit_code: exitCode }, 'a process is gone');
  });
}
