/** Takes memory out: one user or everybody, into an archive that can be imported again. */
import { Download, FolderOpen } from 'lucide-react';
import { useState } from 'react';
import { toast } from 'sonner';
import type { ExportJob } from '../../../../src-contract/index.ts';
import { useUserInView } from '../../../app/user-in-view.ts';
import { client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { desktop } from '../../../rpc/transport.ts';
import { Button } from '../../../ui/Button.tsx';
import { CopyButton } from '../../../ui/CopyButton.tsx';
import { excerpt } from '../../../ui/content/visible-text.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { bytes } from '../../../ui/format.ts';
import { SkeletonRows } from '../../../ui/states.tsx';
import { Segmented } from '../../../ui/Tabs.tsx';
import { useJob } from '../hooks/use-job.ts';
import { CancelButton, JobProgress } from './JobProgress.tsx';

export function ExportDialog({ onClose }: { onClose(): void }) {
  const user_id = useUserInView() ?? null;
  const [whose, setWhose] = useState<'user' | 'org'>(user_id === null ? 'org' : 'user');
  const [job_id, setJob] = useState<string>();
  const [busy, setBusy] = useState(false);
  const { data: job } = useJob(job_id);
  const start = async () => {
    setBusy(true);
    try {
      const scope =
        whose === 'user' && user_id !== null ? { kind: 'user' as const, user_id } : { kind: 'org' as const };
      setJob((await client.transfer.export({ scope })).job_id);
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  const exported = job?.kind === 'export' && job.state === 'succeeded' ? job : undefined;
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Export"
      description="Sessions, memories, their history and links, with checksums. Importing it gives back every field."
      footer={
        <>
          {job?.state === 'running' && <CancelButton job={job} />}
          <Button onClick={onClose}>{job ? 'Close' : 'Cancel'}</Button>
          {job_id === undefined && (
            <Button look="primary" busy={busy} onClick={start}>
              Export
            </Button>
          )}
          {exported && <SaveButton job={exported} />}
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
          {exported && (
            <p className="flex items-center gap-2 text-muted text-xs">
              <span className="one-line flex-1" title={exported.sha256 ?? ''}>
                {exported.file_name}
                {exported.bytes !== null && `, ${bytes(exported.bytes)}`} · SHA-256 {exported.sha256?.slice(0, 16)}…
              </span>
              <CopyButton text={exported.sha256 ?? ''} what="Copy the SHA-256" />
            </p>
          )}
        </div>
      ) : (
        <SkeletonRows rows={3} />
      )}
    </Dialog>
  );
}

function SaveButton({ job }: { job: ExportJob }) {
  const [busy, setBusy] = useState(false);
  if (desktop === undefined) {
    // The cookie of the login lets the browser fetch it by itself, so that it never has to fit into the page's memory.
    // Over plain HTTP the referrer is all that tells the server which page asks.
    return (
      <a
        href={`/api/memory/exports/${job.job_id}/file`}
        download={job.file_name}
        referrerPolicy="origin"
        className="inline-flex h-8 items-center gap-1.5 rounded-md bg-accent px-3 font-medium text-on-accent hover:bg-accent-hover"
      >
        <Download aria-hidden="true" className="size-4" /> Download
      </a>
    );
  }
  const bridge = desktop;
  const save = async () => {
    setBusy(true);
    try {
      const saved = await bridge.saveExport(job.job_id);
      if (saved) {
        toast.success('Saved.', {
          description: saved.path,
          action: { label: 'Show', onClick: () => void bridge.showFile(saved.path) },
        });
      }
    } catch (error) {
      toast.error(problemOf(error).message);
    }
    setBusy(false);
  };
  return (
    <Button look="primary" busy={busy} icon={<FolderOpen className="size-4" />} onClick={save}>
      Save as …
    </Button>
  );
}
