/**
 * Gives the window's page a MessagePort to the oRPC router.
 *
 * One port is open at a time. It is closed when the page asks for another, leaves, crashes or is closed, so that no page
 * ever holds a port that was given to the one before.
 */
import { RPCHandler } from '@orpc/server/message-port';
import type { IpcMain, IpcMainEvent, MessageChannelMain, WebContents } from 'electron';
import type { Logger } from 'pino';
import { type ApiContext, router } from '../../api/router.ts';
import { distrust } from '../security/ipc-sender.ts';
import { CHANNELS } from './channels.ts';
import { EnginePort } from './engine-port.ts';

/** Milliseconds that calls of a page have when another engine takes over. */
const HAND_OVER_MS = 500;

export interface PortBridgeOptions {
  ipcMain: IpcMain;
  createChannel: () => MessageChannelMain;
  /** The page of the one window, while there is one. */
  page: () => WebContents | undefined;
  trusted_origin: string;
  /** What calls run on; undefined until the engine runs. */
  context: () => ApiContext | undefined;
  logger: () => Logger;
}

export class PortBridge {
  readonly #options: PortBridgeOptions;
  readonly #handler = new RPCHandler(router);
  #open: EnginePort | undefined;
  /** Asked before the engine ran. */
  #waiting: IpcMainEvent | undefined;

  constructor(options: PortBridgeOptions) {
    this.#options = options;
  }

  listen(): void {
    this.#options.ipcMain.on(CHANNELS.connect, (event) => this.#connect(event));
  }

  /** Watches a new page for what ends its port. */
  watch(page: WebContents): void {
    // Of the top frame, to another document, and committed: the page stays when a navigation that began is refused.
    page.on('did-navigate', () => this.close());
    page.on('render-process-gone', () => this.close());
    page.on('destroyed', () => this.close());
  }

  /** The engine runs now: a page that waits gets its port. */
  engineStarted(): void {
    const event = this.#waiting;
    this.#waiting = undefined;
    if (event !== undefined) this.#connect(event);
  }

  /** Another engine has taken over: the page asks for a port to it, and for everything anew. */
  engineSwitched(): void {
    const port = this.#open;
    this.#open = undefined;
    if (port !== undefined) {
      // Calls of the page were meant for what it shows. The one that switched is answered first.
      port.retire();
      setTimeout(() => port.close(), HAND_OVER_MS).unref();
    }
    // It may have asked while none was open.
    this.engineStarted();
  }

  close(): void {
    this.#waiting = undefined;
    this.#open?.close();
    this.#open = undefined;
  }

  #connect(event: IpcMainEvent): void {
    const { page, trusted_origin, logger } = this.#options;
    const reason = distrust(event, page(), trusted_origin);
    if (reason !== undefined) {
      logger().warn({ reason }, 'a port to the engine was asked for and refused');
      return;
    }
    this.close();
    const context = this.#options.context();
    if (context === undefined) this.#waiting = event;
    else this.#handOver(event, context);
  }

  #handOver(event: IpcMainEvent, context: ApiContext): void {
    const { port1, port2 } = this.#options.createChannel();
    const port = new EnginePort(port1);
    this.#open = port;
    const now = this.#options.context;
    this.#handler.upgrade(port, {
      // Read for each call: another engine may have taken over since the last.
      get context() {
        return now() ?? context;
      },
    });
    port.start();
    // To the frame that was checked, not to whatever the window shows by then.
    event.senderFrame?.postMessage(CHANNELS.port, null, [port2]);
  }
}
