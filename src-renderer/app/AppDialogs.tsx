/** Dialogs that can be opened from everywhere; loaded when they are. */
import { lazy, Suspense, useEffect, useMemo, useState } from 'react';
import { useDialogs } from './dialog-store.ts';
import { Guarded } from './Guarded.tsx';

/** Made anew after a failure: what could not be loaded once is never asked for again by React. */
const lazyDialogs = () => ({
  Import: lazy(async () => ({
    default: (await import('../features/transfer/components/ImportDialog.tsx')).ImportDialog,
  })),
  Export: lazy(async () => ({
    default: (await import('../features/transfer/components/ExportDialog.tsx')).ExportDialog,
  })),
  Transfers: lazy(async () => ({
    default: (await import('../features/transfer/components/TransfersDialog.tsx')).TransfersDialog,
  })),
  Diagnostics: lazy(async () => ({
    default: (await import('../features/observability/logs/components/DiagnosticsDialog.tsx')).DiagnosticsDialog,
  })),
  PauseOps: lazy(async () => ({
    default: (await import('../features/ops-agent/status/components/PauseDialog.tsx')).PauseDialog,
  })),
  Connect: lazy(async () => ({
    default: (await import('../features/transfer/components/ConnectAgentDialog.tsx')).ConnectAgentDialog,
  })),
});

export function AppDialogs() {
  const { shown, files, close } = useDialogs();
  const [attempt, setAttempt] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: each attempt has its own.
  const { Import, Export, Transfers, Connect, Diagnostics, PauseOps } = useMemo(lazyDialogs, [attempt]);
  const onFailure = () => {
    close();
    setAttempt(attempt + 1);
  };
  return (
    <>
      <Guarded name="This window" isOpen={shown !== null} onClose={onFailure}>
        <Suspense>
          {shown === 'import' && <Import files={files} onClose={close} />}
          {shown === 'export' && <Export onClose={close} />}
          {shown === 'transfers' && <Transfers onClose={close} />}
          {shown === 'connect' && <Connect onClose={close} />}
          {shown === 'diagnostics' && <Diagnostics onClose={close} />}
          {shown === 'pause-ops' && <PauseOps onClose={close} />}
        </Suspense>
      </Guarded>
      <DropTarget />
    </>
  );
}

/** A file dropped anywhere on the window is offered for import. */
function DropTarget() {
  const open = useDialogs((store) => store.open);
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      const files = [...(event.dataTransfer?.files ?? [])];
      if (files.length > 0) open('import', files);
    };
    window.addEventListener('dragover', onOver);
    window.addEventListener('dragleave', onLeave);
    window.addEventListener('drop', onDrop);
    return () => {
      window.removeEventListener('dragover', onOver);
      window.removeEventListener('dragleave', onLeave);
      window.removeEventListener('drop', onDrop);
    };
  }, [open]);
  if (!isOver) return null;
  return (
    <div className="pointer-events-none fixed inset-3 z-60 flex items-center justify-center rounded-xl border-2 border-accent border-dashed bg-bg/85">
      <p className="font-semibold text-lg">Drop to import</p>
    </div>
  );
}
