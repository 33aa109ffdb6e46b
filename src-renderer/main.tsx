import './style.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './app/App.tsx';
import { applyTheme } from './app/theme.ts';
import { logInWithCode } from './rpc/login.ts';
import { desktop, transport } from './rpc/transport.ts';

applyTheme();
void connect();

const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

/** What the page shows waits for the connection by itself. */
async function connect(): Promise<void> {
  // The code of a login link must be used before the socket is opened with its cookie.
  if (desktop === undefined) await logInWithCode();
  transport.connect();
}
