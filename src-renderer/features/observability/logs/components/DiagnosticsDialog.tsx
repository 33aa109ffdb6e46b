/** Shows what a file of diagnostics holds, makes it, and hands it over to be saved. */
import { useQuery } from '@tanstack/react-query';
import { CircleCheck, Download } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { DiagnosticsContents } from '../../../../../src-contract/index.ts';
import { api, client } from '../../../../rpc/client.ts';
import { problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { bytes, plural } from '../../../../ui/format.ts';
import { Progress } from '../../../../ui/Progress.tsx';
import { saveFile } from '../../../../ui/save-text.ts';
import { ErrorState, SkeletonRows } from '../../../../ui/states.tsx';
import { type DiagnosticsProgress, type ReadDiagnostics, readDiagnostics } from '../model/read-diagnostics.ts';

type State =
  | { name: 'asking' }
  | { name: 'making'; progress: DiagnosticsProgress }
  | { name: 'saved'; bytes: number; missing: ReadDiagnostics['missing'] }
  | { name: 'failed'; message: string };

const BEGINNING: DiagnosticsProgress = { file: null, share: 0, bytes: 0 };

export function DiagnosticsDialog({ onClose }: { onClose(): void }) {
  const contents = useQuery(api.logs.diagnosticsContents.queryOptions({ staleTime: 0 }));
  const { state, make, cancel } = useMaking();
  const isMaking = state.name === 'making';
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      title="Export diagnostics"
      description="One ZIP file for whoever helps you. Nothing is sent: you save it, look into it, and pass it on yourself."
      width="max-w-2xl"
      footer={
        <>
          <Button onClick={isMaking ? cancel : onClose}>
            {isMaking ? 'Cancel' : state.name === 'saved' ? 'Close' : 'Not now'}
          </Button>
          <Button
            look="primary"
            busy={isMaking}
            disabled={contents.data === undefined}
            icon={<Download aria-hidden="true" className="size-4" />}
            onClick={() => contents.data && void make(contents.data.file_name)}
          >
            {state.name === 'saved' ? 'Save again' : 'Save the file'}
          </Button>
        </>
      }
    >
      <div className="space-y-4">
        <Making state={state} />
        {contents.data ? (
          <Contents contents={contents.data} />
        ) : contents.isError ? (
          <ErrorState error={contents.error} onRetry={() => void contents.refetch()} />
        ) : (
          <SkeletonRows rows={6} />
        )}
      </div>
    </Dialog>
  );
}

function useMaking() {
  const [state, setState] = useState<State>({ name: 'asking' });
  const running = useRef<AbortController>(undefined);
  useEffect(() => () => running.current?.abort(), []);
  const cancel = () => {
    running.current?.abort();
    setState({ name: 'asking' });
  };
  const make = async (file_name: string) => {
    const controller = new AbortController();
    running.current = controller;
    setState({ name: 'making', progress: BEGINNING });
    try {
      const pieces = await client.logs.diagnostics(undefined, { signal: controller.signal });
      const { parts, missing } = await readDiagnostics(pieces, (progress) => {
        if (!controller.signal.aborted) setState({ name: 'making', progress });
      });
      if (controller.signal.aborted) return;
      const file = new Blob(parts, { type: 'application/zip' });
      saveFile(file_name, file);
      setState({ name: 'saved', bytes: file.size, missing });
    } catch (error) {
      if (!controller.signal.aborted) setState({ name: 'failed', message: problemOf(error).message });
    }
  };
  return { state, make, cancel };
}

function Making({ state }: { state: State }) {
  switch (state.name) {
    case 'asking':
      return null;
    case 'making':
      return (
        <div className="space-y-1">
          <Progress label="Diagnostics" value={state.progress.share} />
          <p className="text-muted text-xs tabular-nums">
            {state.progress.file ?? 'Beginning'} · {bytes(state.progress.bytes)}
          </p>
        </div>
      );
    case 'saved':
      return (
        <div role="status" className="space-y-1">
          <p className="flex items-center gap-1.5 font-medium">
            <CircleCheck aria-hidden="true" className="size-4 text-ok" /> The file was made: {bytes(state.bytes)}
          </p>
          {state.missing.length > 0 && (
            <p className="text-warn text-xs">
              {plural(state.missing.length, 'part')} could not be asked, which the file says:{' '}
              {state.missing.map(({ file, why }) => `${file} (${why})`).join('; ')}
            </p>
          )}
        </div>
      );
    case 'failed':
      return (
        <p role="alert" className="text-bad [overflow-wrap:anywhere]">
          {state.message}
        </p>
      );
  }
}

function Contents({ contents: { files, left_out } }: { contents: DiagnosticsContents }) {
  return (
    <>
      <section className="space-y-1">
        <h3 className="font-semibold text-muted text-xs">What is in it</h3>
        <ul className="space-y-1">
          {files.map(({ file, what }) => (
            <li key={file} className="grid grid-cols-[180px_minmax(0,1fr)] gap-3">
              <span className="one-line font-mono text-xs leading-5">{file}</span>
              <span className="text-muted">{what}</span>
            </li>
          ))}
        </ul>
      </section>
      <section className="space-y-1">
        <h3 className="font-semibold text-muted text-xs">What is left out</h3>
        <ul className="list-disc space-y-1 pl-5 text-muted">
          {left_out.map((what) => (
            <li key={what}>{what}</li>
          ))}
        </ul>
      </section>
    </>
  );
}
