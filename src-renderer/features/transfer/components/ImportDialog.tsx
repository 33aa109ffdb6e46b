/** Brings conversations in: choose a file, see what it is, say whose memory it becomes, watch it. */

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileUp, RotateCcw } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ImportJob, ImportSource } from '../../../../src-contract/index.ts';
import { IMPORT_KINDS, type ImportKind } from '../../../../src-contract/transfer.ts';
import { useReadOnly } from '../../../app/read-only.ts';
import { useUserInView } from '../../../app/user-in-view.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Button } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { bytes, plural } from '../../../ui/format.ts';
import { Progress } from '../../../ui/Progress.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { inWordsOfTheFile } from '../file-problem.ts';
import { isJobGone, useJob } from '../hooks/use-job.ts';
import { useSource } from '../hooks/use-source.ts';
import { usePendingUpload } from '../pending-upload.ts';
import { useTransferStore } from '../transfer-store.ts';
import { CancelButton } from './CancelButton.tsx';
import { FilePreview } from './FilePreview.tsx';
import { JobProgress } from './JobProgress.tsx';
import { KIND_NAMES } from './kind-names.ts';

export function ImportDialog({ files, onClose }: { files: readonly File[]; onClose(): void }) {
  const { source, choose, reset } = useSource();
  const [job_id, setJob] = useState<string>();
  const [rejected, setRejected] = useState<string>();
  const [goesOn, setGoesOn] = useState(useTransferStore.getState().goesOn);
  // Said once: the next import is one of its own.
  useEffect(() => useTransferStore.getState().goOnWith(null), []);
  const take = (given: readonly File[]) => {
    const [file] = given;
    setRejected(undefined);
    if (file === undefined) return;
    if (file.size === 0) setRejected(`${visibleText(file.name)} is empty. Choose another file, or export it again.`);
    else choose(file);
    if (given.length > 1) setRejected('One file at a time: the first one was taken.');
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: files that were dropped are taken when they are dropped.
  useEffect(() => {
    // What runs stays in sight.
    if (job_id === undefined) take(files);
  }, [files]);
  const leave = () => {
    // What broke on its way is gone on with later.
    if (source.state !== 'failed' && source.state !== 'none') reset();
    onClose();
  };
  if (job_id !== undefined) {
    const again = () => {
      setJob(undefined);
      setGoesOn(null);
      reset();
    };
    return <Running job_id={job_id} onClose={onClose} onAgain={again} />;
  }
  if (source.state === 'ready') {
    return (
      <Options
        // Another file dropped on it begins with choices of its own.
        key={JSON.stringify([source.source, source.file.name, source.file.size, source.file.lastModified])}
        source={source.source}
        file={source.file}
        goesOn={goesOn}
        onClose={leave}
        onBack={reset}
        onStarted={setJob}
      />
    );
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && leave()}
      title="Import"
      description="Conversations with agents, or an archive of Archon. Importing a file twice adds nothing."
      footer={<Button onClick={leave}>Cancel</Button>}
    >
      {goesOn && (
        <p className="mb-3 rounded-md bg-accent-soft px-3 py-2 [overflow-wrap:anywhere]">
          Choose the same file again: {visibleText(goesOn.name)}
          {goesOn.progress.bytes_total !== null && `, ${bytes(goesOn.progress.bytes_total)}`}. What was imported is not
          imported twice.
        </p>
      )}
      {source.state === 'sending' ? (
        <div className="space-y-2 py-6">
          <p dir="auto" className="one-line font-medium">
            {visibleText(source.file.name)}
          </p>
          <Progress label="Sending the file" value={source.sent / source.file.size} />
          <p className="text-muted text-xs tabular-nums">
            Sending {bytes(source.sent)} of {bytes(source.file.size)} to the server. Keep this page open; if it is
            closed, choose the same file again and only the rest is sent.
          </p>
        </div>
      ) : (
        <DropZone onFiles={take} />
      )}
      {rejected && (
        <p role="alert" className="mt-3 text-warn">
          {rejected}
        </p>
      )}
      {source.state === 'failed' && <ErrorState error={source.error} onRetry={() => choose(source.file)} />}
    </Dialog>
  );
}

function DropZone({ onFiles }: { onFiles(files: readonly File[]): void }) {
  const inputRef = useRef<HTMLInputElement>(null);
  return (
    <div className="flex flex-col items-center gap-3 rounded-xl border-2 border-line-strong border-dashed px-6 py-10 text-center">
      <FileUp aria-hidden="true" className="size-8 text-accent-text" />
      <p className="font-medium">Drop a file anywhere, or choose one</p>
      <ul className="text-muted">
        {IMPORT_KINDS.map((kind) => (
          <li key={kind}>{KIND_NAMES[kind]}</li>
        ))}
      </ul>
      <Button look="primary" onClick={() => inputRef.current?.click()}>
        Choose a file
      </Button>
      <input
        ref={inputRef}
        type="file"
        aria-label="File to import"
        className="sr-only"
        tabIndex={-1}
        accept=".json,.jsonl,.ndjson,.gz,application/json,application/gzip"
        onChange={(event) => {
          onFiles([...(event.target.files ?? [])]);
          event.target.value = '';
        }}
      />
    </div>
  );
}

interface OptionsProps {
  source: ImportSource;
  file: File;
  /** The import that this file is to go on with. */
  goesOn: ImportJob | null;
  onClose(): void;
  onBack(): void;
  onStarted(job_id: string): void;
}

function Options({ source, file, goesOn, onClose, onBack, onStarted }: OptionsProps) {
  const queryClient = useQueryClient();
  const readOnly = useReadOnly();
  const current = useUserInView() ?? '';
  /** Undefined until the person types one. */
  const [typed, setTyped] = useState<string | undefined>(goesOn?.user_id ?? undefined);
  const [format, setFormat] = useState<ImportKind | 'auto'>(goesOn?.format ?? 'auto');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const preview = useQuery(
    api.transfer.preview.queryOptions({ input: { source, format }, retry: false, staleTime: Number.POSITIVE_INFINITY }),
  );
  const needsUser = preview.data?.needs_user ?? true;
  // An archive names its users: it is given to another one only when the person says so.
  const user_id = typed ?? (needsUser ? current : '');
  const start = async () => {
    if (readOnly !== undefined) return setProblem(readOnly);
    if (needsUser && user_id.trim() === '') return setProblem('Say whose memory the conversations become.');
    setBusy(true);
    setProblem(undefined);
    try {
      const job = await client.transfer.import({
        source,
        format: preview.data?.format ?? format,
        ...(user_id.trim() === '' ? {} : { user_id: user_id.trim() }),
      });
      useTransferStore.getState().start(job.job_id);
      const { upload, set } = usePendingUpload.getState();
      if (source.kind === 'upload' && upload?.upload_id === source.upload_id) set(null);
      onStarted(job.job_id);
      await queryClient.invalidateQueries({ queryKey: api.transfer.jobs.key() });
    } catch (error) {
      setProblem(problemOf(inWordsOfTheFile(error)).message);
      setBusy(false);
    }
  };
  return (
    <Dialog
      open
      width="max-w-2xl"
      onOpenChange={(open) => !open && onClose()}
      title="Import"
      description={`${visibleText(file.name)}, ${bytes(file.size)}`}
      footer={
        <>
          <Button onClick={onBack}>Another file</Button>
          <span className="flex-1" />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" busy={busy} disabled={!preview.data} blocked={readOnly} onClick={start}>
            Import
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <div className="grid grid-cols-2 gap-4">
          <Field label="Kind of file">
            {(props) => (
              <select
                {...props}
                value={format}
                onChange={(event) => setFormat(event.target.value as ImportKind | 'auto')}
                className="h-8 w-full rounded-md border border-line bg-bg px-2"
              >
                <option value="auto">
                  {preview.data && format === 'auto' ? `Detected: ${KIND_NAMES[preview.data.format]}` : 'Detect it'}
                </option>
                {IMPORT_KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {KIND_NAMES[kind]}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field
            label={needsUser ? 'Whose memory it becomes' : 'Give it to another user (optional)'}
            error={problem}
            help={needsUser ? 'As agents name the user.' : 'An archive names its users; leave this empty to keep them.'}
          >
            {(props) => (
              <TextInput
                {...props}
                dir="auto"
                maxLength={200}
                placeholder={needsUser ? 'me' : ''}
                value={user_id}
                onChange={(event) => setTyped(event.target.value)}
                onKeyDown={(event) => {
                  if (event.key === 'Enter') void start();
                }}
              />
            )}
          </Field>
        </div>
        {goesOn && goesOn.progress.bytes_total !== file.size && (
          <p role="alert" className="text-warn [overflow-wrap:anywhere]">
            This is not the file that was imported in part ({visibleText(goesOn.name)}): it is imported from its
            beginning.
          </p>
        )}
        {preview.isPending && <SkeletonRows rows={4} />}
        {preview.isError && (
          <ErrorState error={inWordsOfTheFile(preview.error)} onRetry={() => void preview.refetch()} />
        )}
        {preview.data && <FilePreview preview={preview.data} />}
      </div>
    </Dialog>
  );
}

function Running({ job_id, onClose, onAgain }: { job_id: string; onClose(): void; onAgain(): void }) {
  const { data, error, refetch } = useJob(job_id);
  const isGone = isJobGone(error);
  const job = isGone ? undefined : data;
  const navigate = useNavigate();
  const isRunning = !isGone && (job === undefined || job.state === 'running');
  const user_id = job?.kind === 'import' ? job.user_id : null;
  const show = () => {
    onClose();
    void navigate({ to: '/memory', search: user_id === null ? {} : { user: user_id } });
  };
  const footer: ReactNode = isRunning ? (
    <>
      {job && <CancelButton job={job} />}
      <Button look="primary" onClick={onClose}>
        Go on in the background
      </Button>
    </>
  ) : (
    <>
      <Button icon={<RotateCcw className="size-4" />} onClick={onAgain}>
        Another file
      </Button>
      <Button look="primary" onClick={show}>
        Show the memory
      </Button>
    </>
  );
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={isRunning ? 'Importing' : 'Import'}
      description={
        job?.kind === 'import'
          ? `${visibleText(job.name)}${job.format ? ` · ${KIND_NAMES[job.format]}` : ''}`
          : isGone
            ? 'This import is not known any more.'
            : 'Starting …'
      }
      footer={footer}
    >
      <div className={cx(error && !job && 'text-bad')}>
        {job ? (
          <JobProgress job={job} />
        ) : error ? (
          <ErrorState error={error} onRetry={() => void refetch()} />
        ) : (
          <SkeletonRows rows={3} />
        )}
        {job?.kind === 'import' && job.resumed_from_record > 0 && (
          <p className="mt-2 text-muted text-xs">It went on after {plural(job.resumed_from_record, 'record')}.</p>
        )}
      </div>
    </Dialog>
  );
}
