/** What stands around every view: sidebar, banner, status bar, palette, and the keys that work everywhere. */
import { CatchBoundary, Outlet, useRouterState } from '@tanstack/react-router';
import { useLiveEvents } from '../rpc/live-events.ts';
import { AppDialogs } from './AppDialogs.tsx';
import { ConnectionBanner } from './ConnectionBanner.tsx';
import { useDesktopEvents } from './desktop-events.ts';
import { CommandPalette } from './palette/CommandPalette.tsx';
import { Sidebar } from './Sidebar.tsx';
import { StatusBar } from './StatusBar.tsx';
import { ShortcutSheet } from './shortcuts/ShortcutSheet.tsx';
import { useGlobalKeys } from './shortcuts/use-keys.ts';
import { ViewError } from './ViewError.tsx';

export function AppFrame() {
  const pathname = useRouterState({ select: (state) => state.location.pathname });
  useLiveEvents();
  useGlobalKeys();
  useDesktopEvents();
  return (
    <div className="grid h-full grid-cols-[auto_minmax(0,1fr)] grid-rows-[minmax(0,1fr)_auto]">
      <a
        href="#main"
        className="sr-only rounded bg-accent px-3 py-1 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2 focus:z-60"
      >
        Skip to content
      </a>
      <Sidebar />
      <div className="flex min-h-0 min-w-0 flex-col">
        <ConnectionBanner />
        <main id="main" tabIndex={-1} className="min-h-0 flex-1 outline-none">
          <CatchBoundary getResetKey={() => pathname} errorComponent={ViewError}>
            <Outlet />
          </CatchBoundary>
        </main>
      </div>
      <StatusBar />
      <CommandPalette />
      <ShortcutSheet />
      <AppDialogs />
    </div>
  );
}
