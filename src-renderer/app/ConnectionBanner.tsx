import { CloudOff } from 'lucide-react';
import { useEffect, useState } from 'react';
import { type ConnectionState, useConnection } from '../rpc/connection.ts';
import { desktop, transport } from '../rpc/transport.ts';
import { Button, Spinner } from '../ui/Button.tsx';

/** A first connection that takes longer than this is worth a word. */
const QUIET_MS = 1500;

/** Says that the engine is away, and what happens next. What was read stays readable under it. */
export function ConnectionBanner() {
  const state = useConnection((store) => store.state);
  const late = useLate(state.phase === 'connecting');
  if (state.phase === 'lost') return <LostBanner state={state} />;
  if (state.phase === 'closing') return <Banner>Closing: Archon finishes what it is doing …</Banner>;
  if (state.phase === 'connecting' && late) return <Banner>Connecting …</Banner>;
  return null;
}

function LostBanner({ state }: { state: Extract<ConnectionState, { phase: 'lost' }> }) {
  const [now_ms, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, []);
  const wait_s = Math.max(0, Math.ceil((state.retry_at_ms - now_ms) / 1000));
  return (
    <div role="alert" className="flex items-center gap-3 border-warn/40 border-b bg-warn/15 px-4 py-1.5 text-warn">
      <CloudOff aria-hidden="true" className="size-4 shrink-0" />
      <p className="flex-1">
        <strong className="font-semibold">
          {desktop ? 'The engine does not answer.' : 'The server cannot be reached.'}
        </strong>{' '}
        <span className="text-text">
          What you see is from before; changes cannot be saved until it is back.{' '}
          <span aria-hidden="true" className="tabular-nums">
            {wait_s > 0 ? `Trying again in ${wait_s} s.` : 'Trying again …'}
          </span>
        </span>
      </p>
      <Button size="small" onClick={() => transport.connect()}>
        Try now
      </Button>
    </div>
  );
}

function Banner({ children }: { children: string }) {
  return (
    <div role="status" className="flex items-center gap-2 border-line border-b bg-raised px-4 py-1.5 text-muted">
      <Spinner /> {children}
    </div>
  );
}

function useLate(waiting: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    setLate(false);
    if (!waiting) return;
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [waiting]);
  return late;
}
