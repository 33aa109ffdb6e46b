import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { useConnection } from '../rpc/connection.ts';
import { LoginView } from './LoginView.tsx';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';
import { Toasts } from './Toasts.tsx';

export function App() {
  const signedOut = useConnection(({ state }) => state.phase === 'signed_out');
  return (
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={400}>
        {signedOut ? <LoginView /> : <RouterProvider router={router} />}
        <Toasts />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}
