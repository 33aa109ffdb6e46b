/** Takes memory out: one user or everybody, into an archive that can be imported again. */
import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { toast } from 'sonner';
import { useUserInView } from '../../../app/user-in-view.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { isJobGone, useJob } from '../hooks/use-job.ts';
import { isEmpty } from '../job-words.ts';
import { useTransferStore } from '../transfer-store.ts';
import { CancelButton } from './CancelButton.tsx';
import { ExportedFile } from './ExportedFile.tsx';
import { JobProgress } from './JobProgress.tsx';
import { SaveExport } from './SaveExport.tsx';

export function ExportDialog({ onClose }: { onClose(): void }) {
  const queryClient = useQueryClient();
  const user_id = useUserInView() ?? null;
  const [whose, setWhose] = useState<'user' | 'org'>(user_id === null ? 'org' : 'user');
  const [job_id, setJob] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { data, error, refetch } = useJob(job_id);
  const job = isJobGone(error) ? undefined : data;
  const start = async () => {
    setBusy(true);
    try {
      const scope =
        whose === 'user' && user_id !== null ? { kind: 'user' as const, user_id } : { kind: 'org' as const };
      const started = await client.transfer.export({ scope });
      useTransferStore.getState().start(started.job_id);
      setJob(started.job_id);
      await queryClient.invalidateQueries({ queryKey: api.transfer.jobs.key() });
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  const exported = job?.kind === 'export' && job.state === 'succeeded' && !isEmpty(job.exported) ? job : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Export"
      description="Sessions, memories, their history and links, with checksums. Importing it gives back every field."
      footer={
        <>
          {job?.state === 'running' && <CancelButton job={job} />}
          <Button onClick={onClose}>
            {job === undefined ? 'Cancel' : job.state === 'running' ? 'Go on in the background' : 'Close'}
          </Button>
          {job_id === undefined && (
            <Button look="primary" busy={busy} onClick={start}>
              Export
            </Button>
          )}
          {exported && <SaveExport job={exported} look="primary" />}
        </>
      }
    >
      {job_id === undefined ? (
        <div className="space-y-2">
          <p className="font-medium text-muted text-xs">What to export</p>
          <Segmented<'user' | 'org'>
            label="What to export"
            value={whose}
            onChange={setWhose}
            options={[
              ...(user_id === null ? [] : [{ value: 'user' as const, label: `Only ${excerpt(user_id, 60)}` }]),
              { value: 'org' as const, label: 'Everybody' },
            ]}
          />
        </div>
      ) : job ? (
        <div className="space-y-3">
          <JobProgress job={job} />
          {exported && <ExportedFile job={exported} />}
        </div>
      ) : error ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Dialog>
  );
}
