import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useConnection } from '../rpc/connection.ts';
import { LoginError, logIn, problemOfLink } from '../rpc/login.ts';
import { transport } from '../rpc/transport.ts';
import { Button } from '../ui/Button.tsx';
import { Field, TextInput } from '../ui/fields.tsx';
import { queryClient } from './query-client.ts';

type Attempt =
  | { state: 'open'; problem?: string }
  | { state: 'busy' }
  /** Too many failed; the server answers nobody of this address until then. */
  | { state: 'held_off'; until_ms: number };

/** Asks for a token, once per browser. What the page showed before stands behind it, in the address. */
export function LoginView() {
  const ended = useConnection(({ login }) => login === 'seen');
  const [token, setToken] = useState('');
  const [attempt, setAttempt] = useState<Attempt>(() => ({ state: 'open', ...problemFromLink() }));
  const input = useRef<HTMLInputElement>(null);
  const wait_seconds = useCountdown(attempt.state === 'held_off' ? attempt.until_ms : undefined);
  useEffect(() => {
    if (attempt.state === 'held_off' && wait_seconds === 0) setAttempt({ state: 'open' });
  }, [attempt, wait_seconds]);
  useEffect(() => {
    if (attempt.state !== 'busy') return;
    // The token was right, and the server does not know the browser all the same.
    return useConnection.subscribe(({ state }, before) => {
      if (state === before.state || state.phase !== 'signed_out') return;
      setAttempt({
        state: 'open',
        problem: 'The browser did not keep the login. Allow cookies for this site, then log in again.',
      });
    });
  }, [attempt]);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (attempt.state !== 'open') return;
    if (token.trim() === '') {
      return setAttempt({ state: 'open', problem: 'Paste the token that the server printed at its first start.' });
    }
    setAttempt({ state: 'busy' });
    try {
      await logIn(token.trim());
      queryClient.clear();
      transport.connect();
    } catch (error) {
      setAttempt(refused(error));
      input.current?.focus();
    }
  };
  const problem =
    attempt.state === 'held_off'
      ? `Too many failed logins. Try again in ${wait_seconds} s.`
      : attempt.state === 'open'
        ? attempt.problem
        : undefined;
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
        {ended && (
          <p role="status" className="rounded-md border border-line bg-raised px-3 py-2 text-muted">
            Your session has ended. Log in to go on where you were.
          </p>
        )}
        <Field
          label="Token"
          error={problem}
          help="The server printed it at its first start; “archon token create” makes another."
        >
          {(props) => (
            <TextInput
              {...props}
              ref={input}
              type="password"
              autoComplete="current-password"
              autoFocus
              placeholder="archon_…"
              value={token}
              onChange={(event) => setToken(event.target.value)}
            />
          )}
        </Field>
        {/* Without the seconds: nobody wants to hear each of them. */}
        <p role="alert" className="sr-only">
          {attempt.state === 'held_off' ? 'Too many failed logins. Wait before you try again.' : problem}
        </p>
        <Button
          type="submit"
          look="primary"
          busy={attempt.state === 'busy'}
          disabled={attempt.state === 'held_off'}
          className="w-full"
        >
          Log in
        </Button>
        <p className="text-faint text-xs">
          The token is exchanged for a cookie that scripts cannot read, and is not stored in this browser.
        </p>
      </form>
    </main>
  );
}

function problemFromLink(): { problem?: string } {
  const problem = problemOfLink();
  return problem === undefined ? {} : { problem };
}

function refused(error: unknown): Attempt {
  if (error instanceof LoginError && error.wait_seconds > 0) {
    return { state: 'held_off', until_ms: Date.now() + error.wait_seconds * 1000 };
  }
  return { state: 'open', problem: error instanceof Error ? error.message : String(error) };
}

/** Whole seconds until then, 0 from then on. */
function useCountdown(until_ms: number | undefined): number {
  const left = () => (until_ms === undefined ? 0 : Math.max(0, Math.ceil((until_ms - Date.now()) / 1000)));
  const [, setTick] = useState(0);
  useEffect(() => {
    if (until_ms === undefined) return;
    const timer = setInterval(() => setTick((tick) => tick + 1), 500);
    return () => clearInterval(timer);
  }, [until_ms]);
  return left();
}
