/** Brings conversations in: choose a file, see what it is, say whose memory it becomes, watch it. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileUp, RotateCcw } from 'lucide-react';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { ImportPreview, ImportSource } from '../../../../src-contract/index.ts';
import { IMPORT_KINDS, type ImportKind } from '../../../../src-contract/transfer.ts';
import { useUserInView } from '../../../app/user-in-view.ts';
import { api, client } from '../../../rpc/client.ts';
import { problemOf } from '../../../rpc/errors.ts';
import { Badge } from '../../../ui/Badge.tsx';
import { Button } from '../../../ui/Button.tsx';
import { cx } from '../../../ui/classes.ts';
import { visibleText } from '../../../ui/content/visible-text.ts';
import { Dialog } from '../../../ui/Dialog.tsx';
import { Field, TextInput } from '../../../ui/fields.tsx';
import { bytes, dayAndClock, plural } from '../../../ui/format.ts';
import { Progress } from '../../../ui/Progress.tsx';
import { ErrorState, SkeletonRows } from '../../../ui/states.tsx';
import { useJob } from '../hooks/use-job.ts';
import { useSource } from '../hooks/use-source.ts';
import { CancelButton, JobProgress } from './JobProgress.tsx';
import { KIND_NAMES } from './kind-names.ts';

export function ImportDialog({ files, onClose }: { files: readonly File[]; onClose(): void }) {
  const { source, choose, reset } = useSource();
  const [job_id, setJob] = useState<string>();
  const [rejected, setRejected] = useState<string>();
  const take = (given: readonly File[]) => {
    const [file] = given;
    setRejected(undefined);
    if (file === undefined) return;
    if (file.size === 0) setRejected(`${visibleText(file.name)} is empty.`);
    else choose(file);
    if (given.length > 1) setRejected('One file at a time: the first one was taken.');
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: files that were dropped are taken when they are dropped.
  useEffect(() => take(files), [files]);
  if (job_id !== undefined) {
    const again = () => {
      setJob(undefined);
      reset();
    };
    return <Running job_id={job_id} onClose={onClose} onAgain={again} />;
  }
  if (source.state === 'ready') {
    return <Options source={source.source} file={source.file} onClose={onClose} onBack={reset} onStarted={setJob} />;
  }
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Import"
      description="Conversations with agents, or an archive of Archon. Importing a file twice adds nothing."
      footer={<Button onClick={onClose}>Cancel</Button>}
    >
      {source.state === 'sending' ? (
        <div className="space-y-2 py-6">
          <p dir="auto" className="one-line font-medium">
            {visibleText(source.file.name)}
          </p>
          <Progress label="Sending the file" value={source.sent / source.file.size} />
          <p className="text-muted text-xs tabular-nums">
            Sending {bytes(source.sent)} of {bytes(source.file.size)} to the server
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
  onClose(): void;
  onBack(): void;
  onStarted(job_id: string): void;
}

function Options({ source, file, onClose, onBack, onStarted }: OptionsProps) {
  const current = useUserInView() ?? '';
  /** Undefined until the person types one. */
  const [typed, setTyped] = useState<string>();
  const [format, setFormat] = useState<ImportKind | 'auto'>('auto');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);
  const preview = useQuery(
    api.transfer.preview.queryOptions({ input: { source, format }, retry: false, staleTime: Number.POSITIVE_INFINITY }),
  );
  const needsUser = preview.data?.needs_user ?? true;
  // An archive names its users: it is given to another one only when the person says so.
  const user_id = typed ?? (needsUser ? current : '');
  const start = async () => {
    if (needsUser && user_id.trim() === '') return setProblem('Say whose memory the conversations become.');
    setBusy(true);
    setProblem(undefined);
    try {
      const job = await client.transfer.import({
        source,
        format: preview.data?.format ?? format,
        ...(user_id.trim() === '' ? {} : { user_id: user_id.trim() }),
      });
      onStarted(job.job_id);
    } catch (error) {
      setProblem(problemOf(error).message);
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
          <Button look="primary" busy={busy} disabled={!preview.data} onClick={start}>
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
        {preview.isPending && <SkeletonRows rows={4} />}
        {preview.isError && <ErrorState error={preview.error} onRetry={() => void preview.refetch()} />}
        {preview.data && <Preview preview={preview.data} />}
      </div>
    </Dialog>
  );
}

function Preview({ preview }: { preview: ImportPreview }) {
  const { archive, conversations, errors } = preview;
  return (
    <section aria-label="How the file begins" className="space-y-2">
      <h3 className="font-semibold text-muted text-xs">How the file begins</h3>
      {archive && (
        <p>
          An archive that Archon {archive.app_version} wrote on {dayAndClock(archive.created_at)}, of{' '}
          {archive.scope.kind === 'user' ? `user “${archive.scope.user_id}”` : 'everybody'}.
        </p>
      )}
      {conversations.map((conversation, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the preview never changes.
        <article key={index} className="rounded-lg border border-line p-3">
          <h4 className="mb-1 flex gap-2">
            <span dir="auto" className="one-line flex-1 font-medium">
              {visibleText(conversation.title ?? 'Without a title')}
            </span>
            {conversation.started_at && (
              <span className="shrink-0 text-[11px] text-faint">{dayAndClock(conversation.started_at)}</span>
            )}
          </h4>
          <ul className="space-y-1">
            {conversation.messages.map((message, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the preview never changes.
              <li key={at} className="flex gap-2">
                <Badge tone={message.role === 'user' ? 'session' : 'plain'}>{message.role}</Badge>
                <span dir="auto" className="line-clamp-2 flex-1 text-muted [overflow-wrap:anywhere]">
                  {visibleText(message.text)}
                </span>
              </li>
            ))}
          </ul>
        </article>
      ))}
      {errors.length > 0 && (
        <ul className="text-warn text-xs">
          {errors.slice(0, 5).map((error) => (
            <li key={`${error.line} ${error.message}`} className="content-text">
              {error.line !== null && `line ${error.line}: `}
              {visibleText(error.message)}
            </li>
          ))}
        </ul>
      )}
      {conversations.length === 0 && !archive && errors.length === 0 && (
        <p className="text-muted">The file begins with nothing that can be shown.</p>
      )}
    </section>
  );
}

function Running({ job_id, onClose, onAgain }: { job_id: string; onClose(): void; onAgain(): void }) {
  const { data: job, error, refetch } = useJob(job_id);
  const navigate = useNavigate();
  const isRunning = job === undefined || job.state === 'running';
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
