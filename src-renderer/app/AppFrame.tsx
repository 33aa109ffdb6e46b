/** What stands around every view: sidebar, banner, status bar, palette, and the keys that work everywhere. */
import { CatchBoundary, Outlet, useRouterState } from '@tanstack/react-router';
import { HealthWatch } from '../features/observability/health/HealthWatch.tsx';
import { OpsWatch } from '../features/ops-agent/watch/OpsWatch.tsx';
import { useLiveEvents } from '../rpc/live-events.ts';
import { SkeletonRows } from '../ui/states.tsx';
import { AppDialogs } from './AppDialogs.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useDesktopEvents } from './desktop-events.ts';
import { Guarded } from './Guarded.tsx';
import { CommandPalette } from './palette/CommandPalette.tsx';
import { usePalette } from './palette/palette-store.ts';
import { useProfileEpoch } from './profile/open-profile.ts';
import { ProfileBanners, ProfileLine } from './profile/ProfileBanners.tsx';
import { SwitchProfile } from './profile/SwitchProfile.tsx';
import { useCleanPlace } from './profile/use-clean-place.ts';
import { Sidebar } from './Sidebar.tsx';
import { StatusBar } from './StatusBar.tsx';
import { ShortcutSheet } from './shortcuts/ShortcutSheet.tsx';
import { useShortcutSheet } from './shortcuts/shortcuts.ts';
import { useGlobalKeys } from './shortcuts/use-keys.ts';
import { ViewError } from './ViewError.tsx';

export function AppFrame() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  const palette = usePalette();
  const sheet = useShortcutSheet();
  const { epoch } = useProfileEpoch();
  const isClean = useCleanPlace(epoch);
  useLiveEvents(epoch);
  useGlobalKeys();
  useDesktopEvents();
  return (
    <div className="relative grid h-full grid-cols-[auto_minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto]">
      <a
        href="#main"
        className="sr-only rounded bg-accent px-3 py-1 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-60"
      >
        Skip to content
      </a>
      <ProfileLine />
      <Sidebar />
      <div className="flex min-h-0 min-w-0 flex-col">
        <ConnectionBanner />
        <ProfileBanners />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <CatchBoundary getResetKey={() => `${epoch} ${pathname}`} errorComponent={ViewError}>
            {isClean ? <Outlet key={epoch} /> : <SkeletonRows rows={14} />}
          </CatchBoundary>
        </main>
      </div>
      <StatusBar />
      <Guarded name="The command palette" isOpen={palette.isOpen} onClose={palette.close}>
        <CommandPalette />
      </Guarded>
      <Guarded name="The list of keys" isOpen={sheet.isOpen} onClose={() => sheet.set(false)}>
        <ShortcutSheet />
      </Guarded>
      <AppDialogs />
      <SwitchProfile />
      <HealthWatch />
      <OpsWatch />
    </div>
  );
}
