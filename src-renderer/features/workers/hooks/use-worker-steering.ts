/** Does things with a worker: one at a time, with a word about what came of it. */

import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import type { Worker, WorkerSchedule } from '../../../../src-contract/index.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { needsConsent, reasonAgainst, type WorkerAction } from '../worker-actions.ts';
import { useIsOnline } from './use-workers.ts';

const UNDO_MS = 10_000;

/** Those that are one call, without anything to fill in. */
type Call = Exclude<WorkerAction, 'schedule'>;

export interface WorkerSteering {
  /** What is on its way to the engine. */
  busy: WorkerAction | undefined;
  /** What waits for the person: a consent, or a schedule. */
  asking: WorkerAction | undefined;
  /** Why it cannot be done now; undefined when it can. */
  reason(action: WorkerAction): string | undefined;
  /** Does it, asks first where it cannot be taken back, or says why it cannot be done. */
  act(action: WorkerAction): void;
  consent(): void;
  dismiss(): void;
  /** @throws whatever the engine says against the schedule */
  setSchedule(schedule: WorkerSchedule | null): Promise<void>;
  backToDefault(): void;
}

const CALLS: Readonly<Record<Call, (input: { worker: string }) => Promise<Worker>>> = {
  run: (input) => client.workers.runNow(input),
  pause: (input) => client.workers.pause(input),
  resume: (input) => client.workers.resume(input),
  restart: (input) => client.workers.restart(input),
  cancel: (input) => client.workers.cancel(input),
};

const DONE: Readonly<Record<Call, string>> = {
  run: 'was asked to run.',
  pause: 'is paused.',
  resume: 'is back on its schedule.',
  restart: 'was restarted.',
  cancel: 'was cancelled.',
};
const NOT_DONE: Readonly<Record<Call, string>> = {
  run: 'could not be run',
  pause: 'could not be paused',
  resume: 'could not be resumed',
  restart: 'could not be restarted',
  cancel: 'could not be cancelled',
};

export function useWorkerSteering(worker: Worker): WorkerSteering {
  const queryClient = useQueryClient();
  const circumstances = { isOnline: useIsOnline(), readOnly: useReadOnly() };
  const [busy, setBusy] = useState<WorkerAction>();
  const [asking, setAsking] = useState<WorkerAction>();

  /** What the engine answered is shown at once; the rest is read again. */
  const take = async (changed: Worker) => {
    // An answer from before the change must not come after it.
    await queryClient.cancelQueries({ queryKey: api.workers.key() });
    queryClient.setQueryData(api.workers.list.queryKey(), (before) =>
      before === undefined
        ? undefined
        : { items: before.items.map((each) => (each.name === changed.name ? changed : each)) },
    );
    void queryClient.invalidateQueries({ queryKey: api.workers.key() });
  };
  const during = async <T>(action: WorkerAction, work: () => Promise<T>): Promise<T> => {
    setBusy(action);
    try {
      return await work();
    } finally {
      setBusy(undefined);
    }
  };
  const call = (action: Call) =>
    during(action, async () => {
      try {
        await take(await CALLS[action]({ worker: worker.name }));
        toast.success(`${worker.title} ${DONE[action]}`);
      } catch (error) {
        toast.error(`${worker.title} ${NOT_DONE[action]}: ${problemOf(error).message}`);
      }
    });

  const setSchedule: WorkerSteering['setSchedule'] = (schedule) =>
    during('schedule', async () => {
      const { schedule: before, schedule_source } = worker;
      await take(await client.workers.setSchedule({ worker: worker.name, schedule }));
      if (schedule !== null) toast.success(`${worker.title} has a new schedule.`);
      else {
        // Somebody wrote that schedule: it is not gone with one click.
        const undo = { duration: UNDO_MS, action: { label: 'Undo', onClick: () => trySchedule(before) } };
        toast.success(`${worker.title} is back on its default schedule.`, schedule_source === 'operator' ? undo : {});
      }
    });
  const trySchedule = (schedule: WorkerSchedule | null) => {
    setSchedule(schedule).catch((error: unknown) => {
      toast.error(`The schedule of ${worker.title} could not be changed: ${problemOf(error).message}`);
    });
  };

  return {
    busy,
    asking,
    reason: (action) => reasonAgainst(action, worker, circumstances),
    act: (action) => {
      const reason = reasonAgainst(action, worker, circumstances);
      if (reason !== undefined) toast.info(reason);
      else if (action === 'schedule' || needsConsent(action, worker)) setAsking(action);
      else if (busy === undefined) void call(action);
    },
    consent: () => {
      if (asking === undefined || asking === 'schedule' || busy !== undefined) return;
      // What was asked meanwhile stays.
      void call(asking).then(() => setAsking((now) => (now === asking ? undefined : now)));
    },
    dismiss: () => setAsking(undefined),
    setSchedule,
    backToDefault: () => trySchedule(null),
  };
}
