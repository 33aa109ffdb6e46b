/** Replays many dead letters at a rate, and shows how far that is. */

import { zodResolver } from '@hookform/resolvers/zod';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useForm } from 'react-hook-form';
import { z } from 'zod';
import type { DeadLetterSelection } from '../../../../../src-contract/index.ts';
import { useReadOnly } from '../../../../app/read-only.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../../ui/fields.tsx';
import { plural } from '../../../../ui/format.ts';
import { useOneAtATime } from '../../../../ui/one-at-a-time.ts';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { tellShownLetters } from '../hooks/use-letter-list.ts';
import { useRunStore } from '../hooks/use-replay-runs.ts';
import { isRunning, span } from '../letter-words.ts';
import { CancelRun, RunProgress } from './RunProgress.tsx';
import { SelectionCount, type SelectionCountState, useSelectionCount } from './SelectionCount.tsx';

const USUAL_RATE = 10;
const EVERY_MS = 500;
const RANGE = 'A number from 0.1 to 1,000.';

const form = z.object({ per_second: z.number(RANGE).min(0.1, RANGE).max(1000, RANGE) });

export interface ReplayManyDialogProps {
  select: DeadLetterSelection;
  onClose(): void;
  /** It has begun. */
  onStarted(): void;
}

export function ReplayManyDialog({ select, onClose, onStarted }: ReplayManyDialogProps) {
  const queryClient = useQueryClient();
  const [run_id, setRunId] = useState<string>();
  const counted = useSelectionCount(select);
  const readOnly = useReadOnly();
  const { register, handleSubmit, formState, watch, setError } = useForm({
    resolver: zodResolver(form),
    mode: 'onChange',
    defaultValues: { per_second: USUAL_RATE },
  });
  const { errors, isSubmitting } = formState;
  const run = useQuery(
    api.deadLetters.replayRun.queryOptions({
      input: { run_id: run_id ?? '' },
      enabled: run_id !== undefined,
      staleTime: 0,
      refetchInterval: ({ state }) => (state.data === undefined || isRunning(state.data) ? EVERY_MS : false),
    }),
  );
  const start = useOneAtATime(
    handleSubmit(async ({ per_second }) => {
      if (readOnly !== undefined) return;
      try {
        const begun = await client.deadLetters.replayMany({ select, per_second });
        queryClient.setQueryData(api.deadLetters.replayRun.queryKey({ input: { run_id: begun.id } }), begun);
        useRunStore.getState().see([begun.id]);
        setRunId(begun.id);
        tellShownLetters();
        onStarted();
        // The letter that is open, and how many there are.
        void queryClient.invalidateQueries({ queryKey: api.deadLetters.key() });
      } catch (error) {
        setError('root', { message: problemOf(error).message });
      }
    }),
  );
  const { taken } = counted;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && !isSubmitting && onClose()}
      title="Replay dead letters"
      width="max-w-lg"
      footer={
        run_id === undefined ? (
          <>
            <Button disabled={isSubmitting} onClick={onClose}>
              Cancel
            </Button>
            <Button
              look="primary"
              busy={isSubmitting}
              disabled={taken === 0}
              blocked={readOnly}
              onClick={() => void start()}
            >
              {taken === undefined ? 'Replay them' : `Replay ${plural(taken, 'dead letter')}`}
            </Button>
          </>
        ) : (
          <>
            {run.data && <CancelRun run={run.data} />}
            <Button onClick={onClose}>{run.data && !isRunning(run.data) ? 'Close' : 'Go on in the background'}</Button>
          </>
        )
      }
    >
      {run_id === undefined ? (
        <form onSubmit={start} className="space-y-4">
          <SelectionCount counted={counted} deed="replayed" />
          <Field
            label="Dead letters per second"
            error={errors.per_second?.message}
            help={<Rate counted={counted} per_second={watch('per_second')} />}
          >
            {(props) => (
              <TextInput
                {...props}
                {...register('per_second', { valueAsNumber: true })}
                type="number"
                min={0.1}
                max={1000}
                step="any"
                className="max-w-32"
              />
            )}
          </Field>
          <p className="text-muted">
            Each is given to its subscriber once more. One that fails again is dead again, with the new error. Those
            whose subscriber is switched off or gone are passed over.
          </p>
          {errors.root && (
            <p role="alert" className="content-text text-bad">
              {errors.root.message}
            </p>
          )}
        </form>
      ) : run.data ? (
        <RunProgress run={run.data} />
      ) : run.error ? (
        <ErrorState error={run.error} onRetry={() => void run.refetch()} />
      ) : (
        <SkeletonRows rows={1} />
      )}
    </Dialog>
  );
}

function Rate({ counted: { taken }, per_second }: { counted: SelectionCountState; per_second: number }) {
  const slowly = 'Slowly, so that the subscriber is not run over.';
  if (taken === undefined || taken === 0 || !(per_second > 0)) return slowly;
  return `${slowly} The last one is sent in about ${span(taken / per_second)}.`;
}
