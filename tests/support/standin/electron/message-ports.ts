import { EventEmitter } from 'node:events';
import { desktop, offer, tell } from './desktop-link.ts';

let last = 0;
/** Ports whose other end is in a page, by the id of that end. */
const away = new Map<string, MessagePortMain>();

export class MessagePortMain extends EventEmitter {
  readonly id: string;
  peer: MessagePortMain | undefined;
  #inPage = false;
  #started = false;
  #closed = false;
  readonly #queue: unknown[] = [];

  constructor() {
    super();
    last += 1;
    this.id = `port-${last}`;
  }

  /** This end goes to a page. @returns its id */
  transfer(): string {
    this.#inPage = true;
    if (this.peer) away.set(this.id, this.peer);
    return this.id;
  }

  start(): void {
    this.#started = true;
    for (const data of this.#queue.splice(0)) this.emit('message', { data, ports: [] });
  }

  postMessage(message: unknown): void {
    const { peer } = this;
    if (this.#closed || peer === undefined) return;
    const data = structuredClone(message);
    if (peer.#inPage) tell(desktop.portMessage(peer.id, data));
    else setImmediate(() => peer.receive(data));
  }

  receive(data: unknown): void {
    if (this.#closed) return;
    if (this.#started) this.emit('message', { data, ports: [] });
    else this.#queue.push(data);
  }

  /** `close` is told to the other end only. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const { peer } = this;
    if (peer === undefined) return;
    if (peer.#inPage) tell(desktop.portClosed(peer.id));
    else setImmediate(() => peer.emit('close'));
  }
}

export class MessageChannelMain {
  readonly port1 = new MessagePortMain();
  readonly port2 = new MessagePortMain();

  constructor() {
    this.port1.peer = this.port2;
    this.port2.peer = this.port1;
  }
}

offer({
  portMessage: (port, data) => away.get(port)?.receive(data),
  portClosed: (port) => void away.get(port)?.emit('close'),
});
