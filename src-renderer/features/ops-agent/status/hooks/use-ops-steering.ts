/** The switches of the agent: one at a time, with a word about what came of it. */
import { useQueryClient } from '@tanstack/react-query';
import { toast } from 'sonner';
import { create } from 'zustand';
import type { OpsStatus } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { useBlocked } from '../../views/use-blocked.ts';

type Switch = 'run' | 'pause' | 'resume';

/** For the whole app: the page, the palette and the dialog steer the same agent. */
const useBusy = create<{ busy: Switch | undefined }>(() => ({ busy: undefined }));

export interface OpsSteering {
  busy: Switch | undefined;
  /** Why nothing can be switched now. */
  blocked: string | undefined;
  runNow(): void;
  resume(): void;
  /** @throws whatever the engine says against it */
  pause(input: { reason?: string; until?: string }): Promise<void>;
}

export function useOpsSteering(): OpsSteering {
  const queryClient = useQueryClient();
  const blocked = useBlocked();
  const { busy } = useBusy();

  /** What the engine answered is shown at once; the rest is read again. */
  const take = async (status: OpsStatus) => {
    // An answer from before the change must not come after it.
    await queryClient.cancelQueries({ queryKey: api.ops.status.key() });
    queryClient.setQueryData(api.ops.status.queryKey(), status);
    for (const queryKey of [api.ops.signals.key(), api.opsAlerts.key(), api.opsActions.key()]) {
      void queryClient.invalidateQueries({ queryKey });
    }
  };
  const during = async (what: Switch, work: () => Promise<OpsStatus>): Promise<OpsStatus> => {
    useBusy.setState({ busy: what });
    try {
      const status = await work();
      await take(status);
      return status;
    } finally {
      useBusy.setState({ busy: undefined });
    }
  };
  /** @param done what is said of it */
  const attempt = async (what: Switch, work: () => Promise<OpsStatus>, done: (status: OpsStatus) => string) => {
    if (blocked !== undefined) {
      toast.info(blocked);
      return;
    }
    if (useBusy.getState().busy !== undefined) return;
    try {
      toast.success(done(await during(what, work)));
    } catch (error) {
      toast.error(`${NOT_DONE[what]}: ${problemOf(error).message}`);
    }
  };
  return {
    busy,
    blocked,
    runNow: () => void attempt('run', () => client.ops.run(), lookWords),
    resume: () =>
      void attempt(
        'resume',
        () => client.ops.resume(),
        () => 'The ops agent acts again.',
      ),
    pause: async (input) => {
      await during('pause', () => client.ops.pause(input));
      toast.success('The ops agent is paused: it watches and tells, and does nothing by itself.');
    },
  };
}

const NOT_DONE: Readonly<Record<Switch, string>> = {
  run: 'The ops agent could not look',
  pause: 'The ops agent could not be paused',
  resume: 'The ops agent could not be resumed',
};

function lookWords({ alerts, last_round }: OpsStatus): string {
  if (last_round !== null && last_round.error !== null) return `It looked, and failed: ${last_round.error}`;
  const found = alerts.firing === 1 ? '1 alert fires' : `${alerts.firing === 0 ? 'no' : alerts.firing} alerts fire`;
  return `It looked at everything: ${found}.`;
}
