/**
 * Electron's renderer side, in a page of Chromium: `ipcRenderer`, `contextBridge` and `webUtils` for the built preload
 * script, which runs before any script of the page.
 *
 * This file is injected into pages, so it stands alone but for the codec, which is injected before it. It cannot imitate
 * the isolated world: preload and page share one JavaScript context here.
 */
import type { Codec } from './codec.ts';

type Listener = (event: unknown, ...args: unknown[]) => void;
type ToMain = (kind: string, name: string, data: string) => Promise<string>;
type Preload = (require: (name: string) => unknown, module: object, exports: object, process: object) => void;

export function installPreload({ pack, unpack }: Codec, platform: string, preload: Preload | undefined): void {
  const host = window as unknown as Record<string, unknown>;
  if (window.top !== window || location.protocol === 'about:') return;
  const toMain = host.__standinToMain as ToMain;
  delete host.__standinToMain;

  const listeners = new Map<string, Listener[]>();
  const ports = new Map<string, MessagePort>();
  /** The page's own ends, by id; those that are on their way to it, in the order they were sent. */
  const pageEnds = new Map<string, MessagePort>();
  const underWay: string[][] = [];
  const diskFiles = new Map<string, string>();

  const ipcRenderer = {
    invoke: async (channel: string, ...args: unknown[]) => {
      const answer = unpack(await toMain('invoke', channel, pack(args))) as { value?: unknown; error?: string };
      if (answer.error !== undefined) throw new Error(`Error invoking remote method '${channel}': ${answer.error}`);
      return answer.value;
    },
    send: (channel: string, ...args: unknown[]) => void toMain('send', channel, pack(args)),
    on: (channel: string, listener: Listener) => {
      listeners.set(channel, [...(listeners.get(channel) ?? []), listener]);
      return ipcRenderer;
    },
  };

  /** The bridge copies: plain data cloned, functions proxied, prototypes lost, everything frozen. */
  function cross(value: unknown): unknown {
    if (typeof value === 'function') return (...args: unknown[]) => cross(value(...args.map(cross)));
    if (value instanceof Promise) {
      return value.then(cross, (error) => {
        throw new Error(error?.message ?? String(error));
      });
    }
    if (Array.isArray(value)) return Object.freeze(value.map(cross));
    if (typeof value !== 'object' || value === null) return value;
    // A file stays what it is: its path must be found again.
    if (value instanceof File) return value;
    const prototype = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return structuredClone(value);
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, cross(entry)])));
  }

  const contextBridge = {
    exposeInMainWorld: (name: string, api: unknown) => {
      if (name in window) {
        throw new Error(`Cannot bind an API on top of an existing property on the window object: ${name}`);
      }
      Object.defineProperty(window, name, {
        value: cross(api),
        writable: false,
        configurable: false,
        enumerable: true,
      });
    },
  };

  const webUtils = { getPathForFile: (file: File) => diskFiles.get(`${file.name}|${file.size}`) ?? '' };

  /** A port can leave once. One that was not handed on is lost by asking, as nobody has it. */
  function isTransferred(port: MessagePort): boolean {
    try {
      structuredClone(null, { transfer: [port] });
      return false;
    } catch {
      return true;
    }
  }

  function fromMain(kind: string, name: string, data: string, portIds: string[] = []): void {
    switch (kind) {
      case 'port':
        ports.get(name)?.postMessage(unpack(data));
        return;
      case 'port-close':
        ports.get(name)?.close();
        // Chromium alone tells nobody that the other end was closed; Electron does.
        pageEnds.get(name)?.dispatchEvent(new Event('close'));
        pageEnds.delete(name);
        return;
      case 'disk-file':
        diskFiles.set(name, data);
        return;
    }
    if (portIds.length > 0) underWay.push(portIds);
    const given = portIds.map((id) => {
      const { port1, port2 } = new MessageChannel();
      port2.onmessage = (event) => void toMain('port', id, pack(event.data));
      ports.set(id, port2);
      return port1;
    });
    for (const listener of listeners.get(name) ?? []) {
      listener({ ports: given }, ...(unpack(data) as unknown[]));
    }
    if (given.some((port) => !isTransferred(port))) underWay.pop();
  }
  // The preload script hands ports over with messages of the window itself; a port that was handed over is another object.
  window.addEventListener('message', (event) => {
    if (event.source !== window || event.ports.length === 0) return;
    underWay.shift()?.forEach((id, index) => {
      const port = event.ports[index];
      if (port === undefined) return;
      pageEnds.set(id, port);
      port.close = () => {
        MessagePort.prototype.close.call(port);
        pageEnds.delete(id);
        void toMain('port-closed', id, '');
      };
    });
  });
  Object.defineProperty(window, '__standinFromMain', { value: fromMain, configurable: false, enumerable: false });

  window.open = (url) => {
    void toMain('open', String(url ?? ''), '[]');
    return null;
  };

  // A sandboxed preload script may require only this; anything else fails here as it does in Electron.
  const require = (name: string) => {
    if (name === 'electron' || name === 'electron/renderer') return { ipcRenderer, contextBridge, webUtils };
    throw new Error(`module not found: ${name}`);
  };
  try {
    preload?.(
      require,
      { exports: {} },
      {},
      { platform, type: 'renderer', sandboxed: true, contextIsolated: true, env: {} },
    );
  } catch (error) {
    void toMain('preload-error', error instanceof Error ? error.message : String(error), '[]');
  }
  void toMain('ready', '', '[]');
}
