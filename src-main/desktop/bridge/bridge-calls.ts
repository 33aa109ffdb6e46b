/** What the page can ask of the computer itself. Every call checks its sender, then its arguments. */
import type { IpcMain, WebContents } from 'electron';
import type { Logger } from 'pino';
import { z } from 'zod';
import { THEMES, type Theme } from '../desktop-settings.ts';
import { distrust } from '../security/ipc-sender.ts';
import { type CallAnswer, CHANNELS } from './channels.ts';

/** Far more than a person copies at once; the whole of the longest message fits. */
const MAX_CLIPBOARD_CHARACTERS = 10_000_000;

export interface BridgeActions {
  saveExport(job_id: string): Promise<{ path: string } | null>;
  showFile(path: string): Promise<void>;
  openExternal(url: string): Promise<void>;
  copyText(text: string): void;
  setTheme(theme: Theme): void;
}

export interface BridgeCallsOptions {
  ipcMain: IpcMain;
  page: () => WebContents | undefined;
  trusted_origin: string;
  actions: BridgeActions;
  logger: () => Logger;
}

export function listenForCalls(options: BridgeCallsOptions): void {
  const { actions } = options;
  answer(options, CHANNELS.saveExport, z.tuple([z.uuid()]), ([job_id]) => actions.saveExport(job_id));
  answer(options, CHANNELS.showFile, z.tuple([z.string().min(1).max(4096)]), ([path]) => actions.showFile(path));
  answer(options, CHANNELS.openExternal, z.tuple([z.url().max(2000)]), ([url]) => actions.openExternal(url));
  answer(options, CHANNELS.copyText, z.tuple([z.string().max(MAX_CLIPBOARD_CHARACTERS)]), async ([text]) =>
    actions.copyText(text),
  );
  answer(options, CHANNELS.setTheme, z.tuple([z.enum(THEMES)]), async ([theme]) => actions.setTheme(theme));
}

function answer<T>(
  { ipcMain, page, trusted_origin, logger }: BridgeCallsOptions,
  channel: string,
  schema: z.ZodType<T>,
  act: (args: T) => Promise<unknown>,
): void {
  ipcMain.handle(channel, async (event, ...args: unknown[]): Promise<CallAnswer> => {
    const reason = distrust(event, page(), trusted_origin);
    if (reason !== undefined) {
      logger().warn({ channel, reason }, 'a call of the window was refused');
      return { ok: false, message: 'This page may not do that.' };
    }
    const parsed = schema.safeParse(args);
    if (!parsed.success) {
      logger().warn({ channel }, 'a call of the window had wrong arguments');
      return { ok: false, message: 'That is not a valid request.' };
    }
    try {
      return { ok: true, value: await act(parsed.data) };
    } catch (error) {
      logger().warn({ channel, err: error }, 'a call of the window failed');
      return { ok: false, message: error instanceof Error ? error.message : String(error) };
    }
  });
}
