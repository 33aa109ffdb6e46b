import { useQueryClient } from '@tanstack/react-query';
import { api } from '../../../rpc/client.ts';
import { useEventGaps, useEvents } from '../../../rpc/live-events.ts';
import { isListOf } from '../list-key.ts';

/**
 * Lists and details follow events only while they are shown. What changed meanwhile makes the others stale, so that they
 * are read again when somebody comes back to them. Used once, by the inspector.
 */
export function useUnseenChanges(): void {
  const queryClient = useQueryClient();
  const forget = () => {
    const keys = [
      api.working.key(),
      api.longterm.key(),
      api.sessions.list.key(),
      api.memories.history.key(),
      api.search.key(),
    ];
    for (const queryKey of keys) {
      void queryClient.invalidateQueries({ queryKey, type: 'inactive', refetchType: 'none' });
    }
  };
  /** Nothing of somebody who was erased is kept, not even where nobody looks. */
  const erase = (user_id: string) => {
    queryClient.removeQueries({ type: 'inactive', predicate: ({ queryKey }) => isListOf(queryKey, user_id) });
    for (const queryKey of [api.search.key(), api.memories.history.key()]) {
      queryClient.removeQueries({ queryKey, type: 'inactive' });
    }
  };
  useEvents(({ type, user_id }) => {
    if (type === 'memory.user.erased' && user_id !== null) erase(user_id);
    if (type.startsWith('memory.')) forget();
  });
  useEventGaps(forget);
}
