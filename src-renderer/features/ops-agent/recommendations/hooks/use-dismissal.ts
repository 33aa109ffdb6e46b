import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { OpsRecommendation } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { excerpt } from '../../../../ui/content/visible-text.ts';
import { useBlocked } from '../../views/use-blocked.ts';

const UNDO_MS = 10_000;
const TITLE_SHOWN = 120;

export interface Dismissal {
  /** Id of the one that is on its way. */
  busy: string | undefined;
  set(recommendation: OpsRecommendation, dismissed: boolean): void;
}

/** Leaves a recommendation, or thinks of it again. */
export function useDismissal(): Dismissal {
  const queryClient = useQueryClient();
  const [busy, setBusy] = useState<string>();
  const blocked = useBlocked();
  const send = async (recommendation: OpsRecommendation, dismissed: boolean) => {
    if (blocked !== undefined) {
      toast.error(blocked);
      return;
    }
    const { id, title } = recommendation;
    setBusy(id);
    try {
      const changed = await client.opsActions.dismiss({ recommendation: id, dismissed });
      const { queryKey } = api.opsActions.recommendations.queryOptions();
      // An answer from before the change must not come after it.
      await queryClient.cancelQueries({ queryKey });
      queryClient.setQueryData(queryKey, (before) =>
        before === undefined
          ? undefined
          : { ...before, items: before.items.map((each) => (each.id === id ? changed : each)) },
      );
      void queryClient.invalidateQueries({ queryKey });
      const name = excerpt(title, TITLE_SHOWN);
      if (dismissed) {
        const action = { label: 'Undo', onClick: () => void send(changed, false) };
        toast.success(`Dismissed: ${name}`, { duration: UNDO_MS, action });
      } else toast.success(`It is open again: ${name}`);
    } catch (error) {
      toast.error(
        `The recommendation could not be ${dismissed ? 'dismissed' : 'opened again'}: ${problemOf(error).message}`,
      );
    } finally {
      setBusy(undefined);
    }
  };
  return { busy, set: (recommendation, dismissed) => void send(recommendation, dismissed) };
}
