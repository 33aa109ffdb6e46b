/** What a person must know of the open connection wherever they are: that nothing can be changed, or that it is another. */
import { Link } from '@tanstack/react-router';
import { Lock, TriangleAlert } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../../ui/Button.tsx';
import { cx } from '../../ui/classes.ts';
import { visibleText } from '../../ui/content/visible-text.ts';
import { useOpenProfile } from '../read-only.ts';
import { PROFILE_FILLS } from './profile-colors.ts';
import { useSwitch } from './switch-store.ts';
import { useProfiles } from './use-profiles.ts';

export function ProfileBanners() {
  return (
    <>
      <ReadOnlyBanner />
      <FallbackBanner />
    </>
  );
}

/** A thin line in the colour of the profile, so that nobody takes one environment for another. */
export function ProfileLine() {
  const open = useOpenProfile();
  if (!open || open.kind === 'local') return null;
  return <div aria-hidden="true" className={cx('absolute inset-x-0 top-0 z-40 h-0.5', PROFILE_FILLS[open.color])} />;
}

function ReadOnlyBanner() {
  const open = useOpenProfile();
  if (!open?.read_only) return null;
  return (
    <div role="status" className="flex items-center gap-2 border-line border-b bg-raised px-4 py-1.5">
      <Lock aria-hidden="true" className="size-3.5 shrink-0 text-warn" />
      <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <strong className="font-semibold">Read-only: {visibleText(open.name)}.</strong> Nothing can be changed.
      </p>
      <Link to="/settings/connections" className="shrink-0 text-accent-text underline underline-offset-2">
        Connections
      </Link>
    </div>
  );
}

/** At the start, the profile that was wanted could not be opened. */
function FallbackBanner() {
  const { data } = useProfiles();
  const open = useOpenProfile();
  const ask = useSwitch((store) => store.ask);
  const [putAway, setPutAway] = useState<string>();
  const fallback = data?.state.fallback;
  if (!fallback || data === undefined || putAway === fallback.wanted) return null;
  const wanted = data.items.find(({ profile_id }) => profile_id === fallback.wanted);
  const name = wanted === undefined ? 'The last connection' : visibleText(wanted.name);
  return (
    <div role="alert" className="flex items-center gap-2 border-warn/40 border-b bg-warn/15 px-4 py-1.5">
      <TriangleAlert aria-hidden="true" className="size-4 shrink-0 text-warn" />
      <p className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <strong className="font-semibold text-warn">{name} could not be opened:</strong> {visibleText(fallback.message)}{' '}
        Archon opened {open ? visibleText(open.name) : 'This computer'}.
      </p>
      {wanted && (
        <>
          <Button size="small" onClick={() => ask(wanted)}>
            Try again
          </Button>
          <Link
            to="/settings/connections"
            search={{ profile: wanted.profile_id }}
            className="shrink-0 text-accent-text underline underline-offset-2"
          >
            Edit
          </Link>
        </>
      )}
      <Button size="small" look="ghost" onClick={() => setPutAway(fallback.wanted)}>
        Put away
      </Button>
    </div>
  );
}
