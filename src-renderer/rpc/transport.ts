/** The way to the engine: a MessagePort in the desktop app, a WebSocket in a browser; made anew when it breaks. */
import { type ClientContext, type ClientLink, createORPCClient } from '@orpc/client';
import { RPCLink as PortLink } from '@orpc/client/message-port';
import { RPCLink as SocketLink } from '@orpc/client/websocket';
import { loginState, RPC_CLOSE, RPC_PATH, SESSION_META, SESSION_OPEN } from '../../src-contract/browser-host.ts';
import { type DesktopBridge, PORT_MESSAGE } from '../../src-contract/desktop-bridge.ts';
import type { ArchonClient } from '../../src-contract/index.ts';
import { backoff_ms } from './backoff.ts';
import { useConnection } from './connection.ts';
import { Pulse } from './pulse.ts';

export type Link = ClientLink<ClientContext>;

/** How long a call waits for the connection before it is refused, and an attempt to connect for its end. */
const PATIENCE_MS = 8000;
/** A browser keeps the cookie of the login for so long after it was last given: a page that stays open asks anew. */
const RENEW_COOKIE_MS = 6 * 3_600_000;
/** Close code of a connection that ended without a close (RFC 6455, 7.1.5). */
const HUNG_UP = 1006;

/** The engine cannot be reached now. */
export class OfflineError extends Error {
  override readonly name = 'OfflineError';
  constructor() {
    super('Archon cannot be reached right now. Try again when it is back.');
  }
}

/** What a dialler tells of its attempt. */
interface Attempt {
  open(link: Link): void;
  /** The connection ended, or was never made. */
  lost(reason: 'away' | 'signed_out'): void;
  /** The other end said something. */
  heard(): void;
}

/** One attempt to connect. @returns how to give the connection up; who calls on it hears of it as of any other end */
type Dial = (attempt: Attempt) => () => void;

/** Keeps one connection, and lets calls wait for it. */
class Transport {
  readonly #dial: Dial;
  #link: Link | undefined;
  #waiting: (() => void)[] = [];
  #attempt = 0;
  #lostSince_ms: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #hangUp: (() => void) | undefined;
  #pulse: Pulse | undefined;

  constructor(dial: Dial) {
    this.#dial = dial;
  }

  /** Connects now, whatever was before: at the start, after logging in, or because a person asks. */
  connect(): void {
    clearTimeout(this.#timer);
    this.#hangUp?.();
    this.#link = undefined;
    let ended = false;
    const hangUp = this.#dial({
      open: (link) => {
        if (ended) return;
        clearTimeout(slow);
        this.#opened(link, () => end('away'));
      },
      lost: (reason) => end(reason),
      heard: () => {
        if (!ended) this.#pulse?.heard();
      },
    });
    const end = (reason: 'away' | 'signed_out') => {
      if (ended) return;
      this.#hangUp?.();
      this.#lost(reason);
    };
    const slow = setTimeout(() => end('away'), PATIENCE_MS);
    this.#hangUp = () => {
      ended = true;
      clearTimeout(slow);
      this.#pulse?.stop();
      this.#pulse = undefined;
      hangUp();
    };
  }

  /** Somebody looks at the page again: is the other end still there? */
  look(): void {
    this.#pulse?.look();
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

  #opened(link: Link, gone: () => void): void {
    this.#link = link;
    this.#attempt = 0;
    this.#lostSince_ms = undefined;
    const { health } = createORPCClient<ArchonClient>(link);
    this.#pulse = new Pulse({ ask: () => health.live(), gone });
    useConnection.getState().set({ phase: 'open' });
    for (const go of this.#waiting.splice(0)) go();
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
function portDial(bridge: DesktopBridge): Dial {
  return ({ open, lost, heard }) => {
    let port: MessagePort | undefined;
    const onMessage = (event: MessageEvent) => {
      if (event.source !== window || event.data !== PORT_MESSAGE) return;
      const [given] = event.ports;
      if (given === undefined) return;
      window.removeEventListener('message', onMessage);
      port = given;
      port.addEventListener('close', () => lost('away'));
      port.addEventListener('message', heard);
      const link = new PortLink({ port });
      port.start();
      open(link);
    };
    window.addEventListener('message', onMessage);
    bridge.connect();
    return () => {
      window.removeEventListener('message', onMessage);
      port?.close();
      // Only the other end is told of a close; the calls that wait here must hear of it too.
      port?.dispatchEvent(new Event('close'));
    };
  };
}

/** In a browser: the server that the page came from, with the cookie of the login. */
const socketDial: Dial = (attempt) => {
  if (saidToBeOpen()) return openSocket(attempt);
  let hangUp = () => {};
  let isGone = false;
  // Asked before, for a refused upgrade says nothing to the page and an error to the console.
  void isSignedOut().then((out) => {
    if (isGone) return;
    if (out) attempt.lost('signed_out');
    else hangUp = openSocket(attempt);
  });
  return () => {
    isGone = true;
    hangUp();
  };
};

/** What the page itself says, once: later it may not be so any more. */
function saidToBeOpen(): boolean {
  const said = document.querySelector<HTMLMetaElement>(`meta[name="${SESSION_META}"]`);
  said?.remove();
  return said?.content === SESSION_OPEN;
}

function openSocket({ open, lost, heard }: Attempt): () => void {
  const url = new URL(RPC_PATH, location.href);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url);
  // Large messages come as bytes.
  socket.binaryType = 'arraybuffer';
  let opened = false;
  let closed = false;
  let renewing: ReturnType<typeof setInterval> | undefined;
  socket.addEventListener('open', () => {
    opened = true;
    renewing = setInterval(() => void isSignedOut(), RENEW_COOKIE_MS);
    open(new SocketLink({ websocket: socket }));
  });
  socket.addEventListener('message', heard);
  socket.addEventListener('close', ({ code }) => {
    // Told here when it is given up, and by the browser once more when it is done.
    if (closed) return;
    closed = true;
    clearInterval(renewing);
    if (code === RPC_CLOSE.SESSION_ENDED.code) lost('signed_out');
    // A browser does not tell why an upgrade was refused: ask.
    else if (opened) lost('away');
    else void isSignedOut().then((out) => lost(out ? 'signed_out' : 'away'));
  });
  return () => {
    socket.close();
    // A peer that is gone does not answer a close, and the browser waits for it: the calls that wait must not.
    socket.dispatchEvent(new CloseEvent('close', { code: HUNG_UP }));
  };
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

export const transport = new Transport(desktop ? portDial(desktop) : socketDial);

/** Somebody looks again, or the network is back: no reason to wait for the next attempt. */
function tryNow(): void {
  if (document.visibilityState !== 'visible') return;
  if (useConnection.getState().state.phase === 'lost') transport.connect();
  else transport.look();
}
window.addEventListener('online', tryNow);
document.addEventListener('visibilitychange', tryNow);

declare global {
  interface Window {
    readonly archon?: DesktopBridge;
  }
}
