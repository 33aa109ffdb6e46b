import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { toast } from 'sonner';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEvents } from '../../../rpc/live-events.ts';
import { type ControlsPatch, ControlsSaver } from './controls-saver.ts';

/** The memory controls of a user, or without one the default of all. */
export function useControls(user_id: string | undefined) {
  const queryClient = useQueryClient();
  const query = useQuery(api.controls.get.queryOptions({ input: inputOf(user_id) }));
  const blocked = useReadOnly();
  const [isSaving, setSaving] = useState(false);
  const saver = useMemo(() => {
    const input = inputOf(user_id);
    const queryKey = api.controls.get.queryKey({ input });
    return new ControlsSaver({
      read: () => queryClient.getQueryData(queryKey),
      show: (state) => queryClient.setQueryData(queryKey, state),
      send: (controls) => client.controls.set({ ...input, controls }),
      onRest: (error) => {
        setSaving(false);
        if (error !== undefined) toast.error(`Not saved: ${problemOf(error).message}`);
        // The default of all is also what users inherit.
        void queryClient.invalidateQueries({ queryKey: api.controls.key() });
      },
    });
  }, [queryClient, user_id]);
  useEvents(({ type }) => {
    // What is being saved is newer than what could be read now.
    if (type === 'settings.changed' && !saver.isSaving) {
      void queryClient.invalidateQueries({ queryKey: api.controls.key() });
    }
  });
  const change = (patch: ControlsPatch) => {
    // An answer that is under way would show what was before.
    void queryClient.cancelQueries({ queryKey: api.controls.key() });
    setSaving(true);
    saver.change(patch);
  };
  return { query, change, isSaving, blocked };
}

const inputOf = (user_id: string | undefined) => (user_id === undefined ? {} : { user_id });
