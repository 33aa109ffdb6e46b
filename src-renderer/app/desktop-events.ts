/** What the desktop app asks of the page: menu commands, deep links, and that it is closing. */
import { useNavigate, useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';
import type { DesktopCommand } from '../../src-contract/index.ts';
import { useConnection } from '../rpc/connection.ts';
import { desktop } from '../rpc/transport.ts';
import { useDialogs } from './dialog-store.ts';
import { usePalette } from './palette/palette-store.ts';
import { useShortcutSheet } from './shortcuts/shortcuts.ts';
import { nextTheme } from './theme.ts';

export function useDesktopEvents(): void {
  const navigate = useNavigate();
  const { history } = useRouter();
  useEffect(() => {
    if (desktop === undefined) return;
    const commands: Record<DesktopCommand, () => void> = {
      'open-palette': () => usePalette.getState().open(),
      'open-shortcuts': () => useShortcutSheet.getState().set(true),
      'open-import': () => useDialogs.getState().open('import'),
      'open-export': () => useDialogs.getState().open('export'),
      'go-memory': () => void navigate({ to: '/memory' }),
      'toggle-theme': nextTheme,
    };
    const stops = [
      desktop.onCommand((command) => commands[command]()),
      desktop.onOpenMemory((memory_id) => void navigate({ to: '/memory', search: { memory: memory_id } })),
      desktop.onOpenPage((path) => history.push(path)),
      desktop.onClosing(() => useConnection.getState().set({ phase: 'closing' })),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [navigate, history]);
}
