import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import type { ControlsState, Inputs } from '../../../../src-contract/index.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { useEvents } from '../../../rpc/live-events.ts';

export type ControlsPatch = Inputs['controls']['set']['controls'];

/** The memory controls of a user, or without one the default of all. */
export function useControls(user_id: string | undefined) {
  const queryClient = useQueryClient();
  const input = user_id === undefined ? {} : { user_id };
  const query = useQuery(api.controls.get.queryOptions({ input }));
  useEvents(({ type }) => {
    if (type === 'settings.changed') void queryClient.invalidateQueries({ queryKey: api.controls.key() });
  });
  const { mutate, isPending } = useMutation({
    mutationFn: (controls: ControlsPatch) => client.controls.set({ ...input, controls }),
    onSuccess: (state: ControlsState) => {
      queryClient.setQueryData(api.controls.get.queryKey({ input }), state);
      // The default of all is also what users inherit.
      void queryClient.invalidateQueries({ queryKey: api.controls.key() });
    },
    onError: (error) => toast.error(`Not saved: ${problemOf(error).message}`),
  });
  return { query, change: mutate, isSaving: isPending };
}
