import { useQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { Download, PanelRight, Plug, Search, Upload } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useDialogs } from '../../../app/dialog-store.ts';
import { usePalette } from '../../../app/palette/palette-store.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { useKeys } from '../../../app/shortcuts/use-keys.ts';
import { api } from '../../../rpc/client.ts';
import { useEvents } from '../../../rpc/live-events.ts';
import { Button, IconButton } from '../../../ui/Button.tsx';
import { Kbd } from '../../../ui/Kbd.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useSetup } from '../../setup/setup-store.ts';
import { FirstRun } from '../components/FirstRun.tsx';
import { MemoryInspector } from '../components/MemoryInspector.tsx';
import { useShownPanel } from '../components/SidePanel.tsx';
import { UserPicker } from '../components/UserPicker.tsx';
import { useMemorySearch } from '../hooks/use-memory-search.ts';
import { useRecentUsers } from '../hooks/use-recent-users.ts';
import { useNamedUsers } from '../hooks/use-users.ts';
import { useWide } from '../hooks/use-wide.ts';
import { NO_FILTERS } from '../memory-search.ts';

/** Memory: the inspector of the chosen user, or where to begin when nobody has any memory yet. */
export function MemoryPage() {
  const { search, set } = useMemorySearch();
  const recents = useRecentUsers();
  const isSetUp = useSetup((store) => store.isDone);
  const anybody = useQuery(api.memories.users.queryOptions({ input: { limit: 1 } }));
  const linked = useLinkedMemory(search.memory, search.user);
  const users = anybody.data?.items;
  // Only while nobody is named: later the picker asks.
  const recent = useNamedUsers(search.user === undefined ? recents.users : []);
  const usual = recent.users[0]?.user_id ?? users?.[0]?.user_id;
  const fallback = linked.isPending || recent.isPending ? undefined : (linked.memory?.user_id ?? usual);
  const tab = linked.memory?.layer;
  // The first memory of all may be written while the page waits for it.
  useEvents(() => {
    if (users?.length === 0) void anybody.refetch();
  });
  useEffect(() => {
    if (search.user !== undefined || fallback === undefined) return;
    set({ user: fallback, ...(tab === undefined ? {} : { tab }) }, { replace: true });
  }, [search.user, fallback, tab, set]);
  useEffect(() => {
    if (search.user !== undefined) recents.add(search.user);
  }, [search.user, recents.add]);

  if (search.user !== undefined) return <Inspector user_id={search.user} />;
  if (anybody.isError && !users) return <ErrorState error={anybody.error} onRetry={() => void anybody.refetch()} />;
  if (users?.length === 0) return isSetUp ? <FirstRun /> : <Navigate to="/setup" replace />;
  return <SkeletonRows rows={14} />;
}

/** The memory a link names, when it does not name its user. */
function useLinkedMemory(memory_id: string | undefined, user_id: string | undefined) {
  const isAsked = memory_id !== undefined && user_id === undefined;
  const query = useQuery(api.memories.history.queryOptions({ input: { id: memory_id ?? '' }, enabled: isAsked }));
  return { memory: query.data?.memory, isPending: isAsked && query.isPending };
}

function Inspector({ user_id }: { user_id: string }) {
  const { search, set } = useMemorySearch();
  const [picking, setPicking] = useState(false);
  const openDialog = useDialogs((store) => store.open);
  const openPalette = usePalette((store) => store.open);
  const shown = useShownPanel();
  const wide = useWide();
  const readOnly = useReadOnly();
  useKeys({ u: () => setPicking(true) });
  return (
    <div className="flex h-full flex-col">
      <header className="flex h-12 shrink-0 items-center gap-2 border-line border-b px-3">
        <h1 className="sr-only">Memory of {user_id}</h1>
        <UserPicker
          user_id={user_id}
          open={picking}
          onOpenChange={setPicking}
          onChoose={(user) => set({ ...NO_FILTERS, user, memory: undefined, session: undefined, message: undefined })}
        />
        <button
          type="button"
          onClick={openPalette}
          className="flex h-8 min-w-0 max-w-md flex-1 items-center gap-2 rounded-md border border-line bg-bg px-2.5 text-faint hover:border-line-strong hover:text-muted"
        >
          <Search aria-hidden="true" className="size-4 shrink-0" />
          <span className="one-line flex-1 text-left">Search memory</span>
          <Kbd keys="Mod K" />
        </button>
        <span className="flex-1" />
        <Button icon={<Upload className="size-4" />} blocked={readOnly} onClick={() => openDialog('import')}>
          Import
        </Button>
        <Button icon={<Download className="size-4" />} onClick={() => openDialog('export')}>
          Export
        </Button>
        <IconButton label="Connect an agent" icon={<Plug className="size-4" />} onClick={() => openDialog('connect')} />
        <IconButton
          label={shown ? 'Hide statistics, context and controls' : 'Show statistics, context and controls'}
          pressed={shown !== undefined}
          icon={<PanelRight className="size-4" />}
          onClick={() => set({ panel: shown ? 'none' : wide ? undefined : (search.panel ?? 'stats') })}
        />
      </header>
      <MemoryInspector user_id={user_id} />
    </div>
  );
}
