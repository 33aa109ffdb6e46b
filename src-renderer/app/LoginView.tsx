import { type FormEvent, useState } from 'react';
import { logIn } from '../rpc/login.ts';
import { transport } from '../rpc/transport.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/fields.tsx';
import { queryClient } from './query-client.ts';

/** Asks for a token, once per browser. */
export function LoginView() {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (token.trim() === '') return setProblem('Paste the token that the server printed at its first start.');
    setBusy(true);
    setProblem(undefined);
    try {
      await logIn(token.trim());
      queryClient.clear();
      transport.connect();
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
      setBusy(false);
    }
  };
  return (
    <main className="flex h-full items-center justify-center p-6">
      <form
        onSubmit={submit}
        className="w-full max-w-sm space-y-4 rounded-xl border border-line bg-surface p-6 shadow-float"
      >
        <div className="flex items-center gap-3">
          <img src="/archon.svg" alt="" className="size-9" />
          <div>
            <h1 className="font-semibold text-lg leading-tight">Archon</h1>
            <p className="text-muted">Log in to this server</p>
          </div>
        </div>
        <Field
          label="Token"
          error={problem}
          help="The server printed it at its first start; “archon token create” makes another."
        >
          {(props) => (
            <TextInput
              {...props}
              type="password"
              autoComplete="current-password"
              autoFocus
              placeholder="archon_…"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        <Button type="submit" look="primary" busy={busy} className="w-full">
          Log in
        </Button>
        <p className="text-faint text-xs">
          The token is exchanged for a cookie that scripts cannot read, and is not stored in this browser.
        </p>
      </form>
    </main>
  );
}
