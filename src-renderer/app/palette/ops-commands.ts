/** Commands of the ops agent. */
import { OctagonPause, Play, ScanSearch } from 'lucide-react';
import { useKnownOpsStatus } from '../../features/ops-agent/status/hooks/use-ops-status.ts';
import { useOpsSteering } from '../../features/ops-agent/status/hooks/use-ops-steering.ts';
import { useDialogs } from '../dialog-store.ts';

export function useOpsCommands() {
  const { blocked, runNow, resume } = useOpsSteering();
  const isPaused = useKnownOpsStatus()?.paused;
  const openDialog = useDialogs((store) => store.open);
  return [
    { label: 'Run the ops agent now', Icon: ScanSearch, blocked, act: runNow },
    isPaused
      ? { label: 'Resume the ops agent', Icon: Play, blocked, act: resume }
      : { label: 'Pause the ops agent', Icon: OctagonPause, blocked, act: () => openDialog('pause-ops') },
  ];
}
