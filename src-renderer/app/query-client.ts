import { QueryClient } from '@tanstack/react-query';
import { problemOf } from '../rpc/errors.ts';

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
      retry: (count, error) => count < RETRIES && problemOf(error).transient,
    },
    mutations: { networkMode: 'always', retry: false },
  },
});
