/** What the two processes of the stand-in ask of each other. */

/** Bounds and conditions of a window, as the app set them or as the desktop changed them. */
export interface WindowLook {
  x: number;
  y: number;
  width: number;
  height: number;
  visible: boolean;
  focused: boolean;
  minimized: boolean;
  maximized: boolean;
  title: string;
}

export interface WindowRequest {
  look: WindowLook;
  /** As given to `new BrowserWindow`. */
  options: Record<string, unknown>;
  preload: string | undefined;
}

export interface MenuLook {
  id: string | undefined;
  label: string | undefined;
  role: string | undefined;
  accelerator: string | undefined;
  enabled: boolean;
  submenu: MenuLook[] | undefined;
}

export interface Frame {
  /** As the app sees it: `app://…`. */
  url: string;
  is_main: boolean;
}

export interface FetchAnswer {
  status: number;
  headers: Record<string, string>;
  body: Uint8Array;
}

export type DialogAnswer = Record<string, unknown>;

/** The desktop, played by the test process; called by the app. */
export interface DesktopSide {
  createWindow(id: number, request: WindowRequest): void;
  loadUrl(id: number, url: string): Promise<void>;
  reload(id: number): Promise<void>;
  destroyWindow(id: number): void;
  windowChanged(id: number, look: WindowLook): void;
  /** A message of main for the page; the named ports go with it. */
  postToPage(id: number, channel: string, args: unknown[], ports: string[]): void;
  portMessage(port: string, data: unknown): void;
  portClosed(port: string): void;
  menuSet(items: MenuLook[]): void;
  traySet(tray: { tool_tip: string; items: MenuLook[]; icon: Uint8Array } | null): void;
  notified(id: number, notification: { title: string; body: string }): void;
  dialog(kind: string, options: unknown): DialogAnswer;
  opened(kind: 'external' | 'path' | 'folder-of', target: string): void;
  copied(text: string): void;
  /** Something the app asked of Electron that has no effect here, for tests to look at. */
  asked(what: string, value: unknown): void;
}

/** The app, as the desktop and its windows act on it; called by the test process. */
export interface AppSide {
  /** Null when nobody handles the scheme. */
  fetch(url: string, method: string, headers: Record<string, string>): Promise<FetchAnswer | null>;
  mayRequest(url: string): Promise<boolean>;
  mayNavigate(window: number, url: string, is_main: boolean): boolean;
  navigationStarted(window: number, url: string, is_main: boolean, same_document: boolean): void;
  navigated(window: number, url: string): void;
  pageLoaded(window: number, url: string): void;
  pageCrashed(window: number): void;
  openWindow(window: number, url: string): string;
  attachWebview(window: number): boolean;
  send(window: number, frame: Frame, channel: string, args: unknown[]): void;
  invoke(
    window: number,
    frame: Frame,
    channel: string,
    args: unknown[],
  ): Promise<{ value: unknown } | { error: string }>;
  portMessage(port: string, data: unknown): void;
  /** The page closed its end. */
  portClosed(port: string): void;
  permission(name: string): { request: boolean; check: boolean; device: boolean };
  clickMenu(id: string): void;
  clickTray(): void;
  clickTrayItem(label: string): void;
  clickNotification(id: number): void;
  windowAction(window: number, action: 'close' | 'focus' | 'blur' | 'minimize' | 'maximize'): void;
  moveWindow(window: number, bounds: { x: number; y: number; width: number; height: number }): void;
  secondInstance(argv: string[]): void;
  openUrl(url: string): void;
  /** An error nobody handles. */
  throwError(message: string): void;
  quit(): void;
}
