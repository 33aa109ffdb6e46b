/** All imports and exports: what runs, what ended and how, what can be gone on with. */

import { ArrowDownUp } from 'lucide-react';
import { useEffect } from 'react';
import { useDialogs } from '../../../app/dialog-store.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { Button } from '../../../ui/Button.tsx';
import { Dialog } from '../../../ui/Dialog.tsx';
import { EmptyState, ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useTransfers } from '../hooks/use-transfers.ts';
import { usePendingUpload } from '../pending-upload.ts';
import { useTransferStore } from '../transfer-store.ts';
import { PendingUploadRow } from './PendingUploadRow.tsx';
import { TransferRow } from './TransferRow.tsx';

/** As many as the engine lists. */
const LISTED = 100;

export function TransfersDialog({ onClose }: { onClose(): void }) {
  const open = useDialogs((store) => store.open);
  const readOnly = useReadOnly();
  const upload = usePendingUpload((store) => store.upload);
  const unfold = useTransferStore((store) => store.unfold);
  const { jobs, data, error, refetch } = useTransfers();
  useEffect(() => () => unfold(null), [unfold]);
  const isNone = data !== undefined && jobs.length === 0 && upload === null;
  return (
    <Dialog
      open
      width="max-w-3xl"
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title="Transfers"
      description="Imports and exports, newest first. They go on when this window is closed, as long as Archon runs."
      footer={
        <>
          {!isNone && (
            <>
              <Button blocked={readOnly} onClick={() => open('import')}>
                Import
              </Button>
              <Button onClick={() => open('export')}>Export</Button>
              <span className="flex-1" />
            </>
          )}
          <Button onClick={onClose}>Close</Button>
        </>
      }
    >
      {data === undefined && error && <ErrorState error={error} onRetry={() => void refetch()} />}
      {data === undefined && !error && <SkeletonRows rows={4} />}
      {isNone && (
        <EmptyState
          icon={<ArrowDownUp aria-hidden="true" />}
          title="Nothing was imported or exported yet"
          actions={
            <>
              <Button look="primary" blocked={readOnly} onClick={() => open('import')}>
                Import
              </Button>
              <Button onClick={() => open('export')}>Export</Button>
            </>
          }
        >
          What you import or export is listed here: how far it is, what it brought, and what went wrong.
        </EmptyState>
      )}
      {(jobs.length > 0 || upload !== null) && (
        <ul aria-label="Imports and exports" className="space-y-2">
          {upload !== null && <PendingUploadRow upload={upload} />}
          {jobs.map((job) => (
            <TransferRow key={job.job_id} job={job} />
          ))}
          {jobs.length >= LISTED && <li className="text-center text-faint text-xs">The last {LISTED} are listed.</li>}
        </ul>
      )}
    </Dialog>
  );
}
