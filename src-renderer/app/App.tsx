import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { Tooltip } from 'radix-ui';
import { Toaster } from 'sonner';
import { useConnection } from '../rpc/connection.ts';
import { LoginView } from './LoginView.tsx';
import { queryClient } from './query-client.ts';
import { router } from './router.tsx';
import { useTheme } from './theme.ts';

export function App() {
  const signedOut = useConnection(({ state }) => state.phase === 'signed_out');
  const theme = useTheme((store) => store.shown);
  return (
    <QueryClientProvider client={queryClient}>
      <Tooltip.Provider delayDuration={400}>
        {signedOut ? <LoginView /> : <RouterProvider router={router} />}
        <Toaster
          theme={theme}
          // Not at the right: there stand the buttons of the drawer, and what failed is often tried again.
          position="bottom-center"
          offset={40}
          closeButton
          toastOptions={{
            classNames: { toast: '!bg-raised !border-line-strong !text-text', description: '!text-muted' },
          }}
        />
      </Tooltip.Provider>
    </QueryClientProvider>
  );
}
