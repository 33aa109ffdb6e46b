/** A session's messages from the first to the last: read page by page until all are there, then followed live. */
import { useEffect, useReducer, useRef } from 'react';
import { client } from '../../../rpc/client.ts';
import { useConnection } from '../../../rpc/connection.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import {
  BEGIN,
  ConversationReader,
  type ConversationSource,
  type ConversationState,
  conversationAfter,
  PAGE,
} from './conversation-reader.ts';

export interface Conversation extends ConversationState {
  /** Goes on after an error, as far as is read by itself. */
  retry(): void;
  /** Goes on past the number that is read by itself. */
  readRest(): void;
}

/** @param session_id one for the life of the component: give it as `key` */
export function useConversation(session_id: string, user_id: string): Conversation {
  const [state, dispatch] = useReducer(conversationAfter, BEGIN);
  const reader = useRef<ConversationReader>(undefined);
  reader.current ??= new ConversationReader(sourceOf(session_id), dispatch);
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

const sourceOf = (session_id: string): ConversationSource => ({
  read: (cursor, signal) =>
    client.sessions.messages({ session_id, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }, { signal }),
  isMissing: (error) => problemOf(error).code === 'NOT_FOUND',
});
