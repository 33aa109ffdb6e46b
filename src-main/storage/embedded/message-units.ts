/**
 * Groups a client's messages into units, the pieces that run on the shared backend without interruption.
 *
 * A unit ends with a simple Query or with Sync, after which the backend is ready again and, outside a transaction,
 * may serve another session. Flush also ends one, because the client waits for the answers so far; but the session
 * keeps the backend until its Sync, as the extended-protocol state in between belongs to it.
 */
import { MAX_MESSAGE_BYTES } from './frame-splitter.ts';
import { type ListenStatement, readListenStatement } from './listen-statements.ts';
import { ProtocolViolation } from './protocol-violation.ts';
import { splitStatements } from './sql-statements.ts';
import { refuseStatement, refuseStatementName } from './statement-policy.ts';
import { frameBody, frameType, readString, type WireError } from './wire-frames.ts';

export interface MessageUnit {
  bytes: Buffer;
  /** 'ready': the answer ends with ReadyForQuery. 'flush': more of the same exchange follows. */
  ending: 'ready' | 'flush';
  /** Set when a statement in it must not run; then none of the unit runs. */
  refusal: WireError | null;
  /** LISTEN and UNLISTEN in the order in which they run. */
  listens: ListenStatement[];
  /** It uses the unnamed statement without having parsed it itself. */
  uses_earlier_statement: boolean;
  /** Whose the unnamed statement is afterwards: a Parse makes it ours, a simple Query destroys it. */
  unnamed_statement: 'parsed' | 'destroyed' | 'untouched';
}

/** 'terminate': the client said goodbye, after all units before. */
export type ClientRequest = MessageUnit | 'terminate';

export class UnitAssembler {
  #frames: Buffer[] = [];
  #bytes = 0;
  #facts = emptyFacts();

  /**
   * Takes the next frame; returns the unit that it completes, if any.
   *
   * @throws ProtocolViolation
   */
  add(frame: Buffer): ClientRequest | null {
    switch (frameType(frame)) {
      case 'Q':
        this.#facts.unnamed_statement = 'destroyed';
        this.#addStatements(readString(frameBody(frame), 0).value);
        return this.#complete(frame, 'ready');
      case 'P':
        this.#addParse(frameBody(frame));
        return this.#keep(frame);
      case 'B': {
        const body = frameBody(frame);
        this.#addUse(readString(body, readString(body, 0).next).value);
        return this.#keep(frame);
      }
      case 'D':
      case 'C':
        if (frameBody(frame)[0] === 'S'.charCodeAt(0)) this.#addUse(readString(frameBody(frame), 1).value);
        return this.#keep(frame);
      case 'E':
        return this.#keep(frame);
      case 'S':
        return this.#complete(frame, 'ready');
      case 'H':
        return this.#complete(frame, 'flush');
      case 'X':
        return 'terminate';
      case 'd':
      case 'c':
      case 'f':
        // The rest of a COPY that was refused; PostgreSQL drops it too.
        return null;
      default:
        throw new ProtocolViolation(`invalid frontend message type ${frame[0]}`);
    }
  }

  #addParse(body: Buffer): void {
    const name = readString(body, 0);
    this.#refuse(refuseStatementName(name.value));
    this.#addStatements(readString(body, name.next).value);
    this.#facts.unnamed_statement = 'parsed';
  }

  #addUse(statement: string): void {
    this.#refuse(refuseStatementName(statement));
    if (this.#facts.unnamed_statement !== 'parsed') this.#facts.uses_earlier_statement = true;
  }

  #addStatements(sql: string): void {
    for (const statement of splitStatements(sql)) {
      this.#refuse(refuseStatement(statement));
      const listen = readListenStatement(statement);
      if (listen) this.#facts.listens.push(listen);
    }
  }

  #refuse(error: WireError | null): void {
    this.#facts.refusal ??= error;
  }

  #keep(frame: Buffer): null {
    this.#bytes += frame.length;
    if (this.#bytes > MAX_MESSAGE_BYTES)
      throw new ProtocolViolation(`more than ${MAX_MESSAGE_BYTES} bytes before Sync`);
    this.#frames.push(frame);
    return null;
  }

  #complete(frame: Buffer, ending: MessageUnit['ending']): MessageUnit {
    const unit: MessageUnit = { bytes: Buffer.concat([...this.#frames, frame]), ending, ...this.#facts };
    this.#frames = [];
    this.#bytes = 0;
    this.#facts = emptyFacts();
    return unit;
  }
}

function emptyFacts(): Omit<MessageUnit, 'bytes' | 'ending'> {
  return { refusal: null, listens: [], uses_earlier_statement: false, unnamed_statement: 'untouched' };
}
