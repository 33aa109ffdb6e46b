/** The way to the engine: a MessagePort in the desktop app, a WebSocket in a browser; made anew when it breaks. */
import type { ClientContext, ClientLink } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { loginState, RPC_CLOSE, RPC_PATH } from '../../src-contract/browser-host.ts';
import { type DesktopBridge, PORT_MESSAGE } from '../../src-contract/desktop-bridge.ts';
import { backoff_ms } from './backoff.ts';
import { useConnection } from './connection.ts';

export type Link = ClientLink<ClientContext>;

/** How long a call waits for the connection before it is refused. */
const PATIENCE_MS = 8000;

/** The engine cannot be reached now. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
  constructor() {
    super('Archon cannot be reached right now. Try again when it is back.');
  }
}

/** One attempt to connect. `lost` is called once when the connection ends, or was never made. */
interface Dialler {
  dial(lost: (reason: 'away' | 'signed_out') => void, open: (link: Link) => void): () => void;
}

/** Keeps one connection, and lets calls wait for it. */
class Transport {
  readonly #dialler: Dialler;
  #link: Link | undefined;
  #waiting: (() => void)[] = [];
  #attempt = 0;
  #lostSince_ms: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hangUp: (() => void) | undefined;

  constructor(dialler: Dialler) {
    this.#dialler = dialler;
  }

  /** Connects now, whatever was before: at the start, after logging in, or because a person asks. */
  connect(): void {
    clearTimeout(this.#timer);
    this.#hangUp?.();
    this.#link = undefined;
    let ended = false;
    const hangUp = this.#dialler.dial(
      (reason) => {
        if (ended) return;
        ended = true;
        this.#lost(reason);
      },
      (link) => {
        if (ended) return;
        this.#link = link;
        this.#attempt = 0;
        this.#lostSince_ms = undefined;
        useConnection.getState().set({ phase: 'open' });
        for (const go of this.#waiting.splice(0)) go();
      },
    );
    this.#hangUp = () => {
      ended = true;
      hangUp();
    };
  }

  /** The link of the connection, as soon as there is one. @throws OfflineError after some seconds without */
  async link(): Promise<Link> {
    if (this.#link === undefined) await this.#wait();
    if (this.#link === undefined) throw new OfflineError();
    return this.#link;
  }

  #wait(): Promise<void> {
    const { phase } = useConnection.getState().state;
    if (phase === 'signed_out' || phase === 'closing') return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #lost(reason: 'away' | 'signed_out'): void {
    this.#link = undefined;
    const { state, set } = useConnection.getState();
    if (state.phase === 'closing') return;
    if (reason === 'signed_out') {
      set({ phase: 'signed_out' });
      for (const go of this.#waiting.splice(0)) go();
      return;
    }
    this.#lostSince_ms ??= Date.now();
    const delay_ms = backoff_ms(this.#attempt);
    this.#attempt += 1;
    set({
      phase: 'lost',
      since_ms: this.#lostSince_ms,
      attempt: this.#attempt,
      retry_at_ms: Date.now() + delay_ms,
    });
    this.#timer = setTimeout(() => this.connect(), delay_ms);
  }
}

/** In the desktop app: the main process hands over a port each time it is asked. */
function portDialler(bridge: DesktopBridge): Dialler {
  return {
    dial(lost, open) {
      let port: MessagePort | undefined;
      const onMessage = (event: MessageEvent) => {
        if (event.source !== window || event.data !== PORT_MESSAGE) return;
        const [given] = event.ports;
        if (given === undefined) return;
        window.removeEventListener('message', onMessage);
        port = given;
        port.addEventListener('close', () => lost('away'));
        const link = new PortLink({ port });
        port.start();
        open(link);
      };
      const timer = setTimeout(() => port ?? lost('away'), PATIENCE_MS);
      window.addEventListener('message', onMessage);
      bridge.connect();
      return () => {
        clearTimeout(timer);
        window.removeEventListener('message', onMessage);
        port?.close();
      };
    },
  };
}

/** In a browser: the server that the page came from, with the cookie of the login. */
const socketDialler: Dialler = {
  dial(lost, open) {
    let hangUp = () => {};
    let isGone = false;
    // Asked before, for a refused upgrade says nothing to the page and an error to the console.
    void isSignedOut().then((out) => {
      if (isGone) return;
      if (out) lost('signed_out');
      else hangUp = openSocket(lost, open);
    });
    return () => {
      isGone = true;
      hangUp();
    };
  },
};

function openSocket(...[lost, open]: Parameters<Dialler['dial']>): () => void {
  const url = new URL(RPC_PATH, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  // Large messages come as bytes.
  socket.binaryType = 'arraybuffer';
  let opened = false;
  socket.addEventListener('open', () => {
    opened = true;
    open(new SocketLink({ websocket: socket }));
  });
  socket.addEventListener('close', ({ code }) => {
    if (code === RPC_CLOSE.SESSION_ENDED.code) lost('signed_out');
    // A browser does not tell why an upgrade was refused: ask.
    else if (opened) lost('away');
    else void isSignedOut().then((out) => lost(out ? 'signed_out' : 'away'));
  });
  return () => socket.close();
}

async function isSignedOut(): Promise<boolean> {
  try {
    const response = await fetch('/auth/session', { signal: AbortSignal.timeout(PATIENCE_MS) });
    if (!response.ok) return response.status === 401;
    return !loginState.parse(await response.json()).authenticated;
  } catch {
    return false;
  }
}

/** The bridge of the desktop app; undefined in a browser. */
export const desktop: DesktopBridge | undefined = window.archon;

export const transport = new Transport(desktop ? portDialler(desktop) : socketDialler);

/** Somebody looks again, or the network is back: no reason to wait for the next attempt. */
function tryNow(): void {
  if (document.visibilityState === 'visible' && useConnection.getState().state.phase === 'lost') transport.connect();
}
window.addEventListener('online', tryNow);
document.addEventListener('visibilitychange', tryNow);

declare global {
  interface Window {
    readonly archon?: DesktopBridge;
  }
}
