/** A session's messages from the first to the last: read page by page until all are there, then followed live. */
import { useEffect, useReducer, useRef } from 'react';
import type { Message } from '../../../../src-contract/index.ts';
import { client } from '../../../rpc/client.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

const PAGE = 500;
/** More are read only when the person asks: a browser has its limits. */
const READ_BY_ITSELF = 20_000;
const GATHER_MS = 200;

export interface ConversationMessage extends Message {
  /** Tokens of the conversation up to here, this message included. */
  running_tokens: number;
}

interface State {
  messages: ConversationMessage[];
  /** Where the next page begins; null when the end was reached. */
  cursor: string | null | undefined;
  isReading: boolean;
  error: unknown;
  /** It was there and is not any more: nothing of it is kept. */
  gone: 'deleted' | 'erased' | 'forgotten' | undefined;
}

type Action =
  | { type: 'reading' }
  | { type: 'read'; messages: readonly Message[]; cursor: string | null }
  | { type: 'rest' }
  | { type: 'failed'; error: unknown }
  | { type: 'gone'; how: State['gone'] };

export interface Conversation extends State {
  /** Goes on after an error, as far as is read by itself. */
  retry(): void;
  /** Goes on past the number that is read by itself. */
  readRest(): void;
}

const BEGIN: State = { messages: [], cursor: undefined, isReading: true, error: null, gone: undefined };

/** @param session_id one for the life of the component: give it as `key` */
export function useConversation(session_id: string, user_id: string): Conversation {
  const [state, dispatch] = useReducer(reduce, BEGIN);
  const reader = useRef<Reader>(undefined);
  reader.current ??= new Reader(session_id, dispatch);
  useEffect(() => {
    const current = reader.current;
    current?.start();
    return () => current?.stop();
  }, []);
  useEvents((event) => {
    if (event.type === 'memory.user.erased' && event.user_id === user_id) reader.current?.end('erased');
    if (event.payload.session_id !== session_id) return;
    if (event.type === 'memory.session.deleted') reader.current?.end('deleted');
    // Also when it is begun again under the same id.
    if (event.type === 'memory.message.added' || event.type === 'memory.session.created') reader.current?.readSoon();
  });
  useEventGaps(() => reader.current?.readSoon());
  useEffect(
    () =>
      useConnection.subscribe(({ state: connection }, before) => {
        if (connection.phase === 'open' && before.state.phase !== 'open') reader.current?.readSoon();
      }),
    [],
  );
  return {
    ...state,
    retry: () => void reader.current?.readByItself(),
    readRest: () => void reader.current?.read(Number.POSITIVE_INFINITY),
  };
}

/** Reads one page after the other, never two at a time. */
class Reader {
  readonly #session_id: string;
  readonly #dispatch: (action: Action) => void;
  #abort = new AbortController();
  /** The position after the last message that was read. */
  #cursor: string | undefined;
  #count = 0;
  #isReading = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(session_id: string, dispatch: (action: Action) => void) {
    this.#session_id = session_id;
    this.#dispatch = dispatch;
  }

  start(): void {
    this.#abort = new AbortController();
    void this.readByItself();
  }

  stop(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isReading = false;
  }

  /** The session is no more: what was read is dropped, and what is under way is not shown. */
  end(how: State['gone']): void {
    this.stop();
    this.#abort = new AbortController();
    this.#cursor = undefined;
    this.#count = 0;
    this.#dispatch({ type: 'gone', how });
  }

  readSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#isReading) this.#again = true;
      else void this.readByItself();
    }, GATHER_MS);
  }

  async readByItself(): Promise<void> {
    await this.read(Math.max(READ_BY_ITSELF, this.#count + PAGE));
  }

  async read(limit: number): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    const { signal } = this.#abort;
    this.#dispatch({ type: 'reading' });
    try {
      let next: string | null = null;
      do {
        this.#again = false;
        const cursor: string | undefined = this.#cursor;
        const page = await client.sessions.messages(
          { session_id: this.#session_id, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) },
          { signal },
        );
        if (signal.aborted) return;
        next = page.next_cursor;
        // The last page is read again when messages were added: what is known of it is left out by its ids.
        if (next !== null) this.#cursor = next;
        this.#count += page.items.length;
        this.#dispatch({ type: 'read', messages: page.items, cursor: next });
      } while ((next !== null && this.#count < limit) || this.#again);
      this.#dispatch({ type: 'rest' });
    } catch (error) {
      if (signal.aborted) return;
      // While the page was away, or by the clock: no event told of it.
      if (this.#count > 0 && problemOf(error).code === 'NOT_FOUND') this.end('forgotten');
      else this.#dispatch({ type: 'failed', error });
    } finally {
      if (!signal.aborted) this.#isReading = false;
    }
  }
}

function reduce(state: State, action: Action): State {
  switch (action.type) {
    case 'reading':
      return { ...state, isReading: true, error: null };
    case 'read': {
      const known = new Set(state.messages.slice(-2 * PAGE).map(({ message_id }) => message_id));
      const added = action.messages.filter(({ message_id }) => !known.has(message_id));
      let running_tokens = state.messages.at(-1)?.running_tokens ?? 0;
      const messages = added.map((message) => {
        running_tokens += message.token_count;
        return { ...message, running_tokens };
      });
      return {
        messages: added.length === 0 ? state.messages : [...state.messages, ...messages],
        cursor: action.cursor,
        isReading: true,
        error: null,
        gone: undefined,
      };
    }
    case 'rest':
      return { ...state, isReading: false };
    case 'gone':
      return { ...BEGIN, isReading: false, gone: action.how };
    case 'failed':
      return { ...state, isReading: false, error: action.error };
  }
}
