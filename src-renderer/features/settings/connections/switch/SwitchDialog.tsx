/** Opens another profile in place of the one that is open, and asks what must be asked before. */
import { useNavigate } from '@tanstack/react-router';
import { TriangleAlert } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { TransferJob } from '../../../../../src-contract/index.ts';
import { useDialogs } from '../../../../app/dialog-store.ts';
import { errorDetails, problemOf } from '../../../../rpc/errors.ts';
import { Button } from '../../../../ui/Button.tsx';
import { CopyButton } from '../../../../ui/CopyButton.tsx';
import { visibleText } from '../../../../ui/content/visible-text.ts';
import { Dialog } from '../../../../ui/Dialog.tsx';
import { Progress } from '../../../../ui/Progress.tsx';
import { useTransfers } from '../../../transfer/hooks/use-transfers.ts';
import { nameOf } from '../../../transfer/job-words.ts';
import { MigrationsPreview } from './MigrationsPreview.tsx';
import { type SwitchState, useSwitching } from './use-switching.ts';

export interface SwitchDialogProps {
  profile_id: string;
  name: string;
  onClose(): void;
}

export function SwitchDialog({ profile_id, name, onClose }: SwitchDialogProps) {
  const { state, open, giveUp } = useSwitching(profile_id, name, onClose);
  const navigate = useNavigate();
  const openDialog = useDialogs((store) => store.open);
  const [isAgreed, setAgreed] = useState(false);
  const running = useTransfers().jobs.filter((job) => job.state === 'running');
  // A database that is being changed is brought to the end of it: a window that is closed would not stop that.
  const isMigrating = state.kind === 'opening' && state.migrating;
  const leave = state.kind === 'opening' ? giveUp : onClose;
  const close = <Button onClick={onClose}>Cancel</Button>;
  const edit = () => {
    onClose();
    void navigate({ to: '/settings/connections', search: { profile: profile_id } });
  };
  const showTransfers = () => {
    onClose();
    openDialog('transfers');
  };
  return (
    <Dialog
      open
      width={state.kind === 'migrations' ? 'max-w-2xl' : 'max-w-lg'}
      onOpenChange={(isOpen) => !isOpen && !isMigrating && leave()}
      title={titleOf(state, visibleText(name))}
      footer={footer()}
    >
      {body()}
    </Dialog>
  );

  function body(): ReactNode {
    switch (state.kind) {
      case 'unsaved':
        return <p>Something on this page is not saved yet. With another connection it is gone.</p>;
      case 'opening':
        return (
          <div role="status" className="space-y-3 py-2">
            <Progress label={`Opening ${visibleText(name)}`} value={null} />
            <p className="text-muted">
              {state.migrating ? 'The database is brought up to date, then opened.' : 'Archon starts on it.'} What is
              open now stays open until that is done.
            </p>
          </div>
        );
      case 'migrations':
        return <MigrationsPreview preview={state.preview} name={name} isAgreed={isAgreed} onAgree={setAgreed} />;
      case 'busy':
        return (
          <>
            <p role="alert" className="content-text">
              {visibleText(state.message)}
            </p>
            <RunningTransfers running={running} />
          </>
        );
      case 'failed':
        return (
          <div className="space-y-3">
            <p role="alert" className="flex gap-2 rounded-md bg-bad-soft px-3 py-2 text-bad">
              <TriangleAlert aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
              <span className="content-text min-w-0">{visibleText(problemOf(state.error).message)}</span>
            </p>
            <p className="text-muted">The connection before stays open; nothing has changed.</p>
            <CopyButton text={() => errorDetails(state.error)} label="Copy details" />
          </div>
        );
    }
  }

  function footer(): ReactNode {
    switch (state.kind) {
      case 'opening':
        return isMigrating ? null : <Button onClick={giveUp}>Cancel</Button>;
      case 'unsaved':
        return (
          <>
            <Button onClick={onClose}>Stay</Button>
            <Button look="danger" onClick={() => void open()}>
              Discard it and open
            </Button>
          </>
        );
      case 'migrations':
        return (
          <>
            {close}
            <Button
              look="primary"
              blocked={isAgreed ? undefined : 'Say first that the database may be changed.'}
              onClick={() => void open(state.preview.target)}
            >
              Change the database and open
            </Button>
          </>
        );
      case 'busy':
        return (
          <>
            {close}
            {running.length === 0 ? (
              <Button onClick={edit}>Look at the connection</Button>
            ) : (
              <Button onClick={showTransfers}>Show the transfers</Button>
            )}
            <Button look="primary" onClick={() => void open()}>
              Try again
            </Button>
          </>
        );
      case 'failed':
        return (
          <>
            {close}
            <Button onClick={edit}>Look at the connection</Button>
            <Button look="primary" onClick={() => void open()}>
              Try again
            </Button>
          </>
        );
    }
  }
}

function titleOf({ kind }: SwitchState, name: string): string {
  switch (kind) {
    case 'opening':
      return `Opening ${name}`;
    case 'unsaved':
    case 'migrations':
      return `Open ${name}?`;
    case 'busy':
      return `${name} cannot be opened now`;
    case 'failed':
      return `${name} could not be opened`;
  }
}

/** What has to end first. */
function RunningTransfers({ running }: { running: readonly TransferJob[] }) {
  if (running.length === 0) return null;
  return (
    <ul aria-label="Imports and exports that run" className="mt-3 list-disc space-y-0.5 pl-5 text-muted">
      {running.map((job) => (
        <li key={job.job_id} className="[overflow-wrap:anywhere]">
          {job.kind === 'import' ? 'Import' : 'Export'}: {visibleText(nameOf(job))}
        </li>
      ))}
    </ul>
  );
}
