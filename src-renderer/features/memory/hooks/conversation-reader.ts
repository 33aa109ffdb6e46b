/** Reads the messages of a session page by page, and keeps what was read: without a page or a connection of its own. */
import type { Message } from '../../../../src-contract/index.ts';

export const PAGE = 500;
/** More are read only when the person asks: a browser has its limits. */
export const READ_BY_ITSELF = 20_000;
const GATHER_MS = 200;

export interface ConversationMessage extends Message {
  /** Tokens of the conversation up to here, this message included. */
  running_tokens: number;
}

export interface ConversationState {
  messages: ConversationMessage[];
  /** Where the next page begins; null when the end was reached. */
  cursor: string | null | undefined;
  isReading: boolean;
  error: unknown;
  /** It was there and is not any more: nothing of it is kept. */
  gone: 'deleted' | 'erased' | 'forgotten' | undefined;
}

export type ConversationAction =
  | { type: 'reading' }
  | { type: 'read'; messages: readonly Message[]; cursor: string | null }
  | { type: 'rest' }
  | { type: 'failed'; error: unknown }
  | { type: 'gone'; how: ConversationState['gone'] };

export const BEGIN: ConversationState = {
  messages: [],
  cursor: undefined,
  isReading: true,
  error: null,
  gone: undefined,
};

export interface ConversationSource {
  /** The page after the cursor, from the first one on. */
  read(cursor: string | undefined, signal: AbortSignal): Promise<{ items: Message[]; next_cursor: string | null }>;
  /** The error says that there is no such session. */
  isMissing(error: unknown): boolean;
}

/** Reads one page after the other, never two at a time. */
export class ConversationReader {
  readonly #source: ConversationSource;
  readonly #dispatch: (action: ConversationAction) => void;
  #abort = new AbortController();
  /** The position after the last message that was read. */
  #cursor: string | undefined;
  /** Messages before the cursor: of pages that are full and not read again. */
  #done = 0;
  #count = 0;
  #isReading = false;
  #again = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(source: ConversationSource, dispatch: (action: ConversationAction) => void) {
    this.#source = source;
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
  end(how: ConversationState['gone']): void {
    this.stop();
    this.#abort = new AbortController();
    this.#cursor = undefined;
    this.#done = 0;
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
        const page = await this.#source.read(cursor, signal);
        if (signal.aborted) return;
        next = page.next_cursor;
        // The last page is read again when messages were added: what is known of it is left out by its ids.
        this.#count = this.#done + page.items.length;
        if (next !== null) {
          this.#cursor = next;
          this.#done = this.#count;
        }
        this.#dispatch({ type: 'read', messages: page.items, cursor: next });
      } while ((next !== null && this.#count < limit) || this.#again);
      this.#dispatch({ type: 'rest' });
    } catch (error) {
      if (signal.aborted) return;
      // While the page was away, or by the clock: no event told of it.
      if (this.#count > 0 && this.#source.isMissing(error)) this.end('forgotten');
      else this.#dispatch({ type: 'failed', error });
    } finally {
      if (!signal.aborted) this.#isReading = false;
    }
  }
}

export function conversationAfter(state: ConversationState, action: ConversationAction): ConversationState {
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
      // Erasing a user also deletes their sessions, and tells of it before or after.
      return { ...BEGIN, isReading: false, gone: state.gone === 'erased' ? 'erased' : action.how };
    case 'failed':
      return { ...state, isReading: false, error: action.error };
  }
}
