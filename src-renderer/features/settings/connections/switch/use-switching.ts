/** Opens another profile: asks what must be asked, waits, and says what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import { isAnythingUnsaved } from '../../../../app/use-leave-guard.ts';
import { api, client } from '../../../../rpc/client.ts';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { type SwitchProblem, switchProblem } from './switch-problem.ts';

export type SwitchState =
  /** Something on the page is not saved yet. */
  { kind: 'unsaved' } | { kind: 'opening'; migrating: boolean } | SwitchProblem;

export function useSwitching(profile_id: string, name: string, onDone: () => void) {
  const queryClient = useQueryClient();
  const [state, setState] = useState<SwitchState>(() =>
    isAnythingUnsaved() ? { kind: 'unsaved' } : { kind: 'opening', migrating: false },
  );
  const attempt = useRef<AbortController>(undefined);
  const beginAttempt = () => {
    attempt.current = new AbortController();
    return attempt.current;
  };
  /** @param migrate_to what a person has confirmed */
  const open = async (migrate_to?: number): Promise<void> => {
    setState({ kind: 'opening', migrating: migrate_to !== undefined });
    const { signal } = beginAttempt();
    try {
      const confirmed = migrate_to === undefined ? {} : { migrate_to };
      await client.profiles.activate({ profile_id, ...confirmed }, { signal });
    } catch (error) {
      // It may have been opened at the last moment.
      if (signal.aborted) void queryClient.invalidateQueries({ queryKey: api.app.status.key() });
      else setState(switchProblem(error));
      void queryClient.invalidateQueries({ queryKey: api.profiles.key() });
      return;
    }
    // Which profile is open is read first: from then on nothing of the one before is shown.
    await queryClient.invalidateQueries({ queryKey: api.app.status.key() });
    void queryClient.invalidateQueries({ queryKey: api.profiles.key() });
    toast.success(`${visibleText(name)} is open.`);
    onDone();
  };
  /** What is open stays open. */
  const giveUp = () => {
    attempt.current?.abort();
    onDone();
  };
  const hasBegun = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: begun once, as soon as it is asked for.
  useEffect(() => {
    if (hasBegun.current || state.kind === 'unsaved') return;
    hasBegun.current = true;
    void open();
  }, []);
  return { state, open, giveUp };
}
