import { ShieldAlert } from 'lucide-react';
import { cx } from '../../../../ui/classes.ts';
import { ALLOW_PRIVATE } from '../webhook-health.ts';

/** Which addresses are refused, and by which setting they are not. */
export function AddressNote({ isRefused }: { isRefused: boolean }) {
  return (
    <p
      className={cx(
        'flex items-start gap-2 text-xs',
        isRefused ? 'rounded-md bg-warn/15 px-3 py-2 text-warn' : 'text-faint',
      )}
    >
      <ShieldAlert aria-hidden="true" className="mt-px size-3.5 shrink-0" />
      <span>
        Private and local addresses are refused, so that nobody reaches through Archon what only this machine reaches.
        For a service in your own network set <code className="font-mono">{ALLOW_PRIVATE}</code>, as{' '}
        <code className="font-mono">ARCHON_EVENTS_WEBHOOKS_ALLOW_PRIVATE=true</code>, and start Archon again.
      </span>
    </p>
  );
}
