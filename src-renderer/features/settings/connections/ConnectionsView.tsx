/** Connections: the databases this computer can work on, which one is open, and the way from one to another. */
import { PlugZap, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Profile } from '../../../../src-contract/index.ts';
import { useSwitch } from '../../../app/profile/switch-store.ts';
import { useProfiles } from '../../../app/profile/use-profiles.ts';
import { Button } from '../../../ui/Button.tsx';
import { Drawer } from '../../../ui/Drawer.tsx';
import { plural } from '../../../ui/format.ts';
import { EmptyState, ErrorState, SkeletonRows, StaleNotice } from '../../../ui/states.tsx';
import { ProfileDrawer } from './components/ProfileDrawer.tsx';
import { ProfileRow } from './components/ProfileRow.tsx';
import { RemoveProfile } from './components/RemoveProfile.tsx';
import { useConnectionsSearch } from './hooks/use-connections-search.ts';

export function ConnectionsView() {
  const { search, set } = useConnectionsSearch();
  const query = useProfiles();
  const ask = useSwitch((store) => store.ask);
  const [removing, setRemoving] = useState<Profile>();
  const close = () => set({ profile: undefined });
  const { data } = query;
  const shown = data?.items.find(({ profile_id }) => profile_id === search.profile);
  const configured_by = data?.state.active === null ? data.state.configured_by : null;
  const blocked =
    configured_by === null ? undefined : `The connection is set by ${configured_by}: profiles cannot be opened.`;
  return (
    <>
      <h2 className="sr-only">Connections</h2>
      {data === undefined ? (
        query.isError ? (
          <ErrorState error={query.error} onRetry={() => void query.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )
      ) : (
        <>
          <div className="flex items-center gap-3 border-line border-b px-3 py-2">
            <p role="status" className="flex-1 text-muted tabular-nums">
              {plural(data.items.length, 'connection')}
            </p>
            <Button
              look="primary"
              icon={<Plus aria-hidden="true" className="size-4" />}
              onClick={() => set({ profile: 'new' })}
            >
              New connection
            </Button>
          </div>
          <div className="min-h-0 flex-1 space-y-3 overflow-y-auto p-3">
            {query.isError && <StaleNotice error={query.error} onRetry={() => void query.refetch()} />}
            {configured_by !== null && <Configured by={configured_by} />}
            <ul aria-label="Connections" className="space-y-2">
              {data.items.map((profile) => (
                <ProfileRow
                  key={profile.profile_id}
                  profile={profile}
                  isOpen={profile.profile_id === data.state.active}
                  isOpening={profile.profile_id === data.state.switching_to}
                  isShown={profile.profile_id === search.profile}
                  blocked={blocked}
                  onShow={() => set({ profile: profile.profile_id })}
                  onOpen={() => ask(profile)}
                  onRemove={() => setRemoving(profile)}
                />
              ))}
            </ul>
          </div>
          {(search.profile === 'new' || shown) && (
            <ProfileDrawer
              key={search.profile}
              profile={shown}
              isOpen={shown !== undefined && shown.profile_id === data.state.active}
              onClose={close}
            />
          )}
          {search.profile !== undefined && search.profile !== 'new' && !shown && (
            <Drawer label="Connection" onClose={close}>
              <EmptyState icon={<PlugZap />} title="There is no such connection">
                It was removed, or the link is of another computer.
              </EmptyState>
            </Drawer>
          )}
        </>
      )}
      {removing && (
        <RemoveProfile
          profile={removing}
          onClose={(isGone) => {
            setRemoving(undefined);
            if (isGone && removing.profile_id === search.profile) close();
          }}
        />
      )}
    </>
  );
}

/** What sets the connection instead of a profile, and how profiles can be used. */
function Configured({ by }: { by: string }) {
  return (
    <p className="rounded-md border border-line bg-raised px-3 py-2 [overflow-wrap:anywhere]">
      The connection is set by <strong className="font-mono text-xs">{by}</strong>, which goes before every profile.
      Profiles can be prepared and tested here; to open them, take it out and start Archon again. What is there now can
      be kept with “New connection” as long as the environment names it.
    </p>
  );
}
