/**
 * One client connection: start-up, then its units one after the other on the shared backend.
 *
 * https://www.postgresql.org/docs/18/protocol-flow.html
 */
import { randomInt } from 'node:crypto';
import type { MessagePort } from 'node:worker_threads';
import type { BackendClient, BackendQueue } from './backend-queue.ts';
import { FrameSplitter } from './frame-splitter.ts';
import type { ListenStatement } from './listen-statements.ts';
import { ListenTracker } from './listen-tracker.ts';
import { type ClientRequest, type MessageUnit, UnitAssembler } from './message-units.ts';
import { failingUnit, type PgliteBackend, readStatus } from './pglite-backend.ts';
import { ProtocolViolation } from './protocol-violation.ts';
import { SessionOutput } from './session-output.ts';
import { refuseStartup, sessionGreeting } from './session-startup.ts';
import { readStartupPacket } from './startup-packet.ts';
import { UNKNOWN_UNNAMED_STATEMENT } from './statement-policy.ts';
import {
  errorResponse,
  frameBody,
  frameType,
  readString,
  readyForQuery,
  type TransactionStatus,
  type WireError,
} from './wire-frames.ts';

const IDLE_TRANSACTION: WireError = {
  severity: 'FATAL',
  code: '25P03',
  message: 'terminating connection due to idle-in-transaction timeout',
  hint: 'A transaction in the embedded database keeps everyone else waiting: keep it short.',
};
const CANCELED: WireError = { code: '57014', message: 'canceling statement due to user request' };

/** What a session needs of the server it belongs to. */
export interface SessionHost {
  readonly backend: PgliteBackend;
  readonly queue: BackendQueue;
  /** ParameterStatus values of a fresh session. */
  readonly parameters: ReadonlyMap<string, string>;
  /** A client asks to cancel what another session waits for. */
  cancel(pid: number, secret: number): void;
  /** Sends a notification on to those who listen, as from this session. */
  publish(notification: Buffer, sender: WireSession): void;
  /** The session's LISTEN or UNLISTEN is committed. */
  listen(session: WireSession, statement: ListenStatement): void;
  /** Lets the backend listen on what sessions listen on; only while no transaction is open. */
  alignChannels(): Promise<void>;
  ownsUnnamedStatement(session: WireSession): boolean;
  noteUnnamedStatement(session: WireSession, change: MessageUnit['unnamed_statement']): void;
  /** The session has ended. */
  forget(session: WireSession): void;
}

export class WireSession implements BackendClient {
  readonly pid: number;
  readonly secret = randomInt(2 ** 31);
  readonly #host: SessionHost;
  readonly #output: SessionOutput;
  readonly #splitter = new FrameSplitter({ typed: false });
  readonly #assembler = new UnitAssembler();
  readonly #listens = new ListenTracker();
  readonly #requests: ClientRequest[] = [];
  #status: TransactionStatus = 'I';
  /** After Flush: the exchange goes on. */
  #mid_exchange = false;
  #running = false;
  #ending: { reason: WireError | null } | null = null;
  #closed = false;

  constructor(host: SessionHost, pid: number, port: MessagePort) {
    this.#host = host;
    this.pid = pid;
    this.#output = new SessionOutput(port);
    port.on('message', (chunk: Uint8Array | null) => {
      if (chunk === null) this.#hangUp();
      else this.#receive(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
    });
    port.on('close', () => this.#hangUp());
  }

  hasWork(): boolean {
    return !this.#closed && (this.#ending !== null || this.#requests.length > 0);
  }

  async runNext(): Promise<'free' | 'held'> {
    const request = this.#ending ? 'terminate' : this.#requests.shift();
    if (request === undefined) return this.#holds() ? 'held' : 'free';
    if (request === 'terminate') {
      await this.#rollBack();
      this.#finish();
      return 'free';
    }
    this.#running = true;
    await this.#run(request);
    this.#running = false;
    this.#output.flush();
    if (this.#holds()) return 'held';
    await this.#host.alignChannels();
    return 'free';
  }

  expireHold(): void {
    this.end(IDLE_TRANSACTION);
  }

  /** Ends the session, rolling back what it has open and dropping what has not run; a reason is told to the client. */
  end(reason: WireError | null): void {
    if (this.#closed || this.#ending) return;
    this.#ending = { reason };
    this.#requests.length = 0;
    if (this.#host.queue.serves(this)) {
      this.#host.queue.submit(this); // Its next turn rolls back.
      return;
    }
    this.#host.queue.withdraw(this);
    this.#finish();
  }

  /** A notification for this client, between two of its frames. */
  notify(notification: Buffer): void {
    this.#output.write(notification);
    if (!this.#running) this.#output.flush();
  }

  /**
   * Cancels the unit that waits for the backend, as a CancelRequest asks.
   *
   * Best effort: one that already runs cannot be interrupted, as the backend is single-threaded.
   */
  cancel(): void {
    const [waiting] = this.#requests;
    if (!waiting || waiting === 'terminate' || this.#host.queue.serves(this)) return;
    if (waiting.ending === 'flush') {
      // More of this exchange follows; let it fail in its turn, so that the rest is skipped up to Sync.
      waiting.refusal = CANCELED;
      return;
    }
    this.#requests.shift();
    this.#output.write(errorResponse(CANCELED));
    this.#output.write(readyForQuery(this.#status));
    this.#output.flush();
    if (!this.hasWork()) this.#host.queue.withdraw(this);
  }

  #receive(chunk: Buffer): void {
    if (this.#closed || this.#ending) return;
    try {
      this.#splitter.push(chunk);
      for (let frame = this.#splitter.next(); frame; frame = this.#splitter.next()) {
        if (this.#splitter.typed) this.#accept(this.#assembler.add(frame));
        else this.#startUp(frame);
        if (this.#closed || this.#ending) return;
      }
    } catch (error) {
      if (!(error instanceof ProtocolViolation)) throw error;
      this.end({ severity: 'FATAL', code: error.code, message: error.message });
    }
  }

  #startUp(packet: Buffer): void {
    const startup = readStartupPacket(packet);
    switch (startup.kind) {
      case 'encryption':
        this.#output.write(Buffer.from('N'));
        break;
      case 'cancel':
        this.#host.cancel(startup.pid, startup.secret);
        this.end(null);
        break;
      case 'startup': {
        const refusal = refuseStartup(startup.parameters);
        if (refusal) {
          this.end(refusal);
          return;
        }
        this.#splitter.typed = true;
        for (const frame of sessionGreeting(this, this.#host.parameters, startup.parameters)) this.#output.write(frame);
        break;
      }
    }
    this.#output.flush();
  }

  #accept(request: ClientRequest | null): void {
    if (!request) return;
    this.#requests.push(request);
    this.#host.queue.submit(this);
  }

  /** The client is gone. After a Terminate the units before it still run, as on a server. */
  #hangUp(): void {
    if (this.#requests.at(-1) === 'terminate') return;
    this.end(null);
  }

  #holds(): boolean {
    return this.#status !== 'I' || this.#mid_exchange;
  }

  async #run(unit: MessageUnit): Promise<void> {
    const { backend } = this.#host;
    const refusal = unit.refusal ?? (this.#lacksStatement(unit) ? UNKNOWN_UNNAMED_STATEMENT : null);
    if (!refusal) this.#listens.announce(unit.listens);
    // A refused unit is replaced by one that fails at once, and its error by ours: so the state of the transaction,
    // and what is skipped up to Sync, come out as for any failed statement.
    const bytes = refusal ? failingUnit(unit.ending) : unit.bytes;
    this.#mid_exchange = unit.ending === 'flush';
    await backend.execute(bytes, unit.ending === 'ready', (frame) => this.#answer(frame, refusal));
    this.#host.noteUnnamedStatement(this, refusal ? 'destroyed' : unit.unnamed_statement);
  }

  /** Another session has used the backend since this one parsed the unnamed statement. */
  #lacksStatement(unit: MessageUnit): boolean {
    return unit.uses_earlier_statement && !this.#host.ownsUnnamedStatement(this);
  }

  #answer(frame: Buffer, refusal: WireError | null): void {
    switch (frameType(frame)) {
      case 'A':
        this.#host.publish(frame, this);
        return;
      case 'C':
        this.#listens.complete(readString(frameBody(frame), 0).value);
        break;
      case 'E':
        this.#listens.fail();
        this.#output.write(refusal ? errorResponse(refusal) : frame);
        return;
      case 'Z':
        this.#status = readStatus(frame);
        for (const statement of this.#listens.ready(this.#status)) this.#host.listen(this, statement);
        break;
    }
    this.#output.write(frame);
  }

  async #rollBack(): Promise<void> {
    if (!this.#holds()) return;
    this.#status = 'I';
    this.#mid_exchange = false;
    await this.#host.backend.rollback((frame) => {
      if (frameType(frame) === 'A') this.#host.publish(frame, this);
    });
  }

  #finish(): void {
    this.#closed = true;
    this.#host.forget(this);
    if (this.#ending?.reason) this.#output.write(errorResponse(this.#ending.reason));
    this.#output.close();
  }
}
