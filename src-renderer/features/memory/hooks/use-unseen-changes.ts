import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';

/**
 * Lists and details follow events only while they are shown. What changed meanwhile makes the others stale, so that they
 * are read again when somebody comes back to them. Used once, by the inspector.
 */
export function useUnseenChanges(): void {
  const queryClient = useQueryClient();
  const forget = () => {
    const keys = [api.working.key(), api.longterm.key(), api.sessions.list.key(), api.memories.history.key()];
    for (const queryKey of keys) {
      void queryClient.invalidateQueries({ queryKey, type: 'inactive', refetchType: 'none' });
    }
  };
  useEvents(({ type }) => {
    if (type.startsWith('memory.')) forget();
  });
  useEventGaps(forget);
}
