import { QueryClient } from '@tanstack/react-query';
import { useConnection } from '../rpc/connection.ts';
import { problemOf } from '../rpc/errors.ts';
import { OfflineError } from '../rpc/transport.ts';

/** Events tell what has changed, so what was read stays fresh for a while. */
const FRESH_MS = 30_000;
const RETRIES = 2;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH_MS,
      // The transport waits for the connection itself; the browser's own word on being online means nothing here.
      networkMode: 'always',
      refetchOnWindowFocus: false,
      // Without a connection the transport has waited already.
      retry: (count, error) => count < RETRIES && problemOf(error).transient && !(error instanceof OfflineError),
    },
    mutations: { networkMode: 'always', retry: false },
  },
});

// What could not be read while the engine was away is read as soon as it is back.
useConnection.subscribe(({ state }, before) => {
  if (state.phase !== 'open' || before.state.phase === 'open') return;
  void queryClient.refetchQueries({ type: 'active', predicate: (query) => query.state.status === 'error' });
});
